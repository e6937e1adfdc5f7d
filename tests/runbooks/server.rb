# The same objectives by a scrape of the service and by its Prometheus server.
runbook server, "By scrape and by server" do
  param metrics_url, url
  param prom_url, url
  source prod, scrape: metrics_url
  source prom, prometheus: prom_url, alive: 20.s

  slo success_scraped, "Success, scraped", from: prod do
    value promql '1 - sum(rate(http_requests_total{status=~"5.."}[$__rate_interval])) / sum(rate(http_requests_total[$__rate_interval]))'
    unit percent
    target >= 98.pct
  end
  slo success, "Success, by the server", from: prom do
    value promql '1 - sum(rate(http_requests_total{status=~"5.."}[$__rate_interval])) / sum(rate(http_requests_total[$__rate_interval]))'
    unit percent
    target >= 98.pct
  end
  slo slowest_scraped, "Slowest route, scraped", from: prod do
    value promql 'sum by (route) (rate(http_server_requests_seconds_sum[5m])) / sum by (route) (rate(http_server_requests_seconds_count[5m]))', series: worst
    unit s
    target <= 2.s
  end
  slo slowest, "Slowest route, by the server", from: prom do
    value promql 'sum by (route) (rate(http_server_requests_seconds_sum[5m])) / sum by (route) (rate(http_server_requests_seconds_count[5m]))', series: worst
    unit s
    target <= 2.s
  end
  slo fallback, "Fallbacks, declared or there", from: prom do
    value promql 'sum(increase(metasheet_fallback_effective_total[5m])) or vector(0)'
    unit none
    target < 1000
  end
  slo never, "A wrong name", from: prom do
    value promql 'sum(rate(metasheet_falback_total[5m])) or vector(0)'
    unit none
    target < 1
    no_data inconclusive
  end

  sample prod, every: 1.min, count: 4, as: scraped
  query prom, as: zero
  sample prom, since: zero, every: 1.min, count: 4, as: asked do
    on unreachable(prom) do note "no server" end
    on no_data(never) do note "never seen" end
  end
end
