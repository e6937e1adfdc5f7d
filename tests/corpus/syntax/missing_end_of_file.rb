runbook release, "Release" do
#---------------------------- RB0018 open as well
  section build, "Build" do
# ------------------------- RB0018 open as well
    step compile, "Compile" do
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0018 the file ends inside 3 blocks: `step compile` of line 3, `section build` of line 2, `runbook release` of line 1
# help: 3 `end` are missing
      sh "make"
