runbook release, "Release" do
  "just a text"
# ^^^^^^^^^^^^^ RB0001 a statement begins with a word, not with `"just a text"`
# help: `word NAME, "title", option: value`; a line goes on after a comma, an operator or inside brackets
  [1, 2]
# ^ RB0001 a statement begins with a word, not with `[`
# help: `word NAME, "title", option: value`; a line goes on after a comma, an operator or inside brackets
  12
  .field
# ^ RB0001 a line does not begin with `.`
# help: a statement goes on in the next line after a comma, an operator or inside brackets
  * 2
  timeout: 1.min
  sh: "make"
  )
# ^ RB0008 this `)` closes nothing
# help: take it out, or write the `(` that it closes
  sh.read "x"
#   ^ RB0001 `sh.…` is no statement
# help: a statement begins with a word and a blank
  a b c
#     ^ RB0016 a comma is missing between `b` and `c`
# help: write the comma; arguments and options are separated by commas
end
