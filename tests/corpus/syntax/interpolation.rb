runbook release, "Release" do
  note "#{a + b} and #{f("x", [1, 2])} and #{"#{deep}"}"
  note "#{}"
#         ^ RB0012 a value is missing before `}` inside `#{…}`
# help: between the braces stands one expression: `#{name}`, `#{a + b}`; as text it is written `\#{`
  note "#{a b}"
#           ^ RB0012 `b` cannot stand here inside `#{…}`
# help: between the braces stands one expression: `#{name}`, `#{a + b}`; as text it is written `\#{`
  note "#{a +}"
#            ^ RB0012 a value is missing before `}` inside `#{…}`
# help: between the braces stands one expression: `#{name}`, `#{a + b}`; as text it is written `\#{`
  note "#{x.upcase()}"
#                 ^ RB0042 `.upcase` takes no arguments: there are no methods here
# help: functions stand before their values: `upcase(x, …)`
  note "#{open"
#       ^^ RB0012 this `#{` has no `}` before the end of its line
# help: close it: `#{name}`; a `#{` that is meant as text is written `\#{`
  note "#{join(x, \"; \")} and more"
#                 ^^ RB0012 a `\` cannot stand before a quote inside `#{…}`
# help: quotes inside `#{…}` need no backslash: `"#{join(names, "; ")}"`
  note "#{x[\"a\"]}"
#           ^^ RB0012 a `\` cannot stand before a quote inside `#{…}`
# help: quotes inside `#{…}` need no backslash: `"#{join(names, "; ")}"`
  note <<~TEXT
    #{join(x, \"; \")}
#             ^^ RB0012 a `\` cannot stand before a quote inside `#{…}`
# help: quotes inside `#{…}` need no backslash: `"#{join(names, "; ")}"`
  TEXT
  note "a { is only a brace, a # only a hash, $HOME only a word"
end
