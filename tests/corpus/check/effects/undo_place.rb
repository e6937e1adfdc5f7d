# An undo stands in the step that it takes back.
runbook undo_place, "Undo" do
  scenario move, "Move" do
    sh "kubectl cordon node-7", timeout: 1.min
    undo sh: "kubectl uncordon node-7"
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0504 an undo stands in the step that it takes back
# help: step deploy, "Deploy" do … undo … end
  end
  step moved, "Moved" do
    run move
    undo none, because: "the scenario does it"
  end
end
