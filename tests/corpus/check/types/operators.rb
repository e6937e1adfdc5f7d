# What operators take.
runbook operators, "Operators" do
  param name_of, string, default: "a"
  param flag, bool, default: true
  param kind, one_of(small, large), default: small
  param many, many_of(red, green), default: red
  param names, list, optional: true
  assert name_of > 3, "text has no order"
#        ------- RB0203 a string
#        ^^^^^^^^^^^ RB0203 `>` cannot compare a string with an int
#                  - RB0203 an int
  assert name_of && flag, "text is no truth"
#        ^^^^^^^ RB0201 `&&` takes a bool, this is a string
  assert !name_of, "text is no truth"
#         ^^^^^^^ RB0201 `!` takes a bool, this is a string
  assert -name_of == "a", "text has no negative"
#        ^^^^^^^^ RB0203 a string has no negative
  assert name_of - "a" == "b", "text is not subtracted"
#        ------- RB0203 a string
#        ^^^^^^^^^^^^^ RB0203 `-` cannot take a string and a string
# help: put values into a text with #{…}
#                  --- RB0203 a string
  assert kind == lrge, "a slip"
#                ^^^^ RB0209 `lrge` is none of its values
# help: did you mean `large`?
  assert kind == "medium", "no such member"
#                ^^^^^^^^ RB0209 `medium` is none of its values
# help: its values: small large
  assert kind == small || kind == large, "fine"
  assert contains(many, red), "members in functions are text"
  assert contains(many, "red"), "fine"
  assert run.verdict == passed, "a slip"
#                       ^^^^^^ RB0209 `passed` is none of its values
# help: did you mean `pass`?
  assert name_of =~ "a", "a pattern stands between slashes"
#                   ^^^ RB0201 `=~` takes a pattern between slashes
# help: /^v\d+$/
  assert name_of =~ /(a/, "an open group"
#                    ^ RB0206 the pattern is not valid: unclosed group
  assert name_of =~ /^a+$/, "fine"
  assert flag =~ /a/, "no text"
#        ^^^^ RB0201 `=~` takes text, this is a bool
  assert [1, 2][0] == 1, "fine"
  assert name_of[0] == "a", "text has no places"
#        ^^^^^^^^^^ RB0201 a string has no `[…]`
# help: a list takes a place (from 0), a map a key
  assert [1, 2]["a"] == 1, "a list has places"
#               ^^^ RB0201 `[…]` takes an int, this is a string
  assert default(flag, 3), "not in its place"
#                      ^ RB0201 in the place of a bool stands an int
  step merge, "Merge" do
    note "x"
  end
  assert name_of == merge, "a text that is a step's name as well"
#        ------- RB0203 a string
#        ^^^^^^^^^^^^^^^^ RB0203 `==` cannot compare a string with a record
# help: `merge` is what a statement gives; if the text is meant, write `"merge"`
#                   ----- RB0203 a record
  assert merge != name_of, "on the other side"
#        ----- RB0203 a record
#        ^^^^^^^^^^^^^^^^ RB0203 `!=` cannot compare a record with a string
# help: `merge` is what a statement gives; if the text is meant, write `"merge"`
#                 ------- RB0203 a string
  assert merge == flag, "no text"
#        ----- RB0203 a record
#        ^^^^^^^^^^^^^ RB0203 `==` cannot compare a record with a bool
#                 ---- RB0203 a bool
end
