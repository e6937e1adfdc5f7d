# What a Prometheus server cannot be asked.
runbook t, "T" do
  param urls, list, default: ["http://a.example"]
  source prom, prometheus: "http://prom.example:9090"
  source both, prometheus: "http://prom.example:9090", scrape: "http://a.example/metrics"
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0308 a source is scraped, is a Prometheus server or is an Alertmanager: one of the three
# help: source prod, scrape: metrics_url   or   prometheus: prom_url   or   alertmanager: alert_url
  source many, prometheus: ["http://a.example", "http://b.example"]
#                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0201 a Prometheus server or an Alertmanager has one url
# help: one source for each
  source wrong, prometheus: "prom.example"
#                           ^^^^^^^^^^^^^^ RB0201 "prom.example" is no URL; one reads `https://host:port/path`
  secret token, env: "TOKEN"
  source twice, scrape: "https://a.example/metrics", bearer: token, user: "monitor", password: token, ca: "ca.pem"
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0308 a source is shown a `bearer:`, or a `user:` and a `password:`
# help: bearer: token   or   user: "monitor", password: secret_name
  source half, alertmanager: "https://a.example", user: "monitor"
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0308 `user:` and `password:` belong together
# help: bearer: token   or   user: "monitor", password: secret_name
  slo a, "A", from: prom do
    value ratio bad: 'b', total: 't'
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0653 `ratio` counts over scrapes, and a Prometheus server is asked in PromQL
# help: value promql 'sum(increase(a_total[$__range])) / sum(increase(b_total[$__range]))'
    unit percent
    target >= 98.pct
  end
  slo b, "B", from: prom do
    value promql 'up'
    unit none
    target >= 1
  end
  query prom, increase: 'b', as: rows
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0313 `increase:` compares scrapes, and a Prometheus server is not scraped
# help: `promql:` asks it: increase(…[10m])
  sample prom, every: 1.min, count: 3, as: base do
    on reset(prom) do
#      ^^^^^^^^^^^ RB0506 a Prometheus server does not tell restarts: this never fires
# help: an objective can: promql 'resets(process_cpu_seconds_total[$__range])'
      note "r"
    end
    on alert(prom) do
#      ^^^^^^^^^^^ RB0506 alerts come from an Alertmanager, and this source has metrics
# help: source alerts, alertmanager: URL
      note "a"
    end
  end
  assert reported(base, "b"), "it is there"
#                 ^^^^ RB0208 whether a target reports a metric is told by its scrapes, and this series is a server's
end
