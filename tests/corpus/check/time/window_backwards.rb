# A window that ends before it begins.
runbook window_of, "Window" do
  timezone "Asia/Beijing"
#          ^^^^^^^^^^^^^^ RB0601 there is no zone `Asia/Beijing`
# help: an IANA name: "Asia/Shanghai", "Europe/Berlin", "UTC"
  window from: "2025-11-18 12:00", to: "2025-11-18 09:00", opens: "13:00"
#              ------------------ RB0603 its begin
#                                      ^^^^^^^^^^^^^^^^^^ RB0603 the window ends before it begins
#                                                                 ^^^^^^^ RB0603 `opens:` is after the begin of the window
end
