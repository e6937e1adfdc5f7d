runbook release, "Release" do
  sh <<~BUILD
    make #{target} #{count(a, b)}
    make #{a b}
#            ^ RB0012 `b` cannot stand here inside `#{…}`
# help: between the braces stands one expression: `#{name}`, `#{a + b}`; as text it is written `\#{`
    make #{}
#          ^ RB0012 a value is missing before `}` inside `#{…}`
# help: between the braces stands one expression: `#{name}`, `#{a + b}`; as text it is written `\#{`
    make #{open
#        ^^ RB0012 this `#{` has no `}` before the end of its line
# help: close it: `#{name}`
  BUILD
  sh <<~'BUILD'
    make #{anything at all
  BUILD
end
