# A scenario that nothing runs, an objective that nothing measures.
runbook unused, "Unused" do
  param metrics_url, url
  source prod, scrape: metrics_url
  slo rate, "Rate", from: prod do
    value ratio part: 'a_total', total: 'b_total'
    unit percent
    target >= 98.pct
  end
  slo left_out, "Left out", from: prod do
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0508 warning: nothing measures the objective `left_out`
# help: a `sample` of its source does, unless its `slos:` leaves it out
    value ratio part: 'a_total', total: 'b_total'
    unit percent
    target >= 98.pct
  end
  sample prod, every: 1.min, count: 3, as: baseline, slos: [rate]
  scenario forgotten, "Forgotten" do
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0508 warning: nothing runs the scenario `forgotten`
# help: on EVENT do run SCENARIO end, else: run(SCENARIO), or run SCENARIO
    note "x"
  end
end
