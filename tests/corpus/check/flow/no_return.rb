# After the point of no return a rollback is refused.
runbook no_return_passed, "No return" do
  step migrate, "Migrate" do
    sh "migrate --all", timeout: 5.min
    undo manual: "restore the backup"
  end
  no_return "The old schema goes", key: gone, type: "drop it"
# ----------------------------------------------------------- RB0108 passed here
  rollback because: "too late"
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0108 a rollback is refused after the point of no return
end
