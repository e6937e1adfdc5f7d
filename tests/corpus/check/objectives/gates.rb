# How many samples make a crossing, and how many are enough.
runbook t, "T" do
  source prod, scrape: "http://a.example/metrics"
  slo a, "A", from: prod do
# ^^^^^^^^^^^^^^^^^^^^^^ RB0653 warning: 5 samples are the least, and an observation of it has 3: it is no data
# help: unless the observation is extended
    value ratio bad: 'b', total: 't'
    unit percent
    target >= 98.pct
    fails 3, of: 2
#   ^^^^^^^^^^^^^^ RB0653 3 of the last 2 samples can never be
# help: `of:` is at least as large as `fails`
    no_data fail, min_samples: 5
  end
  slo b, "B", from: prod do
    value ratio bad: 'b', total: 't'
    unit percent
    target >= 98.pct
    fails 1, recovers: 0
#                      ^ RB0212 `recovers:` is a number from 1 to 1000
    on_error fail, min_samples: 5
#                  ^^^^^^^^^^^ RB0305 `on_error` has no option `min_samples:`
# help: it takes en:
  end
  sample prod, every: 1.min, count: 3, as: base do
    on recovered(a), for: 2 do
#   ^^^^^^^^^^^^^^^^^^^^^^^ RB0313 this event is not counted over samples
# help: of an objective: `fails 2, of: 3, recovers: 2`
      note "r"
    end
    on missed, for: 2, of: 3 do
      note "m"
    end
    on reset(prod), for: 2 do
      note "crash loop"
    end
  end
end
