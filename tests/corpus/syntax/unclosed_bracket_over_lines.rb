runbook release, "Release" do
  each host, in: [
#                ^ RB0007 this `[` is not closed
# help: write `]` where it ends
    "web1",
    "web2"
  do
    sh "ping #{host}"
  end
  report table: rows, columns: [
#                              ^ RB0007 this `[` is not closed
# help: write `]` where it ends
    target,
    verdict

  note "the bracket above is the only error"
end
