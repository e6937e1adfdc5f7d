# A secret stays one.
runbook secrets, "Secrets" do
  secret token, env: "TOKEN"
  secret both, env: "A", file: "/b"
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0308 a secret comes from exactly one place
# help: one of `env:`, `file:`, `command:`, `ask: true`, `generate: 24`
  secret none
# ^^^^^^^^^^^ RB0308 a secret comes from exactly one place
# help: one of `env:`, `file:`, `command:`, `ask: true`, `generate: 24`
  secret short, generate: 4
#                         ^ RB0212 `generate:` is a number from 16 to 1024
  param metrics_url, url
  source prod, scrape: metrics_url, bearer: token
  http get: metrics_url, bearer: token, headers: { "X-Token": token }
  sh "deploy", env: { TOKEN: token }, stdin: token
  sh "deploy --token #{token}"
#                    ^^^^^^^^ RB0403 a secret in the text of a command is seen by every user of the machine
# help: give it by `env: { TOKEN: x }` and write "$TOKEN", or by `stdin: x`
  sh "deploy --token #{raw(token)}"
#                    ^^^^^^^^^^^^^ RB0403 a secret in the text of a command is seen by every user of the machine
# help: give it by `env: { TOKEN: x }` and write "$TOKEN", or by `stdin: x`
  note "the token is #{token}"
#                      ^^^^^ RB0205 a secret has no text
# help: a secret reaches a command only by `env:` or `stdin:`, a request by `bearer:` or `headers:`
  assert token == "x", "compared"
#        ----- RB0203 a secret
#        ^^^^^^^^^^^^ RB0203 `==` cannot compare a secret with a string
#                 --- RB0203 a string
  copy token, to: "a"
#      ^^^^^ RB0205 a secret cannot stand in `copy`
# help: a secret reaches a command only by `env:` or `stdin:`, a request by `bearer:` or `headers:`
  confirm "Sure?", key: sure, show: token
#                                   ^^^^^ RB0205 a secret cannot stand in `show:`
# help: a secret reaches a command only by `env:` or `stdin:`, a request by `bearer:` or `headers:`
end
