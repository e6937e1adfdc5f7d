# Types of parameters and questions.
runbook declared, "Declared" do
  param a, strng
#          ^^^^^ RB0211 `strng` is no type
# help: did you mean `string`?
  param b, one_of()
#          ^^^^^^^^ RB0211 `one_of` needs its members
  param c, one_of(x, x)
#                    ^ RB0211 the member `x` stands twice
  param d, one_of
#          ^^^^^^ RB0211 `one_of` needs its members: `one_of(a, b)`
  param e, int, default: "three"
#                        ^^^^^^^ RB0201 the default is an int, this is a string
  param f, int, default: 5, min: 10, max: 3
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0212 `min:` is larger than `max:`: nothing fits
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0212 the default is outside of `min:` and `max:`
  param g, duration, default: 10, unit: MB
#                                       ^^ RB0039 `MB`: a name begins with a small letter
# help: text stands between quotes, `"MB"`; a name would be `mb`
  param h, string, min: 3
# ^^^^^^^^^^^^^^^^^^^^^^^ RB0313 string has no smallest and no largest value
#                       ^ RB0201 `min:` is a string, this is an int
  param i, int, matches: /a/
#               ^^^^^^^^^^^^ RB0313 `matches:` is for text, not for int
  param j, url, default: "not a url"
#                        ^^^^^^^^^^^ RB0201 "not a url" is no URL; one reads `https://host:port/path`
  param k, one_of(small, large), default: medium
#                                         ^^^^^^ RB0209 `medium` is none of its values
# help: its values: small large
  param l, string, default: run.id
#                           ^^^^^^ RB0210 the default must be known before the run
# help: write the value itself
  param m, string, not_host: ["localhost"]
#                  ^^^^^^^^^^^^^^^^^^^^^^^ RB0313 `not_host:` is for a url, not for string
  param n, duration, unit: parsec
#                          ^^^^^^ RB0204 `parsec` is no unit
  param o, string, default: "1.2", matches: /^v/
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0212 the default does not match /^v/
  ask p, int, "How many?", default: a
  ask q, string, "What?", must: true
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0313 `must:` is for a bool
# help: what other answers must be, `matches:`, `min:` and `max:` say
  ask r, int, "How many?", optional: true, default: 3
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0313 with a `default:` an empty line is the default, never null
# help: leave one of `default:` and `optional:` out
  ask s, "What?", "What?"
#        ^^^^^^^ RB0211 a type is needed here
# help: string text int float bool duration percent bytes time url path list map json one_of(…) many_of(…)
end
