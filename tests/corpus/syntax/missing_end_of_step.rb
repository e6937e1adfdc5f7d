runbook release, "Release" do
  section build, "Build" do
    step compile, "Compile" do
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0018 `step compile` of line 3 has no `end`
# help: write `end` in column 5, under its word
      sh "make"

    step test, "Test" do
#   -------------------- RB0018 its `end` belongs before this line
      sh "make test"
    end
  end

  section deploy, "Deploy" do
    step push, "Push" do
      if ready
#     ^^^^^^^^ RB0018 `if ready` of line 13 has no `end`
# help: write `end` in column 7, under its word
        sh "make push"
      else
        note "not ready"
    end
#   --- RB0018 its `end` belongs before this line
  end
end
