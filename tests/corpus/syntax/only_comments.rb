# only a comment
# RB0005 the file holds no runbook
# help: the smallest one: `runbook KEY, "title" do` … `end`

