runbook release, "Release" do
  param hosts, list, default: ["a", "b"
#                             ^ RB0007 this `[` is not closed
# help: write `]` where it ends
  param ports, list, default: [80, 443]
  step check, "Check", if: (ready && count(hosts) > 0 do
#                          ^ RB0007 this `(` is not closed
# help: write `)` where it ends
    assert contains(hosts, "a", "a is there"
#                  ^ RB0007 this `(` is not closed
# help: write `)` where it ends
    assert count(hosts] == 2, "two"
#                     ^ RB0008 this `]` closes nothing
# help: take it out, or write the `[` that it closes
  end
  step go, "Go" do
    sh "make)", env: { A: "1", B: [2 }
#                                 ^ RB0007 this `[` is not closed
# help: write `]` where it ends
#                                    - RB0007 this `}` closes the bracket outside of it
    note "done")
#              ^ RB0008 this `)` closes nothing
# help: take it out, or write the `(` that it closes
  end
end
