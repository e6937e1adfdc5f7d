# `effect:` says what an effect does; weaker than its form is pointed at.
runbook narrowed, "Narrowed" do
  sh "curl -XPOST https://example.com/search", effect: read
#                                              ^^^^^^^^^^^^ RB0415 warning: this says that the effect is weaker than its form
# help: a plan may probe reads, and a crash repeats them unasked: if that is right, say why: `because: "…"`
  http post: "https://example.com/search", effect: read, as: found, parse: json
#                                          ^^^^^^^^^^^^ RB0415 warning: this says that the effect is weaker than its form
# help: a plan may probe reads, and a crash repeats them unasked: if that is right, say why: `because: "…"`
  http get: "https://example.com/trigger", effect: write
# ------------------------------------------------------ RB0411 this may have been done before
  sh destroy: "dropdb x", effect: write
#                         ^^^^^^^^^^^^^ RB0415 warning: this says that the effect is weaker than its form
# help: a write is said to have an undo: if something brings it back, say why: `because: "…"`
  precheck one, "One" do
# ^^^^^^^^^^^^^^^^^^^ RB0411 a precheck stands before any write
# help: `verify` is the same anywhere
    http post: "https://example.com/search", effect: read
#                                            ^^^^^^^^^^^^ RB0415 warning: this says that the effect is weaker than its form
# help: a plan may probe reads, and a crash repeats them unasked: if that is right, say why: `because: "…"`
  end
  sh "post-to-chat", effect: record
#                    ^^^^^^^^^^^^^^ RB0415 warning: this says that the effect is weaker than its form
# help: a record needs no undo, no guard is checked before it, and a crash repeats it unasked: if that is right, say why: `because: "…"`
  sh "curl -XPOST https://example.com/search", effect: read, because: "it only searches"
  sh "curl -XPOST https://example.com/search", effect: read, because: ""
#                                              ^^^^^^^^^^^^ RB0415 warning: this says that the effect is weaker than its form
# help: a plan may probe reads, and a crash repeats them unasked: if that is right, say why: `because: "…"`
  sh read: "date", because: "nothing is weaker"
#                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0313 `because:` says why an effect is weaker than its form, and this one is not
# help: effect: read, because: "…"
end
