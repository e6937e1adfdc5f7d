# The plan says Monday; that day is a Tuesday.
runbook window_of, "Window" do
  timezone "Asia/Shanghai"
  window from: "2025-11-18 09:00", to: "2025-11-18 12:00", opens: "08:30", weekday: mon
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0602 2025-11-18 is a Tuesday
# help: write `weekday: tue`, or take the date that the plan means
#              ------------------ RB0602 Tuesday

  section a, "A", at: "08:00", until: "09:00" do
#                     ^^^^^^^ RB0605 warning: 08:00 is outside of the window, 08:30 to 12:00
    note "x"
  end
  section b, "B", at: "10:00", until: "09:30" do
#                     ------- RB0604 its begin
#                                     ^^^^^^^ RB0604 warning: the section ends before it begins
#                                     ------- RB0604 the section before ends here
    note "x"
  end
  section c, "C", at: "09:10", until: "13:00" do
#                     ^^^^^^^ RB0604 warning: this begins before 09:30
#                                     ^^^^^^^ RB0605 warning: 13:00 is outside of the window, 08:30 to 12:00
    note "x"
  end
  section d, "D", at: "9:10" do
#                     ^^^^^^ RB0601 `9:10` is no time of day
# help: write it as 09:10
    note "x"
  end
  wait until: "11:10"
  wait until: "14:00"
#             ^^^^^^^ RB0605 warning: 14:00 is outside of the window, 08:30 to 12:00
  wait until: "25:00"
#             ^^^^^^^ RB0601 `25:00` is no time of day
# help: write it as 09:10
  wait until: run.started_at + 5.min
  wait until: run.id
#             ^^^^^^ RB0201 `until:` takes a time, this is a string
end
