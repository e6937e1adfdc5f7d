# Nothing stands here but comments.
# RB0005 the file holds no runbook
# help: `runbook new` writes a first one
