runbook release, "Release" do
  step build, "Build", do
#                    ^ RB0015 no argument follows this comma
# help: take it out, or write the argument
    sh "make", timeout: 1.min,
#                            ^ RB0015 a comma ends this line, and no argument follows
# help: take it out: it would make the next statement an argument of this one
    sh "make test",
#                 ^ RB0015 a comma ends this line, and no argument follows
# help: take it out: it would make the next statement an argument of this one
    note "each of these lines is read"
  end
  notify ops,
    "an argument may stand",
    as: told
  let list = ["a",
    "b",
  ]
  ask name, string,
#                 ^ RB0015 a comma ends this line, and no argument follows
# help: take it out: it would make the next statement an argument of this one
end
