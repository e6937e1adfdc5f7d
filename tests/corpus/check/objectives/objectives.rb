# Objectives.
runbook objectives, "Objectives" do
  param metrics_url, url
  param alert_url, url
  source prod, scrape: metrics_url
  source alerts, alertmanager: alert_url
  source both, scrape: metrics_url, alertmanager: alert_url
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0308 a source is scraped, is a Prometheus server or is an Alertmanager: one of the three
# help: source prod, scrape: metrics_url   or   prometheus: prom_url   or   alertmanager: alert_url

  slo a, "A", from: prod do
    value ratio bad: 'http_requests_total{status=~"5.."', total: 'http_requests_total'
#                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0650 a comma or } is expected here
    unit percent
    target >= 98.pct
  end
  slo b, "B", from: prod do
    value ratio part: 'rate(a_total[5m])', total: ['b_total', '{x="y"}']
#                          ^ RB0650 rate(…) is an expression, not a selector
# help: for an expression write promql '…'
#                                                              ^ RB0650 a selector begins with the metric's name
# help: http_requests_total{status=~"5.."}
    unit percent
    target >= 98
#             ^^ RB0652 the value is a percent, this is an int
# help: write it as `98.pct`
  end
  slo c, "C", from: prod do
    value ratio part: 'a_total'
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0651 a ratio is a `part:` or what is `bad:`, of a `total:`
# help: value ratio bad: 'http_requests_total{status=~"5.."}', total: 'http_requests_total'
    unit s
    target >= 98.pct
#             ^^^^^^ RB0652 the value is a duration, this is a percent
# help: write it as `2.s`
  end
  slo d, "D", from: prod do
    value quantile 99, of: 'h_seconds'
#                  ^^ RB0651 a quantile is a number from 0 to 1
# help: value quantile 0.99, of: '…'
    unit s
    target <= 2.s
#          ------ RB0653 the target
    alert < 5.s
#         ^^^^^ RB0653 the alert level lies on the good side of the target
# help: target >= 98.pct, alert < 95.pct
  end
  slo e, "E", from: prod do
    value quantile 0.99, of: 'h_seconds'
#   ------------------------------------ RB0652 the value
    unit percent
#        ^^^^^^^ RB0652 a quantile has the unit of its histogram
# help: unit s, unit bytes or unit none
    target <= 2.s
#   ------------- RB0315 first here
    target <= 3.s
#   ^^^^^^^^^^^^^ RB0315 `target` stands twice
  end
  slo f, "F", from: prod do
    value promql 'rate(a_total[5m])'
    unit none
    target == 3
#          ^^^^ RB0652 a bound is one of >= > <= <
    alert > 5
    no_data maybe
#           ^^^^^ RB0311 `no_data` knows no `maybe`
# help: one of: fail ask ignore inconclusive
    fails 0
#         ^ RB0212 `fails` is a number from 1 to 1000
    delay 5
#         ^ RB0202 `delay` needs a unit of time
# help: write `5.s` or `5.min`
  end
  slo g, "G", from: prod do
# ^^^^^^^^^^^^^^^^^^^^^^ RB0654 an objective needs its `target`
# help: target >= 98.pct
    value average of: 'a'
#         ^^^^^^^ RB0311 a value is a `ratio`, a `quantile` or `promql`
# help: value ratio part: '…', total: '…'   or   value quantile 0.99, of: '…'
    unit minutes
#        ^^^^^^^ RB0311 `unit` knows no `minutes`
# help: one of: percent s bytes none
  end
  slo h, "H", from: alerts do
# ^^^^^^^^^^^^^^^^^^^^^^^^ RB0653 an Alertmanager has no metrics to judge
    value ratio part: 'a_total', total: 'b_total'
    unit percent
    target >= 98.pct
#          --------- RB0653 the target
    alert < 99.pct
#         ^^^^^^^^ RB0653 the alert level comes before the target is missed
# help: target >= 98.pct, alert < 95.pct
    no_data fail, "a title is for ask"
#                 ^^^^^^^^^^^^^^^^^^^^ RB0313 a title is shown only with `ask`
  end
  slo i, "I", from: prod do
# ^^^^^^^^^^^^^^^^^^^^^^ RB0654 an objective needs its `unit`
# help: unit percent
    value ratio part: 'a_total', total: 'b_total'
    target >= 98.pct
  end

  query prod, increase: 'a_total{', by: ["x", 3]
#                       ^^^^^^^^^^ RB0650 a label's name is expected here
#                                             ^ RB0312 a label is a bare name
# help: by: [status]
end
