# Loops, attempts, scenarios.
runbook loops, "Loops" do
  sh read: "kubectl get pods -o json", timeout: 10.s, parse: json, as: pods
  each pod, in: pods.value.items do
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0307 the items are no texts or numbers, so the passes need `key_by:`
# help: key_by: pod.metadata.name: each pass is named by it in the journal, never by its place in the list
    note "x"
  end
  each pod_b, in: pods.value.items, key_by: pod_b.metadata.name, max: 20, stop_after: none do
    note "x"
  end
  each number_of, in: 3 do
#                     ^ RB0201 `in:` takes a list, this is an int
    note "x"
  end
  each name_of, in: ["a"], stop_after: 0, pause: ask, at_once: 3 do
#                                      ^ RB0212 `stop_after:` is a number from 1 to 1000, or `none`
#                                                ^^^ RB0311 `pause:` knows no `ask`
# help: one of: ask_between
    note "x"
  end
  try 0 do
#     ^ RB0212 `try` is a number from 1 to 1000
    note "x"
  end
  try 3, backoff: 0.5 do
#                 ^^^ RB0212 `backoff:` is a factor from 1 to 100
    repair do
#   ^^^^^^ RB0507 `repair` is the last part of a `try`
# help: try 3 do … repair do … end end
      note "x"
    end
    note "x"
  end
  scenario drain, "Drain", params: { node: string, force: bool } do
#          ----- RB0305 declared here
#          ----- RB0303 declared here
    note "#{node}"
  end
  run drain, node: 3, forced: true
#                  ^ RB0201 `node:` is a string, this is an int
#                     ^^^^^^ RB0305 the scenario has no parameter `forced`
# help: it has node, force
  run drain, node: "a", force: true, as: drained
  note "#{drained.node}"
#                 ^^^^ RB0105 there is no field `node`
# help: it has none
  confirm "Sure?", key: sure, else: run(drain)
#                                   ^^^^^^^^^^ RB0303 a scenario with parameters cannot be the way out of a question
  confirm "Sure?", key: surely, else: restart
#                                     ^^^^^^^ RB0311 `else:` takes run(SCENARIO), suspend, abort or fail
end
