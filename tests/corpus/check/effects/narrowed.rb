# `effect:` says what an effect does; weaker than its form is pointed at.
runbook narrowed, "Narrowed" do
  sh "curl -XPOST https://example.com/search", effect: read
#                                              ^^^^^^^^^^^^ RB0415 warning: this says that the effect is weaker than its form
# help: a plan may probe reads, and a crash repeats them unasked: is it sure?
  http post: "https://example.com/search", effect: read, as: found, parse: json
#                                          ^^^^^^^^^^^^ RB0415 warning: this says that the effect is weaker than its form
# help: a plan may probe reads, and a crash repeats them unasked: is it sure?
  http get: "https://example.com/trigger", effect: write
# ------------------------------------------------------ RB0411 this may have been done before
  sh destroy: "dropdb x", effect: write
#                         ^^^^^^^^^^^^^ RB0415 warning: this says that the effect is weaker than its form
# help: a plan may probe reads, and a crash repeats them unasked: is it sure?
  precheck one, "One" do
# ^^^^^^^^^^^^^^^^^^^ RB0411 a precheck stands before any write
# help: `verify` is the same anywhere
    http post: "https://example.com/search", effect: read
#                                            ^^^^^^^^^^^^ RB0415 warning: this says that the effect is weaker than its form
# help: a plan may probe reads, and a crash repeats them unasked: is it sure?
  end
end
