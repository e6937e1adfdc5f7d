runbook release, "Release" do
  step build, "Build" do
    sh "make"
  end if ready
#     ^^^^^^^^ RB0027 nothing follows `end` on its line
# help: one statement a line
  if ready
    note "x"
  else note "y"
#      ^^^^^^^^ RB0027 nothing follows `else` on its line
# help: one statement a line
  end
end
