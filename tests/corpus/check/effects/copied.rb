# A copy goes to another place than its source.
runbook copied, "Copied" do
  param folder, string, default: "out"
  copy "a.md", to: "a.md"
#                  ^^^^^^ RB0416 `a.md` is copied onto itself
# help: name the place where the copy is kept: to: "archive/a.md"
  copy "b/../a.md", to: "./a.md"
#                       ^^^^^^^^ RB0416 `b/../a.md` is copied onto itself
# help: name the place where the copy is kept: to: "archive/b/../a.md"
  copy "a.md", to: "/a.md"
  copy "a.md", to: "../a.md"
  copy "a.md", to: "#{folder}/a.md"
end
