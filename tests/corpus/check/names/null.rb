# What may be null is looked at first.
runbook null_values, "Null" do
  param prom_url, url, optional: true
  param count_of, int, optional: true
  secret token, env: "TOKEN", optional: true
  source prod, scrape: prom_url, bearer: token

  sh read: "curl #{prom_url}", timeout: 10.s
#                  ^^^^^^^^ RB0106 `prom_url` may be null here
# help: ask `assigned(prom_url)` first (in an `if` or `if:`), or write `default(prom_url, …)`
  assert count_of > 3, "more than three"
#        ^^^^^^^^ RB0106 `count_of` may be null here
# help: ask `assigned(count_of)` first (in an `if` or `if:`), or write `default(count_of, …)`
  assert assigned(count_of) && count_of > 3, "looked at"
  assert !assigned(count_of) || count_of > 3, "looked at the other way"
  assert default(count_of, 0) > 3, "with what stands in its place"
  note "for people, what is not there is said to be not there: #{prom_url}"
  http get: prom_url, if: assigned(prom_url)
  if assigned(prom_url)
    http get: prom_url
  else
    http get: prom_url
#             ^^^^^^^^ RB0106 `prom_url` may be null here
# help: ask `assigned(prom_url)` first (in an `if` or `if:`), or write `default(prom_url, …)`
  end
  let late = "#{prom_url}/x"
#               ^^^^^^^^ RB0106 `prom_url` may be null here
# help: ask `assigned(prom_url)` first (in an `if` or `if:`), or write `default(prom_url, …)`
end
