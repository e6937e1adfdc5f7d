# Keys are unique in their block; `if` is no block of keys.
runbook keys, "Keys" do
  param metrics_url, url
  source prod, scrape: metrics_url

  step same, "Same" do
#      ---- RB0501 first here
    confirm "One", key: twice
#                       ----- RB0501 first here
    if run.id == "a"
      confirm "Two", key: twice
#                         ^^^^^ RB0501 the key `twice` stands twice in its block
# help: keys name answers, records and undos: give one of them another key
    end
    note "x", key: "text"
#                  ^^^^^^ RB0312 a key is a bare name
# help: lower case letters, digits and `_`
  end
  step same, "Same" do
#      ^^^^ RB0501 the key `same` stands twice in its block
# help: keys name answers, records and undos: give one of them another key
    confirm "In another block", key: twice
  end
  decide way, "Way" do
#        --- RB0501 first here
    option left, "Left"
#          ---- RB0501 first here
    option left, "Left again"
#          ^^^^ RB0501 the key `left` stands twice in its block
# help: keys name answers, records and undos: give one of them another key
  end
  sample prod, every: 1.min, count: 9, as: baseline do
    at 4 do
#   ---- RB0501 first here
      note "x"
    end
    at 4, 7 do
#   ^^^^^^^ RB0501 the key `at.4` stands twice in its block
# help: put the two together, or give one a `key:`
      note "x"
    end
    at 4, 8, key: later do
      note "x"
    end
    on missed do
#   --------- RB0501 first here
      note "x"
    end
    on missed do
#   ^^^^^^^^^ RB0501 the key `on.missed` stands twice in its block
# help: put the two together, or give one a `key:`
      note "x"
    end
  end
  checklist list, "List" do
    item a, "A"
#        - RB0501 first here
    item a, "A"
#        ^ RB0501 the key `a` stands twice in its block
# help: keys name answers, records and undos: give one of them another key
  end
  scenario way, "Way" do
#          ^^^ RB0501 the key `way` stands twice in its block
# help: keys name answers, records and undos: give one of them another key
    note "x"
  end
end
