runbook release, "Release" do
  sh <<-BUILD
#    ^^^^^^^^ RB0010 a heredoc is written `<<~TAG`, or `<<~'TAG'` where nothing in it works
# help: write `<<~BUILD`
    make
    BUILD
  sh <<BUILD
#    ^^^^^^^ RB0010 a heredoc is written `<<~TAG`, or `<<~'TAG'` where nothing in it works
# help: write `<<~BUILD`
make
BUILD
  sh <<~"BUILD"
#    ^^^^^^^^^^ RB0010 a heredoc is written `<<~TAG`, or `<<~'TAG'` where nothing in it works
# help: write `<<~BUILD`
    make
  BUILD
  note <<~A + <<~B
#      ---- RB0010 the first one
#             ^^^^ RB0010 a statement has one heredoc at most
# help: give one of the two texts a name with `let`
    one
  A
    two
  B
  notify ops, <<~TEXT,
#                    ^ RB0010 a heredoc's options stand on its own line, before its text
# help: write them after the `<<~TAG`, on the same line
    hello
  TEXT
    as: told
  note "after"
end
