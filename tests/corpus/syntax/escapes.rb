runbook release, "Release" do
  note "tab \t newline \n quote \" backslash \\ hash \#{x} arrow \u{2192}"
  note "bell \a, carriage return \r"
#            ^^ RB0011 `\a` is no escape of this language
# help: there are \n \t \" \\ \# \u{…}; a backslash itself is `\\a`
#                                ^^ RB0011 `\r` is no escape of this language
# help: there are \n \t \" \\ \# \u{…}; a backslash itself is `\\r`
  note "path C:\dir, number \u2192, none \u{110000}"
#              ^^ RB0011 `\d` is no escape of this language
# help: a backslash itself is written `\\`: `\\d`; in '…' it stands for itself
#                           ^^ RB0011 `\u` is no escape of this language
# help: write `\u{2192}`: the number in braces
#                                        ^^^^^^^^^^ RB0011 `\u{110000}` is no escape of this language
# help: a character's number is at most 10FFFF, and none of D800 to DFFF
  note 'C:\new\dir'
  note 'a quote \' inside'
#               ^^ RB0011 `\'` in a raw string: nothing is escaped between single quotes
# help: write the text in double quotes, with `\\` for a backslash
end
