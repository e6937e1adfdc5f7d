runbook release, "Release" do
  version = "1.2"
#         ^ RB0030 `version` is not assigned with `=`
# help: a name is given once, with `let version = …`; a result is named with `as: version`
  count += 1
#       ^^ RB0030 a name keeps its value: nothing is assigned again
# help: count with `count(…)`, collect with `collect` and `add`
  let name = "x"
  let other "x"
#     ^^^^^ RB0001 `let` needs `=` and a value
# help: write `let other = …`
  if name = "x"
#         ^ RB0030 `=` compares nothing
# help: write `==`
    note "y"
  end
end
