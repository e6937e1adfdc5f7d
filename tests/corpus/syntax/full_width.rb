runbook release, "发布" do
  ask version， string， "版本"
#            ^^ RB0028 `，` is a full-width character, as a Chinese keyboard gives it
# help: write `,`; in strings and comments it may stand
#                     ^^ RB0028 `，` is a full-width character, as a Chinese keyboard gives it
# help: write `,`; in strings and comments it may stand
  note “全角引号”
#      ^ RB0028 `“` is a typographic character, as a word processor makes it
# help: write `"`; in strings and comments it may stand
  assert contains（list, "a"), "有"
#                ^^ RB0028 `（` is a full-width character, as a Chinese keyboard gives it
# help: write `(`; in strings and comments it may stand
  assert size ≥ 3, "够大"
#             ^ RB0028 `≥` is a typographic character, as a word processor makes it
# help: write `>=`; in strings and comments it may stand
  ask 名称, string, "名称"
#     ^^^^ RB0039 `名称` cannot be a name
# help: names are made of a-z, 0-9 and _; text stands between quotes
  note "全角标点，在字符串里（可以）"  # 注释里也可以，“没问题”
end
