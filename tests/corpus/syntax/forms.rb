runbook release, "Release" do
  let x
#     ^ RB0001 `let` needs `=` and a value
# help: write `let x = …`
  if
# ^^ RB0041 a value is missing after `if`
# help: write it
    note "x"
  end
  slo p99, "P99", from: prod do
    value
#   ^^^^^ RB0001 the line ends too early, after `value`
    value ratio
#         ^^^^^ RB0001 `value` needs a form and what it is made of
# help: `value ratio part: …, total: …`, `value ratio bad: …, total: …`, `value quantile 0.99, of: …`, `value promql …`
    target 98.pct
#          ^^ RB0001 `target` needs a comparison
# help: `target >= 98.pct`, `target < 2.s`
    alert below 95.pct
#         ^^^^^ RB0001 `alert` needs a comparison
# help: `alert >= 98.pct`, `alert < 2.s`
    unit s, <= 3
#           ^^ RB0001 `<=` cannot stand here
# help: `word NAME, "title", option: value`
  end
end
