# Things that are named by a bare name are declared.
runbook not_declared, "Not declared" do
  environments production
  param url_of, url, not_host: { prodution: ["localhost"] }
#       ------ RB0110 this is what it is
#                                ^^^^^^^^^ RB0110 there is no environment `prodution`
# help: environments production
  source prod, scrape: url_of
  collect findings, "Findings" do
    ask what, text, "What"
  end
  scenario fix, "Fix" do
    note "x"
  end

  slo rate, "Rate", from: prid do
#                         ^^^^ RB0110 there is no source `prid`
# help: did you mean `prod`?
    value ratio part: 'a_total', total: 'b_total'
    unit percent
    target >= 98.pct
  end

  notify ops, "Hello"
#        ^^^ RB0110 there is no channel `ops`
# help: none is declared: channel NAME, slack: SECRET
  query prods
#       ^^^^^ RB0110 there is no source `prods`
# help: did you mean `prod`?
  confirm "Sure?", key: sure, by: approver
#                                 ^^^^^^^^ RB0110 there is no role `approver`
# help: none is declared: role KEY, "title", people: LIST
  confirm "Really?", key: really, by: owner
#                                     ^^^^^ RB0110 there is no owner
# help: declare one: owner "Owner", ask: true
  add finding, "What happened"
#     ^^^^^^^ RB0110 there is no collect `finding`
# help: did you mean `findings`?
  run fixx
#     ^^^^ RB0110 there is no scenario `fixx`
# help: did you mean `fix`?
  extend url_of, by: 3
#        ^^^^^^ RB0110 `url_of` is no series
# help: sample SOURCE, …, as: NAME
  step one, "One" do
    note "x"
  end
  step two, "Two" do
    settles on
#           ^^ RB0101 there is no name `on`
# help: did you mean `one`?
  end
end
