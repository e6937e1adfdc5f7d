# Objectives in PromQL, beside the exact form of the same thing.
runbook expressions, "Objectives in PromQL" do
  param metrics_url, url
  source prod, scrape: metrics_url, alive: 30.s

  slo exact, "Success, exactly", from: prod do
    value ratio bad: 'http_requests_total{status=~"5.."}', total: 'http_requests_total'
    unit percent
    target >= 98.pct
  end
  slo success, "Success", from: prod do
    value promql <<~'QUERY'
      1 - sum(increase(http_requests_total{status=~"5.."}[$__range]))
        / sum(increase(http_requests_total[$__range]))
    QUERY
    unit percent
    target >= 98.pct
    alert < 95.pct
  end
  slo p99, "P99 latency", from: prod do
    value promql 'histogram_quantile(0.99, sum by (le) (rate(http_server_requests_seconds_bucket[$__rate_interval])))'
    unit s
    target <= 2.s
  end
  slo slowest, "Mean latency of the slowest route", from: prod do
    value promql 'sum by (route) (rate(http_server_requests_seconds_sum[2m])) / sum by (route) (rate(http_server_requests_seconds_count[2m]))', series: worst
    unit s
    target <= 2.s
  end

  sample prod, every: 1.min, count: 6, as: baseline, slos: all, log: "log.txt" do
    on breach(success) do note "errors: #{baseline.success.last}" end
    on unreachable(prod) do note "not there" end
  end
end
