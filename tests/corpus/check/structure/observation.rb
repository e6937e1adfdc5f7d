# Observations.
runbook observation, "Observation" do
  param metrics_url, url
  param alert_url, url
  source prod, scrape: metrics_url
  source other, scrape: metrics_url
  source alerts, alertmanager: alert_url
  slo rate, "Rate", from: prod do
#     ---- RB0110 this is what it is
    value ratio part: 'a_total', total: 'b_total'
    unit percent
    target >= 98.pct
  end
  slo of_other, "Of another", from: other do
    value ratio part: 'a_total', total: 'b_total'
    unit percent
    target >= 98.pct
    alert < 95.pct
  end

  query other, as: zero
  ask remark, string, "Remark"
  sample prod, since: zero, every: 0.s, count: 0, as: first_one do
#                     ^^^^ RB0110 this is a scrape of another source
# help: query prod, as: zero   and then   since: zero
#                                  ^^^ RB0212 `every:` must be more than nothing
#                                              ^ RB0212 an observation has from 1 to 100000 samples
    note "x"
#   ^^^^^^^^ RB0302 `note` cannot stand in a `sample` or `watch`
# help: it stands directly in the runbook, or in a step, scenario or other block of steps, or in a `precheck` or `verify`
  end
  sample prod, since: remark, every: 1.min, count: 3, as: second_one, slos: [rate, of_other] do
#                     ^^^^^^ RB0110 this is no scrape that was taken before
# help: query prod, as: zero   and then   since: zero
#                                                                                  ^^^^^^^^ RB0653 this objective reads another source
    at 5 do
#      ^ RB0506 warning: there is no sample 5, unless it is extended
# help: `count:` is 3
      note "x"
    end
    at 0, 1, 1 do
#      ^ RB0212 `at` is a number from 1 to 100000
#            ^ RB0306 sample 1 stands twice
      note "x"
    end
    on breach(any), for: 3, of: 2 do
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0506 3 of the last 2 samples can never be
# help: `of:` is at least as large as `for:`
#   ----------------------------- RB0501 first here
      note "x"
    end
    on alert_level(rate) do
#      ^^^^^^^^^^^^^^^^^ RB0506 none of these objectives has an alert level: this never fires
# help: alert < 95.pct, in the `slo`
      note "x"
    end
    on braech(rate) do
#      ^^^^^^ RB0311 there is no event `braech`
# help: did you mean `breach`?
      note "x"
    end
    on breach do
#   ^^^^^^^^^ RB0501 the key `on.breach` stands twice in its block
# help: put the two together, or give one a `key:`
#      ^^^^^^ RB0311 `breach` is written otherwise
# help: breach(any)   or   breach(slo)
      note "x"
    end
    on unreachable(other) do
#      ^^^^^^^^^^^^^^^^^^ RB0506 this observation samples another source: this never fires
      note "x"
    end
    on alert(prod) do
#      ^^^^^^^^^^^ RB0506 alerts come from an Alertmanager, and this source has metrics
# help: source alerts, alertmanager: URL
      note "x"
    end
    on recovered(any), for: 2 do
#   ^^^^^^^^^^^^^^^^^^^^^^^^^ RB0313 this event is not counted over samples
# help: of an objective: `fails 2, of: 3, recovers: 2`
      note "x"
    end
    on no_data(of_other) do
      sample prod, every: 1.min, count: 1, as: third_one
#     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0302 an observation cannot begin in a handler of another
# help: `extend` takes more samples
    end
  end
  sample alerts, every: 1.min, count: 3, as: fourth_one
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0653 an Alertmanager has no metrics to sample
# help: sample the service; its alerts come by `on alert(source)`
  sample other, every: 1.min, count: 3, as: fifth_one do
    on breach(rate) do
#             ^^^^ RB0506 this objective is not in this observation: this never fires
# help: `slos:` of the `sample` names them
      extend fifth_one, by: 0
#                           ^ RB0212 an observation is extended by one sample at least
    end
  end
  report table: fifth_one.table, to: "x"
#               ^^^^^^^^^^^^^^^ RB0201 a table is made from the objectives of a series
# help: table: baseline.slos
  report table: fifth_one.slos, columns: [traget], to: "x"
#                                         ^^^^^^ RB0311 `columns:` knows no `traget`
# help: did you mean `target`?
  report samples: fifth_one, to: "samples.xlsx"
#                                ^^^^^^^^^^^^^^ RB0311 samples are written as `.csv` or as `.json`
# help: to: "results/samples.csv"
  report samples: fifth_one, columns: [min], to: "#{run.id}.csv"
#                            ^^^^^^^^^^^^^^ RB0313 `columns:` belongs to `table:`
  report samples: rate, to: "#{run.id}"
#                 ^^^^ RB0110 `rate` is no series
# help: sample SOURCE, …, as: NAME
#                           ^^^^^^^^^^^ RB0311 samples are written as `.csv` or as `.json`
# help: to: "results/samples.csv"
  report samples: fifth_one, table: fifth_one.slos, to: "x.csv"
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0308 a report is made from one of `template:`, `table:`, `samples:`
# help: report template: "FILE", to: "FILE"
  chart fifth_one, to: "trend.png"
#                      ^^^^^^^^^^^ RB0311 a chart is written as `.svg`
# help: to: "results/trend.svg"
  chart fifth_one, slos: [of_other, rate], to: "trend.svg"
#                                   ^^^^ RB0653 this objective is not in this observation: there is nothing to draw
# help: `slos:` of the `sample` names them
  chart fifth_one, slos: [], to: "#{run.id}.svg"
#                        ^^ RB0308 a chart without objectives
# help: slos: all
  chart rate, to: "trend.svg"
#       ^^^^ RB0110 `rate` is no series
# help: sample SOURCE, …, as: NAME
  chart fifth_one
# ^^^^^^^^^^^^^^^ RB0307 `chart` needs `to:`
# help: The file that is written: an SVG. Form: chart SERIES, to: "FILE.svg"
end
