runbook release, "Release" do
  if ready
    note "a"
  else if late
# ^^^^^^^ RB0023 `else if` is written `elsif`
# help: write `elsif COND`
    note "b"
  else
    note "c"
  end
  else
# ^^^^ RB0023 this `else` belongs to no `if`
# help: `if COND` … `elsif COND` … `else` … `end`
  step build, "Build" do
    sh "make"
  elsif x
# ^^^^^ RB0023 this `elsif` belongs to no `if`
# help: `if COND` … `elsif COND` … `else` … `end`
    note "d"
  end
end
