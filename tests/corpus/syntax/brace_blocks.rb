runbook release, "Release" do
  each host, in: hosts do |host|
#                         ^ RB0033 a block has no parameters
# help: `each NAME, in: LIST do` names the item before the block
    sh "ping #{host}"
  end
  hosts.each do |host|
#               ^ RB0033 a block has no parameters
# help: `each NAME, in: LIST do` names the item before the block
    sh "ping #{host}"
  end
  step build, "Build" {
#                     ^ RB0033 a block is not written with braces
# help: write `do` here, and `end` where it closes
    sh "make"
  }
  step test, "Test" { sh "make test" }
#                   ^ RB0033 a block is not written with braces
# help: `… do`, its statements on lines of their own, and `end`
  each x, in: list { |x| note x }
#                  ^ RB0033 a block is not written with braces
# help: `… do`, its statements on lines of their own, and `end`
  note "after"
end
