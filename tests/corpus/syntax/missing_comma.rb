runbook release, "Release" do
  step build "Build" do
#            ^^^^^^^ RB0016 a comma is missing between `build` and `"Build"`
# help: write the comma; arguments and options are separated by commas
    sh "make" timeout: 1.min
#             ^^^^^^^^ RB0016 a comma is missing between `"make"` and `timeout:`
# help: write the comma; arguments and options are separated by commas
    sh "make", timeout: 1.min as: built
#                             ^^^ RB0016 a comma is missing between `min` and `as:`
# help: write the comma; arguments and options are separated by commas
    ask name string, "Name" default: "x"
#            ^^^^^^ RB0016 a comma is missing between `name` and `string`
# help: write the comma; arguments and options are separated by commas
#                           ^^^^^^^^ RB0016 a comma is missing between `"Name"` and `default:`
# help: write the comma; arguments and options are separated by commas
    note "#{count(a b)}"
#                   ^ RB0012 `b` cannot stand here inside `#{…}`
# help: between the braces stands one expression: `#{name}`, `#{a + b}`; as text it is written `\#{`
    let list = ["a" "b"]
#                   ^^^ RB0016 a comma is missing between `"a"` and `"b"`
# help: write the comma; arguments and options are separated by commas
  end
end
