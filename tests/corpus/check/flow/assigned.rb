# On every path.
runbook assigned_names, "Assigned" do
  note "#{later.out}"
#         ^^^^^ RB0111 `later` has no value when the run begins
# help: a declaration reads parameters, secrets, earlier `let`s, `run` and `executor`
  sh read: "hostname", as: later
#                          ----- RB0111 bound here
#                          ----- RB0103 a path leads around this
  sh read: "hostname", if: later.status == 0, as: maybe
#                                                 ----- RB0103 a path leads around this
  assert 1 + choose(assigned(maybe) && maybe.status == 0, 1, 0) == 1, "only where it is there, also inside of another"
  note "#{maybe.out}"
#         ^^^^^ RB0103 `maybe` may not be assigned here
# help: ask `assigned(maybe)` first, or bind it on every path that leads here
  note "#{choose(assigned(maybe), maybe.out, "nothing")}"

  if later.out == "a"
    ask in_arm, string, "In one arm"
    ask in_both, string, "In one, the other never goes on"
  else
    abort because: "another host"
  end
  note "#{in_arm} #{in_both}"

  decide way, "Which way?" do
    option left, "Left" do
      ask only_left, string, "Left only"
#         --------- RB0103 a path leads around this
    end
    option right, "Right"
  end
  note "#{only_left}"
#         ^^^^^^^^^ RB0103 `only_left` may not be assigned here
# help: ask `assigned(only_left)` first, or bind it on every path that leads here

  try 3 do
    sh read: "hostname", as: tried
#                            ----- RB0103 a path leads around this
  repair do
    note "#{tried.out}"
#           ^^^^^ RB0103 `tried` may not be assigned here
# help: ask `assigned(tried)` first, or bind it on every path that leads here
  end
  end
  note "#{tried.out}"

  ask too_late, string, "In time?", within: 5.min, else: run(too_slow)
#     -------- RB0103 a path leads around this
  note "#{too_late}"
#         ^^^^^^^^ RB0103 `too_late` may not be assigned here
# help: ask `assigned(too_late)` first, or bind it on every path that leads here

  step skipped, "Skipped", if: later.out == "b" do
#      ------- RB0103 a path leads around this
    note "x"
  end
  assert skipped.verdict != fail, "the verdict is there in any case"
  note "it took #{skipped.took}"
#                 ^^^^^^^ RB0103 `skipped` may not be assigned here
# help: ask `assigned(skipped)` first, or bind it on every path that leads here

  scenario too_slow, "Too slow" do
    note "waited"
  end

  finally do
    note "#{later.out}"
#           ^^^^^ RB0103 `later` may not be assigned here
# help: ask `assigned(later)` first, or bind it on every path that leads here
    if assigned(tried)
      note "#{tried.out}"
    end
  end
end
