runbook release, "Release" do
  unless ready
# ^^^^^^ RB0029 there is no `unless` here
# help: `if !COND` … `end`, or the option `if: !COND`
    note "a"
  end
  while busy do
# ^^^^^ RB0029 there is no `while` here
# help: `poll every: 5.s, for: 2.min do` … `done_when COND` `end` waits; `try 3 do` … `end` repeats
    wait 1.s
  end
  case x
# ^^^^ RB0029 there is no `case` here
# help: `if COND` … `elsif COND` … `else` … `end`; a person's choice is `decide`
  when 1
    note "one"
  else
    note "other"
  end
  begin
# ^^^^^ RB0029 there is no `begin` here
# help: a failure opens a menu; `try 3 do` … `repair do` … `end` `end` repairs and tries again
    sh "make"
  rescue
    note "failed"
  ensure
    note "in any case"
  end
  for host in hosts do
# ^^^ RB0029 there is no `for` here
# help: `each NAME, in: LIST do` … `end`
    sh "ping"
  end
  if ready then
#          ^^^^ RB0029 there is no `then` here
# help: the line ends after the condition; what is to be done stands on the next
    note "x"
  end
  loop do
# ^^^^ RB0029 there is no `loop` here
# help: `each` goes over a list, `poll` waits for a condition, `try` repeats: each of them ends
    sh "make"
  end
  def build
# ^^^ RB0029 there is no `def` here
# help: `scenario KEY, "title", params: { name: string } do` … `end`, run by `run KEY, name: …`
    sh "make"
  end
  note "all of this is read"
end
