runbook release, "Release" do
  step build, "Build do
#             ^^^^^^^^^ RB0006 this string has no closing quote on its line
# help: close it; text of several lines is written as a heredoc, `<<~TEXT`, or with `\n`
    sh "make all
#      ^^^^^^^^^ RB0006 this string has no closing quote on its line
# help: close it; text of several lines is written as a heredoc, `<<~TEXT`, or with `\n`
    note 'it's done'
#        ---- RB0006 or is a quote missing or too much here?
#                  ^ RB0006 this string has no closing quote on its line
# help: close it; a text with an apostrophe in it stands in double quotes
    sh "make test", timeout: 5.min
  end
  step push, "推送" do
    notify ops, "发布完成, as: told
#               ^^^^^^^^^^^^^^^^^^^ RB0006 this string has no closing quote on its line
# help: close it; text of several lines is written as a heredoc, `<<~TEXT`, or with `\n`
    ask version, string, "版本"
  end
end
