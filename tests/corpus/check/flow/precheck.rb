# A precheck comes before any write, so that its failure never needs a rollback.
runbook prechecks, "Prechecks" do
  precheck early, "Early" do
    sh read: "true"
  end
  sh "touch /tmp/x"
# ----------------- RB0411 this may have been done before
  verify fine, "Fine anywhere" do
    sh read: "true"
  end
  precheck late, "Late" do
# ^^^^^^^^^^^^^^^^^^^^^ RB0411 a precheck stands before any write
# help: `verify` is the same anywhere
    sh read: "true"
  end
  run checked
# ^^^^^^^^^^^ RB0411 a precheck stands before any write
# help: `verify` is the same anywhere

  scenario checked, "Checked" do
    precheck inside, "Inside" do
#   ------------------------- RB0411 the precheck
      sh read: "true"
    end
  end
end
