runbook release, "Release" do
  sh "make" if ready
#           ^^ RB0037 `if` does not stand behind a statement
# help: the condition is an option: `sh …, if: COND`
  note "x" unless done
#          ^^^^^^ RB0037 `unless` does not stand behind a statement
# help: the condition is an option: `note …, if: !COND`
  sh "make", timeout: 1.min if a && b
#                           ^^ RB0037 `if` does not stand behind a statement
# help: the condition is an option: `sh …, if: COND`
end
