# Dates have one form.
runbook window_of, "Window" do
  window from: "18.11.2025 09:00", to: "2025-11-31 12:00", weekday: tuesday
#              ^^^^^^^^^^^^^^^^^^ RB0601 `18.11.2025 09:00` is no date and time
# help: write it as 2025-11-18 09:00
#                                      ^^^^^^^^^^^^^^^^^^ RB0601 `2025-11-31 12:00` is no date and time
# help: write it as 2025-11-18 09:00
#                                                                   ^^^^^^^ RB0311 `weekday:` knows no `tuesday`
# help: one of: mon tue wed thu fri sat sun
end
