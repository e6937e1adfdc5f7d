# A name that is not there, with the one that is meant; a broken line does not make the names of others unknown.
runbook names, "Names" do
  param namespace, string, default: "default"
  let place = "#{namespce}/x"
#                ^^^^^^^^ RB0101 there is no name `namespce`
# help: did you mean `namespace`?
  let other = whatever
#             ^^^^^^^^ RB0101 there is no name `whatever`

  step one, "One" do
    sh read: "kubectl -n #{namspace} get pods", timeout: 10.s, as: pods
#                          ^^^^^^^^ RB0101 there is no name `namspace`
# help: did you mean `namespace`?
    assert pods.status == 0 && podz.status == 0, "fine"
#                              ^^^^ RB0101 there is no name `podz`
# help: did you mean `pods`?
    ask version string, "Version"
#               ^^^^^^ RB0016 a comma is missing between `version` and `string`
# help: write the comma; arguments and options are separated by commas
    assert version == "v1", "the line above declares it"
  end
end
