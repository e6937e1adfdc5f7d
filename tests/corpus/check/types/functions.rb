# The set of functions is closed.
runbook functions, "Functions" do
  param names, list, default: ["a"]
  secret token, env: "TOKEN"
  assert count(names) == 1, "fine"
  assert cuont(names) == 1, "a slip"
#        ^^^^^ RB0207 there is no function `cuont`
# help: did you mean `count(…)`?
  assert len(names) == 1, "called otherwise"
#        ^^^ RB0207 there is no function `len`
# help: `count(x)`
  assert now() > run.started_at, "time is an effect"
#        ^^^ RB0207 there is no function `now`
# help: time is an effect: an effect's record has `.started_at` and `.finished_at`, the run has `run.started_at`
  assert count(3) == 1, "a number has no members"
#              ^ RB0208 argument 1 of `count` is int, not a list, map or text
# help: count(list): number of members of a list or map, of characters of a text
  assert count() == 1, "of what?"
#        ^^^^^^^ RB0208 0 arguments; it is `count(list)`
# help: count(list): number of members of a list or map, of characters of a text
  assert host(token) == "a", "a secret stays one"
#             ^^^^^ RB0205 a secret cannot go through `host`
  assert assigned(names.x), "a bare name"
#                 ^^^^^^^ RB0208 `assigned` takes a bare name
# help: what may be null inside a record is read with `default(x.y, …)`
  assert reported(names, "up"), "no series"
#                 ^^^^^ RB0208 this is no series
# help: the name that `sample …, as: NAME` binds
  assert raw(names) == "a", "not here"
#        ^^^^^^^^^^ RB0208 `raw(…)` stands only in the body of a command
# help: sh "grep #{raw(flags)} file"
  assert default(names) == "a", "two"
#        ^^^^^^^^^^^^^^ RB0208 `default` takes a value and what stands in its place
# help: default(live.value.status.readyReplicas, 0)
  assert count(names, deep: true) == 1, "no options"
#                     ^^^^^^^^^^ RB0208 `count(…)` takes no options
  assert capture("v12", /\d+/) == "12", "fine"
  assert choose(count(names) > 1, "many", "one") == "one", "fine"
end
