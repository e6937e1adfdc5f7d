runbook release, "Release" do
  note "a"; note "b"
#         ^ RB0027 `;` does not separate statements
# help: one statement a line
  step build, "Build" do sh "make"
#                        ^^^^^^^^^ RB0027 a block begins on the next line
# help: one statement a line; a block of one statement may stand on one line with its `end`
  end
  step test, "Test" do sh "make test" end
  on breach(any) do run metrics_bad end
  sh "x" end
#        ^^^ RB0027 `end` stands on a line of its own
# help: one statement a line
  note "the line above closes too much"
end
