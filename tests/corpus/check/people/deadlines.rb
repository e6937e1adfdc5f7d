# A prompt has a way out.
runbook deadlines, "Deadlines" do
  owner "Owner", ask: true
  role two, "Two", people: ["a", "b"]
  confirm "A", key: a, within: 5.min
#                              ^^^^^ RB0503 the deadline leads nowhere
# help: say what silence means: `else: suspend`, `else: abort`, `else: run(scenario)`, or `else: fail` for the failure menu
  confirm "B", key: b, within: 5.min, else: suspend
  confirm "C", key: c, by: two, quorum: 3
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0503 3 must agree, and the role has 2
  confirm "D", key: d, by: executor, not: executor
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0503 nobody can answer: by the executor, who does not count
  confirm "E", key: e, by: owner, quorum: 2
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0503 one person cannot be a quorum of several
  confirm "F", key: f, within: 5.min, remind: 10.min, else: abort
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0506 the reminder would come after the deadline
  confirm "G", key: g, auto: no
#                            ^^ RB0210 `auto:` is `true` or `false`
  decide h, "H" do
# ^^^^^^^^^^^^^ RB0316 a decision needs its options
# help: option go_on, "Go on"
  end
  signoff i, "I", options: { pass: "Pass", fail: "Fail" }, requires: { passed: run.verdict == pass }
#                                                                      ^^^^^^ RB0209 `passed` is none of the options
  collect j, "J" do
# ^^^^^^^^^^^^^^ RB0316 a `collect` asks something: it needs an `ask`
# help: ask problem, text, "What happened?"
  end
  collect k, "K" do
    ask problem, text, "What happened?"
  end
  add k, "K", key: k_add, quorum: 2
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0313 `quorum:` is for answers that can agree
# help: entries are of one person each: have them confirmed, `confirm "…", quorum: 2`
end
