runbook Release, "Release" do
#       ^^^^^^^ RB0039 `Release`: a name begins with a small letter
# help: text stands between quotes, `"Release"`; a name would be `release`
  step build-all, "Build" do
    sh $COMMAND
#      ^ RB0039 a name does not begin with `$`
# help: `param command, string, env: "COMMAND"` reads a variable of the environment
    note @name
#        ^ RB0039 a name does not begin with `@`
# help: write `name`
    assert list.empty?, "empty"
#                    ^ RB0039 a name has no `?`
# help: compare: `x == null`, `count(x) == 0`
    assert VERSION == "1", "version"
#          ^^^^^^^ RB0039 `VERSION`: a name begins with a small letter
# help: text stands between quotes, `"VERSION"`; a name would be `version`
  end
  step 2nd, "Second" do
#      ^^^ RB0039 `2nd` is neither a number nor a name
# help: a name begins with a letter; a number has its unit behind a dot, `10.min`
    sh "make"
  end
end
