runbook release, "Release" do
  assert a and b, "both"
#          ^^^ RB0031 `and` is written `&&`
# help: write `&&`
  assert a or b, "one"
#          ^^ RB0031 `or` is written `||`
# help: write `||`
  assert not a, "none"
#        ^^^ RB0031 `not` is written `!`
# help: write `!`
end
