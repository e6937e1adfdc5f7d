# A name is bound at one place.
runbook twice, "Twice" do
  param zone, string
#       ---- RB0102 first here
  let zone = "b"
#     ^^^^ RB0102 the name `zone` is declared twice
# help: a name is bound at one place; take another one
  role oncall, "On call"
  role oncall, "On call"
#      ^^^^^^ RB0102 the role `oncall` is declared twice
  environments production, production
#                          ^^^^^^^^^^ RB0102 the environment `production` stands twice

  step one, "One" do
    ask answer, string, "Answer"
#       ------ RB0102 first here
    sh read: "true", as: answer
#                        ^^^^^^ RB0102 the name `answer` is declared twice
# help: a name is bound at one place; take another one
    each zone, in: ["a", "b"] do
#        ^^^^ RB0102 the name `zone` is declared twice
# help: a name is bound at one place; take another one
      note "#{zone}"
    end
  end

  scenario fix, "Fix" do
#          --- RB0102 first here
    note "x"
  end
  scenario fix, "Fix again" do
#          ^^^ RB0102 the scenario `fix` is declared twice
# help: a name is bound at one place; take another one
    note "x"
  end
end
