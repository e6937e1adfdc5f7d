runbook release, "Release" do
  param a, string, matches: /^v\d+$/
  param b, string, matches: /^web\/[a-z]+$/i
  param c, string, matches: /^v\d+
#                           ^^^^^^ RB0013 this regular expression has no closing `/` on its line
# help: close it with `/`; a `/` inside is written `\/`
  param d, string, matches: /^v\d+$/x
#                           ^^^^^^^^^ RB0013 `/^v\d+$/x` is no regular expression of this language
# help: only `i` may follow the closing `/`; nothing is put into it with `#{…}`; it is not empty
  param e, string, matches: /^#{a}$/
#                           ^^^^^^^^ RB0013 `/^#{a}$/` is no regular expression of this language
# help: only `i` may follow the closing `/`; nothing is put into it with `#{…}`; it is not empty
  assert a =~ /x/ && b / 2 > 1, "division and expressions"
end
