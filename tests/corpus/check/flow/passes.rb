# What passes that run at once may not do to each other; how many may; what their results have.
runbook passes, "Passes" do
  param many, int, default: 2
  source metrics, scrape: "http://metrics.example/metrics"
  slo up, "Up", from: metrics do
    unit number
#        ^^^^^^ RB0311 `unit` knows no `number`
# help: one of: percent s bytes none
    value promql 'up'
    target >= 1
  end
  scenario observe, "Observe" do
    sample metrics, every: 10.s, count: 2, as: series
#   ------------------------------------------------- RB0509 it stands here
  end
  step one, "One" do
    undo none, because: "test"
    each n, in: ["a", "b"], at_once: many do
      run observe
#     ^^^^^^^^^^^ RB0509 an observation cannot be taken by several passes at once
# help: an observation is one: take it around or behind the loop, or let the passes run one after the other
      step inner, "Inner" do
        undo none, because: "test"
        sh "change #{n}"
      end
      settles inner
#     ^^^^^^^^^^^^^ RB0509 this drops the undos that other passes have armed, too
# help: put it behind the loop
      no_return "no way back", type: "yes"
#     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0509 a point of no return cannot stand in a pass that runs beside others
# help: the other passes may still need their way back: put it behind the loop
    end
  end
  step two, "Two" do
    undo none, because: "test"
    each n, in: ["a", "b"], key: first_loop, at_once: 1000 do
#                                                     ^^^^ RB0212 `at_once:` is a number from 1 to 100, or `all`
      sh "change #{n}"
    end
    each n, in: ["a", "b"], key: second_loop, at_once: "two" do
#                                                      ^^^^^ RB0201 `at_once:` takes an int, this is a string
      ask verdict, string, "How did it go?"
    end
    each n, in: ["a", "b"], key: third_loop, at_once: all, as: results do
      ask verdict, string, "How did it go?"
#         ^^^^^^^ RB0102 each result of the loop has a field `verdict` of its own
# help: take another name
    end
    each n, in: ["a", "b"], key: fourth_loop, as: n do
#        - RB0102 first here
#                                                 ^ RB0102 the name `n` is declared twice
# help: a name is bound at one place; take another one
      sh read: "look #{n}", timeout: 5.s
    end
    note "#{count(results)} #{first(results).missing}"
#                                            ^^^^^^^ RB0105 there is no field `missing`
# help: its fields: item key verdict
  end
end
