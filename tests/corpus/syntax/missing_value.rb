runbook release, "Release" do
  ask name, string, default:
#                   ^^^^^^^^ RB0041 a value is missing after `default:`
# help: write it
  ask name, default: , min: 1
#           ^^^^^^^^ RB0041 a value is missing after `default:`
# help: write it
  ask , string
#     ^ RB0001 no comma follows the word `ask`
# help: write `ask …`; commas stand between the arguments
  ask name,, string
#          ^ RB0041 an argument is missing before this comma
# help: write it, or take the comma out
  assert a + , "x"
#          ^ RB0041 a value is missing after `+`
# help: write it
  let x =
#       ^ RB0041 nothing follows `=`
# help: write the value after it, on this line or on the next
  assert a && || b, "x"
#             ^^ RB0041 a value is missing before `||`
# help: write the value that belongs here
  sh read:, timeout: 1.min
#    ^^^^^ RB0041 a value is missing after `read:`
# help: write it
  target >=
#        ^^ RB0041 nothing follows `>=`
# help: write the value after it, on this line or on the next
end
