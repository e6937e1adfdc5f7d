runbook x, "X" do
  sh read: "date", timeout: 5.s, as: seen
  if seen.out == "done" do
#                       ^^ RB0033 `if` has no `do`
# help: `if COND`, its statements, and `end`
    note "x"
  elsif seen.out == "half" do
#                          ^^ RB0033 `elsif` has no `do`
# help: `elsif COND`, its statements, and `end`
    note "y"
  else
    note "z"
  end
end
