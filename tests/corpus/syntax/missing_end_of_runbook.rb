runbook release, "Release" do
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0018 the file ends, and `runbook release` of line 1 has no `end`
# help: write its `end`
  section build, "Build" do
    step compile, "Compile" do
      sh "make"
    end
  end
