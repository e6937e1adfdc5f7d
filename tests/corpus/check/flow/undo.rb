# In a runbook that offers a rollback, every write says how it is taken back.
runbook undos, "Undos" do
  step good, "Good" do
    sh "kubectl apply -f app.yaml", timeout: 1.min
    undo sh: "kubectl delete -f app.yaml", timeout: 1.min
  end
  step looped, "Looped" do
    each name, in: ["a", "b"] do
      sh "kubectl cordon #{name}", timeout: 1.min
      undo sh: "kubectl uncordon #{name}", timeout: 1.min
    end
    run part
  end
  step bad, "Bad" do
    sh "kubectl scale app --replicas=0", timeout: 1.min
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0412 this changes something, and nothing says how it is taken back
# help: put it into a step with its undo: `undo sh: "…"`, `undo do … end`, `undo manual: "…"`, or `undo none, because: "…"`
    http post: "https://example.com/hook"
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0412 this changes something, and nothing says how it is taken back
# help: put it into a step with its undo: `undo sh: "…"`, `undo do … end`, `undo manual: "…"`, or `undo none, because: "…"`
    update file: "CHANGES.md", under: "Unreleased", text: "scaled"
  end
  sh "touch x"
# ^^^^^^^^^^^^ RB0412 this changes something, and nothing says how it is taken back
# help: put it into a step with its undo: `undo sh: "…"`, `undo do … end`, `undo manual: "…"`, or `undo none, because: "…"`
  sh read: "true"

  scenario part, "Part" do
    sh "kubectl label node a b=c"
  end
  undo none, because: "not in a step"
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0302 `undo` cannot stand directly in the runbook
# help: it stands in a step, scenario or other block of steps

  rollback do
    sh "kubectl get pods"
  end
end
