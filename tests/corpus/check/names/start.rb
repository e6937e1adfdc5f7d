# A declaration reads what is known when the run begins.
runbook start, "Start" do
  let first = second
#             ^^^^^^ RB0111 `second` has no value when the run begins
# help: a declaration reads parameters, secrets, earlier `let`s, `run` and `executor`
  let second = "x"
#     ------ RB0111 bound here
  let third = "#{second}-#{run.id}-#{executor}"
  let fourth = answer
#              ^^^^^^ RB0111 `answer` has no value when the run begins
# help: a declaration reads parameters, secrets, earlier `let`s, `run` and `executor`
  let fifth = run.verdict
#             ^^^ RB0111 `run` has no value when the run begins
# help: a declaration reads parameters, secrets, earlier `let`s, `run` and `executor`
  lock "a/#{third}"
  ask answer, string, "Answer"
#     ------ RB0111 bound here
end
