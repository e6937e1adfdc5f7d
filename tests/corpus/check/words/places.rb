# Where words stand.
runbook places, "Places" do
#----------------------- RB0505 the first
  value ratio part: 'a', total: 'b'
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0302 `value` cannot stand directly in the runbook
# help: it stands in a `slo`
  item one, "One"
# ^^^^^^^^^^^^^^^ RB0302 `item` cannot stand directly in the runbook
# help: it stands in a `checklist`
  at 1 do
# ^^^^ RB0302 `at` cannot stand directly in the runbook
# help: it stands in a `sample` or `watch`
    note "x"
  end
  step one, "One" do
    section two, "Two" do
#   ^^^^^^^^^^^^^^^^^^ RB0302 `section` cannot stand in a step, scenario or other block of steps
# help: it stands directly in the runbook
      note "x"
    end
    param three, string
#   ^^^^^^^^^^^^^^^^^^^ RB0302 `param` cannot stand in a step, scenario or other block of steps
# help: it stands directly in the runbook
    repair do
#   ^^^^^^ RB0507 `repair` is the last part of a `try`
# help: try 3 do … repair do … end end
      note "x"
    end
    done_when true
#   ^^^^^^^^^^^^^^ RB0302 `done_when` cannot stand in a step, scenario or other block of steps
# help: it stands in a `poll` or `probe`
  end
  precheck four, "Four" do
    confirm "Sure?", key: sure
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0302 `confirm` cannot stand in a `precheck` or `verify`
# help: it stands directly in the runbook, or in a step, scenario or other block of steps
    sh "touch x"
#   ^^^^^^^^^^^^ RB0410 only reads may stand in a `precheck` or `verify`
# help: write `sh read: "…"` if it only looks; move it into a step if it changes something
    http post: "https://example.com"
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0410 only reads may stand in a `precheck` or `verify`
# help: write `sh read: "…"` if it only looks; move it into a step if it changes something
  end
  poll every: 1.s, for: 1.min do
    sh read: "true"
    note "x"
#   ^^^^^^^^ RB0302 `note` cannot stand in a `poll` or `probe`
# help: it stands directly in the runbook, or in a step, scenario or other block of steps, or in a `precheck` or `verify`
    done_when true
  end
  poll every: 1.s, for: 1.min do
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0507 `poll` ends with `done_when COND`
    sh read: "true"
  end
  poll every: 1.s, for: 1.min do
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0316 `poll` reads nothing
    done_when true
  end
  step five, "Five" do
    sh read: "true"
    probe do
#   ^^^^^ RB0507 `probe` stands just after the write that it asks about
# help: first `sh "helm upgrade …"`, then `probe do … done_when … end`
probe do … done_when … end
#        ^ RB0028 `…` is a typographic character, as a word processor makes it
# help: write `...`; in strings and comments it may stand
#                    ^ RB0028 `…` is a typographic character, as a word processor makes it
# help: write `...`; in strings and comments it may stand
      sh read: "true", as: there
      done_when there.status == 0
    end
    undo do
      undo none, because: "x"
#     ^^^^^^^^^^^^^^^^^^^^^^^ RB0302 what takes back is not itself taken back
      rollback because: "x"
#     ^^^^^^^^^^^^^^^^^^^^^ RB0302 a rollback cannot begin in an undo, a rollback or `finally`
    end
  end
  decide six, "Six" do
# ^^^^^^^^^^^^^^^^^ RB0316 a decision needs its options
# help: option go_on, "Go on"
    note "x"
#   ^^^^^^^^ RB0302 `note` cannot stand in a `decide`
# help: it stands directly in the runbook, or in a step, scenario or other block of steps, or in a `precheck` or `verify`
  end
  step seven, "Seven" do
# ^^^^^^^^^^^^^^^^^^^ RB0316 warning: nothing stands in this `step`
  end
  collect eight, "Eight" do
# ^^^^^^^^^^^^^^^^^^^^^^ RB0316 a `collect` asks something: it needs an `ask`
# help: ask problem, text, "What happened?"
    note "x"
#   ^^^^^^^^ RB0302 `note` cannot stand in a `collect`
# help: it stands directly in the runbook, or in a step, scenario or other block of steps, or in a `precheck` or `verify`
  end
  finally do
    finish because: "x"
#   ^^^^^^^^^^^^^^^^^^^ RB0302 `finish` ends the main flow, and stands only there
  end
end
step outside, "Outside" do
#^^^^^^^^^^^^^^^^^^^^^^ RB0505 `step` stands outside the runbook
# help: everything stands between `runbook NAME, "title" do` and its `end`
  note "x"
end
runbook second, "Second" do
#^^^^^^^^^^^^^^^^^^^^^^^ RB0505 a second runbook in one file
  note "x"
end
