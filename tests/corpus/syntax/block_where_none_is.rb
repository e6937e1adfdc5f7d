runbook release, "Release" do
  sh "make" do
#           ^^ RB0022 `sh` has no block
# help: take the `do` out, and its `end`
    note "x"
  end
  confirm "ready?" do note "x" end
#                  ^^ RB0022 `confirm` has no block
# help: take the `do` out, and its `end`
  rollback do
    sh "undo"
  end
  undo sh: "make clean"
end
