# Words, arguments and options.
runbook words, "Words" do
  setp one, "One" do
# ^^^^ RB0301 `setp` is no word of the language
# help: did you mean `step`?
    note "inside"
    nott "what stands inside is read all the same"
#   ^^^^ RB0301 `nott` is no word of the language
# help: did you mean `note`?
  end
  kubectl apply
# ^^^^^^^ RB0301 `kubectl` is no word of the language
# help: a command of the shell is written `sh "…"`
  screenshot grafana
# ^^^^^^^^^^ RB0301 `screenshot` is no word of the language
# help: it is planned, and not built yet
  sh read: "true", tmeout: 3.s
#                  ^^^^^^ RB0305 `sh` has no option `tmeout:`
# help: did you mean `timeout:`?
  sh read: "true", on: web
#                  ^^ RB0305 `sh` has no option `on:`
# help: it is planned, and not built yet
  sh read: "true", timeout: 3.s, timeout: 4.s
#                  ------- RB0306 first here
#                                ^^^^^^^ RB0306 `timeout:` stands twice
  sh
# ^^ RB0303 `sh` needs its command
# help: sh "…"   or, if it only looks,   sh read: "…"
  sh "a", read: "b"
#               ^^^ RB0308 a statement has one command
# help: write two statements
  sh read: kubectl
#          ^^^^^^^ RB0201 a command is a text with its values in it
# help: sh "kubectl -n #{namespace} get pods"
  copy "a"
# ^^^^^^^^ RB0307 `copy` needs `to:`
# help: The new file. Form: copy "FILE", to: "FILE"
  copy "a", "b", to: "c"
#           ^^^ RB0304 `copy` takes no further argument
# help: copy "FILE", to: "FILE"
  confirm
# ^^^^^^^ RB0303 `confirm` needs its title
# help: confirm "title"
  each do
# ^^^^ RB0303 `each` needs its name
# help: each NAME, in: LIST do … end
    note "x"
  end
  sh read: "true", severity: worn
#                            ^^^^ RB0311 `severity:` knows no `worn`
# help: did you mean `warn`?
  sh read: "true", again: 3
#                         ^ RB0311 `again:` takes a bare word
# help: one of: safe ask never
  step "one", "One" do
#      ^^^^^ RB0312 a key is a bare name
# help: lower case letters, digits and `_`
    note "x"
  end
  http "https://example.com"
#      ^^^^^^^^^^^^^^^^^^^^^ RB0304 `http` takes no further argument
# help: http get: URL
  http get: "https://example.com", post: "https://example.com"
#                                        ^^^^^^^^^^^^^^^^^^^^^ RB0308 a request has one method
# help: write two statements
  http get: "https://example.com", body: "x"
#                                        ^^^ RB0313 a GET has no body
  http get: "https://example.com", expect: { staus: 200 }
#                                            ^^^^^ RB0305 `expect:` knows no `staus:`
# help: it takes status: and format:
  wait
# ^^^^ RB0308 `wait` takes a span, or `until:` a time
# help: wait 5.min   or   wait until: "11:10"
  wait 5.min, until: "09:10"
# ^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0308 `wait` takes a span, or `until:` a time
# help: wait 5.min   or   wait until: "11:10"
  report to: "x"
# ^^^^^^^^^^^^^^ RB0308 a report is made from one of `template:`, `table:`, `samples:`
# help: report template: "FILE", to: "FILE"
  update file: "x", text: "y"
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0307 `update` needs a place: `under:` a heading, or `replace:`
# help: update file: "FILE", under: "HEADING", with: "TEMPLATE"
  update file: "x", under: "y"
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0308 the new text comes `with:` a template, or is a `text:`
  query prod, by: [status]
#       ^^^^ RB0110 there is no source `prod`
# help: none is declared: source NAME, scrape: URL
#             ^^^^^^^^^^^^ RB0313 `by:` belongs to `increase:` or `promql:`, and there is none
  note "x", en: "x", en: "y"
#           -- RB0306 first here
#                    ^^ RB0306 `en:` stands twice
  sh read: "true", en: "without a title"
#                  ^^^^^^^^^^^^^^^^^^^^^ RB0313 `en:` is the English of a title, and there is none
# help: write `title:` beside it
  sh read: "true", retry: 2000
#                         ^^^^ RB0212 `retry:` is a number from 0 to 1000
  sh read: "true", every: 3.s
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0313 `every:` belongs to `retry:`, and there is none
  sh read: "true", tty: yes
#                       ^^^ RB0210 `tty:` is `true` or `false`
end
