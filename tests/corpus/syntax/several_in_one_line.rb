runbook release, "Release" do
  ask name, :text, "Name" default: 10m, as: Foo
#           ^^^^^ RB0032 `:text` is a symbol of Ruby
# help: write `text`, without the colon
#                         ^^^^^^^^ RB0016 a comma is missing between `"Name"` and `default:`
# help: write the comma; arguments and options are separated by commas
#                                           ^^^ RB0039 `Foo`: a name begins with a small letter
# help: text stands between quotes, `"Foo"`; a name would be `foo`
  note "after"
end
