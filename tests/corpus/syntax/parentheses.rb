runbook release, "Release" do
  sh("make", timeout: 1.min)
#   ^ RB0042 `sh` takes its arguments without parentheses
# help: write `sh …`, without the outer `(` and `)`
  note("done")
#     ^ RB0042 `note` takes its arguments without parentheses
# help: write `note …`, without the outer `(` and `)`
  assert contains (list, "a"), "a"
#                 ^ RB0042 no blank stands between `contains` and its `(`
# help: write `contains(…)`
  assert list.include("a"), "a"
#                    ^ RB0042 `.include` takes no arguments: there are no methods here
# help: functions stand before their values: `include(x, …)`
end
