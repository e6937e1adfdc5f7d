# Declarations that a runbook has once.
runbook once, "Once" do
  language 1
# ---------- RB0315 first here
  language 2
# ^^^^^^^^^^ RB0315 `language` stands twice
#          ^ RB0212 `language` must be 1
  timezone "Asia/Shanghai"
# ------------------------ RB0315 first here
  timezone "Asia/Peking"
# ^^^^^^^^^^^^^^^^^^^^^^ RB0315 `timezone` stands twice
#          ^^^^^^^^^^^^^ RB0601 there is no zone `Asia/Peking`
# help: an IANA name: "Asia/Shanghai", "Europe/Berlin", "UTC"
  owner "Owner", ask: true
# ------------------------ RB0315 first here
  owner "Owner"
# ^^^^^^^^^^^^^ RB0308 an owner is asked for, or has a name
# help: owner "title", ask: true   or   owner "title", name: "…"
# ^^^^^^^^^^^^^ RB0315 `owner` stands twice
  finally do
# ------- RB0315 first here
    note "x"
  end
  finally do
# ^^^^^^^ RB0315 `finally` stands twice
    note "x"
  end
end
