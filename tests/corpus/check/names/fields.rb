# Fields of records are known; those of JSON are looked at when they are there.
runbook fields, "Fields" do
  sh read: "kubectl get pods -o json", timeout: 10.s, parse: json, as: pods
  sh read: "hostname", as: host_name
  assert pods.value.items[0].anything == 3, "of JSON"
  assert pods.statsu == 0, "a slip"
#             ^^^^^^ RB0105 there is no field `statsu`
# help: did you mean `status`?
  assert host_name.value == "a", "it was not parsed"
#                  ^^^^^ RB0105 there is no field `value`
# help: `.value` is there with `parse:`
  assert run.started == run.started_at, "another slip"
#            ^^^^^^^ RB0105 there is no field `started`
# help: did you mean `started_at`?
  assert run.id.x == "a", "text has no fields"
#               ^ RB0105 a string has no fields
  step one, "One" do
    note "one"
  end
  assert one.verdict == pass && one.result == pass, "a block"
#                                   ^^^^^^ RB0105 there is no field `result`
# help: its fields: finished_at started_at took verdict
end
