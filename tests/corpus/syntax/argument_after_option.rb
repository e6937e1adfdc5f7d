runbook release, "Release" do
  step build, if: ready, "Build" do
#             --------- RB0017 the option before it
#                        ^^^^^^^ RB0017 an argument without a name stands after an option
# help: options come last: move it to the front, or give it its name
    ask name, default: "x", string, "Name"
#             ------------ RB0017 the option before it
#                           ^^^^^^ RB0017 an argument without a name stands after an option
# help: options come last: move it to the front, or give it its name
  end
end
