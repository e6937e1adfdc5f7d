runbook release, "Release" do
  assert 1 < x < 5, "between"
#        ----- RB0024 this is true or false already
#              ^ RB0024 comparisons cannot be chained
# help: write `a < b && b < c`
  assert a == b == c, "all the same"
#        ------ RB0024 this is true or false already
#               ^^ RB0024 comparisons cannot be chained
# help: write `a < b && b < c`
  assert (a == b) == c, "grouped is fine"
  assert !a == b && a + 1 < 2 * b, "precedence"
  slo p99, "P99", from: prod do
    target >= 1.s <= 2.s
#             ^^^^^^^^^^ RB0024 a bound is one comparison with one value
# help: `target >= 98.pct`; a second bound is a second objective
    alert > 5.s
  end
end
