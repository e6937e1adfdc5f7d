runbook release, "Release" do
  let a = ready ? "yes" : "no"
#               ^ RB0035 there is no `? :` here
# help: `choose(COND, A, B)` is A where COND holds, and B where not
  let b = count % 2
#               ^ RB0035 there is no `%` here
# help: text is put together with `#{…}`; a share is written `5.pct`
  let c = x ** 2
#           ^^ RB0035 there is no operator `**` here
# help: there are + - * /, comparisons, && || !
  let d = x === y
#           ^^^ RB0035 there is no `===` here
# help: `==` compares, `=~` matches
  let e = 1..5
#          ^^ RB0035 there is no operator `..` here
# help: two comparisons: `x >= 1 && x <= 5`
  let f = x&.name
#          ^^ RB0035 there is no operator `&.` here
# help: `&&` is and; a field is read with `.`
  let g = list << "x"
#              ^^ RB0035 there is no operator `<<` here
# help: `add NAME` adds to a `collect`; a heredoc is written `<<~TEXT`
  let h = Foo::BAR
#         ^^^ RB0039 `Foo` is a constant of Ruby
# help: nothing of Ruby runs in a runbook: there are no classes and no methods
  let i = x | y
#           ^ RB0035 there is no operator `|` here
# help: `||` is or
end
