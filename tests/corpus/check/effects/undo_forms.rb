# Forms of an undo.
runbook undo_forms, "Undo forms" do
  step one, "One" do
    sh "a"
    undo
#   ^^^^ RB0308 an undo has one form
# help: undo sh: "…"   undo do … end   undo manual: "…"   undo none, because: "…"
    undo none
#        ^^^^ RB0307 `undo none` says why: `because:`
# help: whoever rolls back reads it
    undo sh: "b", manual: "c"
#   ^^^^^^^^^^^^^^^^^^^^^^^^^ RB0308 an undo has one form
# help: undo sh: "…"   undo do … end   undo manual: "…"   undo none, because: "…"
    undo manual: "c", because: "d"
#                              ^^^ RB0313 `because:` belongs to `undo none`
    undo manual: "c", timeout: 3.s
#                              ^^^ RB0313 `timeout:` belongs to `sh:`
    undo nothing, because: "d"
#        ^^^^^^^ RB0311 `undo` knows no `nothing`
# help: one of: none
    undo sh: "b", half: always
#                       ^^^^^^ RB0311 `half:` knows no `always`
# help: one of: run skip ask
  end
end
