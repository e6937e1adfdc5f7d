runbook release, "Release" do
  step compile, "Compile" do
    sh "make"
    end
#   ^^^ RB0019 this `end` closes nothing
# help: take it out, or write the `do` that it was meant for
  end

  step test, "Test" do
    sh "make test"
  end
end
