# What comes from outside, and where it goes.
runbook outside, "Outside" do
  param a, string, env: "METRICS URL"
#                       ^^^^^^^^^^^^^ RB0312 `METRICS URL` is no name of a variable
# help: letters, digits and `_`: METRICS_URL
  secret b, env: "1TOKEN"
#                ^^^^^^^^ RB0312 `1TOKEN` is no name of a variable
# help: letters, digits and `_`: METRICS_URL
  secret c, command: "cat 'token"
#                    ^^^^^^^^^^^^ RB0402 '…' is not closed in the command
# help: bash would wait for its end
  source prod, scrape: "metrics.example.com"
#                      ^^^^^^^^^^^^^^^^^^^^^ RB0201 "metrics.example.com" is no URL; one reads `https://host:port/path`
  source both, scrape: ["https://a.example.com/metrics", "b"]
#                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0201 "b" is no URL; one reads `https://host:port/path`
  sh read: "echo", env: { "FOO-BAR": a, GOOD: b }
#                         ^^^^^^^^^ RB0312 `FOO-BAR` is no name of a variable
# help: letters, digits and `_`: METRICS_URL
  http get: "example.com", bearer: c
#           ^^^^^^^^^^^^^ RB0201 "example.com" is no URL; one reads `https://host:port/path`
  wait 0.s
#      ^^^ RB0212 `wait` must be more than nothing
  sh read: "true", timeout: 0.s
#                           ^^^ RB0212 `timeout:` must be more than nothing
  role nobody, "Nobody", people: []
#                                ^^ RB0503 nobody has this role: its prompts could not be answered
# help: without `people:` anyone may answer
end
