# Names that belong to the language.
runbook reserved, "Reserved" do
  param run, string
#       ^^^ RB0104 `run` belongs to the language
# help: take another name
  param metrics_url, url
  role owner, "Owner"
# ^^^^^^^^^^^^^^^^^^^ RB0104 the role `owner` is there already
# help: take another key
  source prod, scrape: metrics_url

  slo table, "Table", from: prod do
#     ^^^^^ RB0104 `table` is a field of every series
# help: an objective is read as `baseline.KEY`; take another key
    value ratio part: 'a_total', total: 'b_total'
    unit percent
    target >= 98.pct
  end

  ask executor, string, "Who"
#     ^^^^^^^^ RB0104 `executor` belongs to the language
# help: take another name
end
