runbook lost, "An objective that is wrong brings no second error" do
  source prod, scrape: "https://app.example/metrics"
  slo ok, "OK", from: prod do
    value ratio bad: 'http_errors_total', total: 'http_requests_total'
    unit percent
    target >= 98
#             ^^ RB0652 the value is a percent, this is an int
# help: write it as `98.pct`
  end
  sample prod, every: 1.min, count: 2, as: baseline, slos: all do
    on breach(any) do
      note "x"
    end
  end
end
