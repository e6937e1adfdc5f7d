runbook release, "Release" do
  wait 10.min
  wait 1_000.ms
  wait 10m
#      ^^^ RB0014 `10m`: a dot stands between a number and its unit
# help: write `10.min`
  wait 30s
#      ^^^ RB0014 `30s`: a dot stands between a number and its unit
# help: write `30.s`
  wait 007
#      ^^^ RB0014 `007` begins with a zero
# help: write `7`
  wait .5
#      ^ RB0014 a number begins with a digit
# help: write `0.5`
  wait 1e3
#      ^^^ RB0014 `1e3`: numbers have no exponent
# help: write the digits: `1_000`
  wait 0x1F
#      ^^^^ RB0014 `0x1F`: numbers are decimal
# help: write it in decimal digits
  wait 1__0
#      ^^^^ RB0014 `1__0` is no number
# help: one `_` stands between digits: `1_000`
  wait 99999999999999999999
#      ^^^^^^^^^^^^^^^^^^^^ RB0014 `99999999999999999999` is too large for a whole number
# help: the largest is 9223372036854775807
  assert load < 98%, "percent"
#                 ^ RB0014 `98%`: a percent is written as a unit
# help: write `98.pct`
  assert size < 20MB, "bytes"
#               ^^^^ RB0014 `20MB`: a dot stands between a number and its unit
# help: write `20.MB`
end
