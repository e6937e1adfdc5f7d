# What a question of a `query` cannot be.
runbook t, "T" do
  source prod, scrape: "http://a.example/metrics"
  query prod, promql: 'sum(rate(http_requests_total[5m]) by (status)', as: unclosed
#                                                        ^^ RB0700 "by" stands where an operator, "," or ")" should be
  query prod, promql: 'summ(http_requests_total)', as: unknown
#                      ^^^^ RB0701 there is no function summ
# help: sum, perhaps
  query prod, promql: 'rate(http_requests_total[$__rate_interval])', as: interval
#                                               ^^^^^^^^^^^^^^^^ RB0701 a `query` has no sampling interval
# help: write the range: `[10m]`; `$__range` is the run so far
  query prod, promql: 'http_requests_total[5m]', as: range
#                     ^^^^^^^^^^^^^^^^^^^^^^^^^ RB0703 this gives the samples of a range, and a value is one number
# help: put it into a function: rate(…)
  query prod, promql: '{status="500"}', as: nameless
#                     ^^^^^^^^^^^^^^^^ RB0651 each selector names its metric
# help: a scrape keeps only the metrics that are named, and one that was never seen can be told
  query prod, promql: '1 + 1', as: nothing
#                     ^^^^^^^ RB0651 this looks at no metric: it is the same at every sample
# help: sum(rate(http_requests_total[10m]))
  query prod, promql: 'scalar(http_requests_total)', by: [status], as: scalar
#                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0651 this gives one number, and `by:` tells several series apart
# help: leave `by:` out
  query prod, promql: 'http_requests_total', increase: 'http_requests_total', as: both
#             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0308 `increase:` and `promql:` are two questions
  query prod, by: [status], as: alone
#             ^^^^^^^^^^^^ RB0313 `by:` belongs to `increase:` or `promql:`, and there is none
  query prod, promql: 'http_requests_total', unit: minutes, as: unit
#                                                  ^^^^^^^ RB0311 `unit:` knows no `minutes`
# help: one of: percent s bytes none
  query prod, promql: 'avg(latency_seconds)', unit: s, as: latency
  query prod, promql: 'latency_seconds', by: [route], unit: s, as: latencies
  assert latency.value < 500.ms && latency.value < 20.MB, "seconds are no bytes"
#                                  ------------- RB0202 a duration
#                                  ^^^^^^^^^^^^^^^^^^^^^ RB0202 `<` cannot compare a duration with bytes
# help: both sides need the same unit
#                                                  ----- RB0202 bytes
  assert count(latencies.value) > 0, "some"
  each slow, in: latencies.value, key_by: slow.route do
    note "#{slow.value} #{slow.path}"
#                              ^^^^ RB0105 there is no field `path`
# help: its fields: route value
  end
end
