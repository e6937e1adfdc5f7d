runbook release, "Release" do
  step compile, "Compile"
#               ^^^^^^^^^ RB0021 `step` needs a block: its `do` is missing
# help: `step … do`, its statements, `end`
    sh "make"
  end
  each host, in: hosts
  do
# ^^ RB0021 `do` stands at the end of its statement's line
# help: write it there
    sh "ping #{host}"
  end
  finally
# ^^^^^^^ RB0021 `finally` needs a block: its `do` is missing
# help: `finally … do`, its statements, `end`
    note "done"
  end
  step empty, "Nothing in it"
#             ^^^^^^^^^^^^^^^ RB0021 `step` needs a block: its `do` is missing
# help: `step … do`, its statements, `end`
end
