# The expression of an objective: what is wrong in it, where it stands.
runbook t, "T" do
  param interval, duration, default: 10.min
  source prod, scrape: "http://a.example/metrics"
  slo a, "A", from: prod do
    value promql 'sum(rat(req_total[5m]))'
#                     ^^^ RB0701 there is no function rat
# help: rad, perhaps
    unit none
    target >= 1
  end
  slo b, "B", from: prod do
    value promql "sum(rate(req_total{status=\"500\"}[5m])"
#                                                       ^ RB0700 the expression ends where an operator, "," or ")" should follow
    unit none
    target >= 1
  end
  slo c, "C", from: prod do
    value promql 'req_total[5m]'
#                ^^^^^^^^^^^^^^^ RB0703 this gives the samples of a range, and a value is one number
# help: put it into a function: rate(…)
    unit none
    target >= 1
  end
  slo d, "D", from: prod do
    value promql 'sum({job="x"})', series: some
#                                          ^^^^ RB0311 `series:` knows no `some`
# help: one of: all any worst
    unit none
    target >= 1
  end
  slo e, "E", from: prod do
    value promql '{job="x"}', series: all
#                ^^^^^^^^^^^ RB0651 each selector names its metric
# help: a scrape keeps only the metrics that are named, and one that was never seen can be told
    unit none
    target >= 1
  end
  slo f, "F", from: prod do
    value promql 'vector(1)'
#                ^^^^^^^^^^^ RB0651 this looks at no metric: it is the same at every sample
# help: sum(rate(http_requests_total[10m]))
    unit none
    target >= 1
  end
  slo g, "G", from: prod do
    value promql
#         ^^^^^^ RB0001 `value` needs a form and what it is made of
# help: `value ratio part: …, total: …`, `value ratio bad: …, total: …`, `value quantile 0.99, of: …`, `value promql …`
    unit none
    target >= 1
  end
  slo h, "H", from: prod do
    value promql <<~'QUERY'
      sum(
        rate(req_total{status=~"5.("}[5m])
#                      ^^^^^^^^^^^^^ RB0707 the pattern /5.(/ is not valid: unclosed group
      )
    QUERY
    unit percent
    target >= 98.pct
  end
  slo short, "I", from: prod do
    value promql 'sum(rate(req_total[15m])) / sum(increase(req_total[5m])) + sum(rate(req_total[$__range]))'
#                                   ^^^^^ RB0710 warning: rate over 15m with a sample every 10m sees two samples at best
# help: [$__rate_interval] holds four samples
#                                                                   ^^^^ RB0710 warning: increase over 5m with a sample every 10m sees one sample, so it gives nothing
# help: [$__rate_interval] holds four samples
    unit none
    target >= 1
  end
  slo j, "J", from: prod do
    value promql 'time()', of: 'x'
#                ^^^^^^^^ RB0651 this looks at no metric: it is the same at every sample
# help: sum(rate(http_requests_total[10m]))
#                          ^^^^^^^ RB0313 `of:` means nothing in this form of `value`
# help: value ratio part: '…', total: '…'
    unit s
    target <= 1.s
  end
  slo k, "K", from: prod do
    value promql 'scalar(req_total)', series: worst
#                ^^^^^^^^^^^^^^^^^^^ RB0651 this gives one number, and `series:` chooses among several
# help: leave `series:` out
    unit none
    target >= 1
  end
  sample prod, every: interval, count: 3, as: base, slos: all
end
