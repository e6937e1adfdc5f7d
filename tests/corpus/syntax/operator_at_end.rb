runbook release, "Release" do
  assert a +
    b > 2, "goes on"
  assert a &&
#          ^^ RB0041 nothing follows `&&`
# help: write the value after it, on this line or on the next
  note "the line above is not complete"
  let x = 1 +
#           ^ RB0041 nothing follows `+`
# help: write the value after it, on this line or on the next
end
