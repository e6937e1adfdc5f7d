runbook :release, "Release" do
#       ^^^^^^^^ RB0032 `:release` is a symbol of Ruby
# help: write `release`, without the colon
  step :build, "Build" do
#      ^^^^^^ RB0032 `:build` is a symbol of Ruby
# help: write `build`, without the colon
    sh "make", :timeout => 1.min
#              ^^^^^^^^ RB0032 `:timeout` is a symbol of Ruby
# help: write `timeout: …`
    sh "make", "timeout" => 1.min
#                        ^^ RB0032 `=>` is not used here
# help: write `timeout: …`
    ask level, one_of(:low, :high), "Level"
#                     ^^^^ RB0032 `:low` is a symbol of Ruby
# help: write `low`, without the colon
  end
end
