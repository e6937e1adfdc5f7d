require "json"
#^^^^^^ RB0036 `require` is Ruby; nothing of Ruby runs in a runbook
# help: a runbook is one file and needs nothing
runbook release, "Release" do
  puts "hello"
# ^^^^ RB0036 `puts` is Ruby; nothing of Ruby runs in a runbook
# help: `note "…"` shows and records, `notify CHANNEL, "…"` tells others
  system "make"
# ^^^^^^ RB0036 `system` is Ruby; nothing of Ruby runs in a runbook
# help: `sh "…"` runs a command, `sh read: "…"` one that changes nothing
  sleep 5
# ^^^^^ RB0036 `sleep` is Ruby; nothing of Ruby runs in a runbook
# help: `wait 5.min`, or `poll` for a condition
  raise "failed"
# ^^^^^ RB0036 `raise` is Ruby; nothing of Ruby runs in a runbook
# help: `assert COND, "…"` fails, `abort because: "…"` ends the run
  let now = `date`
#           ^^^^^^ RB0036 no command runs inside an expression
# help: `sh read: "…", as: NAME` runs it; its output is `NAME.out`
  let home = ENV["HOME"]
#            ^^^ RB0039 `ENV` is a constant of Ruby
# help: `param name, string, env: "NAME"` reads a variable of the environment
  let size = list.map(1)
#                    ^ RB0042 `.map` takes no arguments: there are no methods here
# help: functions stand before their values: `map(x, …)`
  let day = Time.now
#           ^^^^ RB0039 `Time` is a constant of Ruby
# help: nothing of Ruby runs in a runbook: there are no classes and no methods
end
