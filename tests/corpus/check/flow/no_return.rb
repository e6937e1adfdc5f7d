# After the point of no return a rollback is refused, and nothing is taken back.
runbook no_return_passed, "No return" do
  step migrate, "Migrate" do
    sh "migrate --all", timeout: 5.min
    undo manual: "restore the backup"
  end
  no_return "The old schema goes", key: gone, type: "drop it"
# ----------------------------------------------------------- RB0108 passed here
  step drop, "Drop" do
# ----------------- RB0506 no `undo` stands in here
    sh destroy: "drop --all", timeout: 5.min
  end
  step useless, "Useless" do
    sh "vacuum", timeout: 5.min
    undo sh: "true"
#   ^^^^^^^^^^^^^^^ RB0506 warning: this undo never runs: it stands behind the point of no return
# help: take it out; after the point of no return a rollback is refused
  end
  step migrate_more, "Migrate more" do
    settles drop
#   ^^^^^^^^^^^^ RB0506 there is no undo that this would settle
    settles migrate
  end
  rollback because: "too late"
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0108 a rollback is refused after the point of no return
end
