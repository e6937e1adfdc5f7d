# Where a value stands decides how it is quoted.
runbook quotes, "Quotes" do
  param name_of, string, default: "a"
  param names, list, default: ["a"]
  param number_of, int, default: 3
  sh read: "echo #{name_of} '#{name_of}' \"x #{name_of}\" #{names} $((1 + #{number_of}))"
  sh read: "echo $(echo \"$(echo #{name_of})\")"
  sh read: "echo `echo #{name_of}`"
#                      ^^^^^^^^^^ RB0401 a value cannot be put in safely in `…`
# help: give it by `env: { NAME: value }` and write "$NAME"
  sh read: "echo $'#{name_of}'"
#                  ^^^^^^^^^^ RB0401 a value cannot be put in safely in $'…'
# help: give it by `env: { NAME: value }` and write "$NAME"
  sh read: "echo $#{name_of}"
#                 ^^^^^^^^^^ RB0401 a value cannot be put in safely right after a `$`
# help: give it by `env: { NAME: value }` and write "$NAME"
  sh read: "echo ${X:-#{name_of}}"
#                     ^^^^^^^^^^ RB0401 a value cannot be put in safely in ${…}
# help: give it by `env: { NAME: value }` and write "$NAME"
  sh read: "echo $((1 + #{name_of}))"
#                       ^^^^^^^^^^ RB0401 a value cannot be put in safely in ((…)), where only whole numbers stand
# help: give it by `env: { NAME: value }` and write "$NAME"
  sh read: "true # #{name_of}"
#                  ^^^^^^^^^^ RB0401 a value cannot be put in safely in a comment, which a line end would close
# help: give it by `env: { NAME: value }` and write "$NAME"
  sh read: "echo --x=#{names}"
#                    ^^^^^^^^ RB0404 a list gives several words, and this is a part of one
# help: let the list stand alone, or make one text of it: #{join(list, ",")}
  sh read: "echo '#{names}'"
#                 ^^^^^^^^ RB0404 a list gives several words, and this is a part of one
# help: let the list stand alone, or make one text of it: #{join(list, ",")}
  sh read: "echo --x='#{join(names, ",")}'"
  sh read: "echo 'it's'"
#          ^^^^^^^^^^^^^ RB0402 '…' is not closed in the command
# help: bash would wait for its end
  sh read: "echo \"$(ls\""
#          ^^^^^^^^^^^^^^^ RB0402 "…" is not closed in the command
# help: bash would wait for its end
  sh read: <<~SH, timeout: 10.s
    cat <<EOF2
    #{name_of}
#   ^^^^^^^^^^ RB0401 a value cannot be put in safely in a heredoc
# help: give it by `env: { NAME: value }` and write "$NAME"
    EOF2
  SH
  sh read: <<~'SH'
    cat <<'EOF3'
    it's all right: #{nothing} works here
    EOF3
    echo "done"
  SH
  sh read: "grep #{raw(name_of)} file"
#                ^^^^^^^^^^^^^^^ RB0413 warning: this goes into the command as it is, unquoted
# help: whoever sets this value can run any command
  sh read: "echo #{run}"
#                ^^^^^^ RB0201 a record is no word of a command
# help: take one of its fields
end
