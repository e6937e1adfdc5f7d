runbook release, "Release" do
  each host, in: %w[web1 web2] do
#                ^^^^^^^^^^^^^ RB0034 `%w[web1 web2]` is Ruby's shorthand
# help: a list is written `["a", "b"]`, a string `"…"`
    sh "ping #{host}"
  end
  let f = -> { 1 }
#         ^^ RB0034 there are no lambdas here
# help: functions such as `where`, `sort` and `find` take their condition as it is
  let q = %q(text)
#         ^^^^^^^^ RB0034 `%q(text)` is Ruby's shorthand
# help: a list is written `["a", "b"]`, a string `"…"`
end
