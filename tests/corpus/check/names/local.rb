# What is bound in a handler, scenario, loop or undo is local to that one instance.
runbook local_names, "Local" do
  param metrics_url, url
  source prod, scrape: metrics_url

  sample prod, every: 1.min, count: 3, as: baseline do
    at 1 do
      ask remark, text, "Remark"
#         ------ RB0107 bound here
      note "#{remark}"
    end
  end
  note "#{remark}"
#         ^^^^^^ RB0107 `remark` belongs to `at` and is not seen here
# help: what is bound in a handler, scenario, loop or undo is local to that one instance; the fields of `run …, as: r` bring names out of a scenario

  scenario look, "Look" do
    sh read: "hostname", as: where_it_is
#                            ----------- RB0107 bound here
  end
  run look, as: looked
  note "#{looked.where_it_is.out}"
  note "#{where_it_is.out}"
#         ^^^^^^^^^^^ RB0107 `where_it_is` belongs to the scenario `look` and is not seen here
# help: what is bound in a handler, scenario, loop or undo is local to that one instance; the fields of `run …, as: r` bring names out of a scenario

  each item, in: ["a"] do
#      ---- RB0107 bound here
    note item
  end
  note item
#      ^^^^ RB0107 `item` belongs to a loop and is not seen here
# help: what is bound in a handler, scenario, loop or undo is local to that one instance; the fields of `run …, as: r` bring names out of a scenario

  section a, "A" do
    step same, "Same" do
#        ---- RB0101 one of them
      note "x"
    end
  end
  section b, "B" do
    step same, "Same" do
#        ---- RB0101 one of them
      note "x"
    end
    assert same.verdict == pass, "which one?"
#          ^^^^ RB0101 `same` is the key of several blocks
# help: give the one that is meant a key of its own
  end
end
