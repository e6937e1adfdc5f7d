# Seconds against megabytes, a percent against a bare number.
runbook units, "Units" do
  param interval, duration, default: 10.min
  param samples, int, default: 12
  param size, bytes, default: 20.MB
  param rate, percent, default: 98.pct
  assert interval * samples <= 3.h, "fine"
  assert interval == 600, "seconds?"
#        -------- RB0202 a duration
#        ^^^^^^^^^^^^^^^ RB0202 `==` cannot compare a duration with an int
# help: write `600.s` or `600.min`
#                    --- RB0202 an int
  assert rate >= 98, "98 or 0.98?"
#        ---- RB0202 a percent
#        ^^^^^^^^^^ RB0202 `>=` cannot compare a percent with an int
# help: write `98.pct`
#                -- RB0202 an int
  assert size < interval, "megabytes against seconds"
#        ---- RB0202 bytes
#        ^^^^^^^^^^^^^^^ RB0202 `<` cannot compare bytes with a duration
# help: both sides need the same unit
#               -------- RB0202 a duration
  assert interval + 5 == 10.min, "plus what?"
#        -------- RB0202 a duration
#        ^^^^^^^^^^^^ RB0202 `+` cannot take a duration and an int
# help: write `5.s` or `5.min`
#                   - RB0202 an int
  assert interval * size > 1, "no such thing"
#        -------- RB0202 a duration
#        ^^^^^^^^^^^^^^^ RB0202 `*` cannot take a duration and bytes
#                   ---- RB0202 bytes
  assert 5.m < interval, "metres?"
#        ^^^ RB0204 `m` is no unit; did you mean `min`?
# help: units: ns us ms s min h d pct pp B KB MB GB TB KiB MiB GiB TiB
  assert 20.mb < size, "millibits?"
#        ^^^^^ RB0204 `mb` is no unit; did you mean `MB`?
# help: units: ns us ms s min h d pct pp B KB MB GB TB KiB MiB GiB TiB
  wait 30
#      ^^ RB0202 `wait` needs a unit of time
# help: write `30.s` or `30.min`
  sh read: "true", timeout: 20, max: 100
#                           ^^ RB0202 `timeout:` needs a unit of time
# help: write `20.s` or `20.min`
#                                    ^^^ RB0202 `max:` needs a unit of size
# help: write `100.MB` or `100.MiB`
  assert 10 / 0 == 1, "nothing"
#             ^ RB0212 a division by zero
  sh read: "curl -fsS https://perf.example/last", timeout: 20.s, parse: json, as: load
  assert load.value.runs[0].p95 <= 300.ms, "fast"
#        ---------------------- RB0203 json
#        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0203 `<=` cannot compare json with a duration
# help: JSON has no units: write `duration(x, "ms")` of the number
#                                  ------ RB0203 a duration
  assert load.value.errors == 1.pct || load.value.size > 3.GB, "small"
#        ----------------- RB0203 json
#        ^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0203 `==` cannot compare json with a percent
# help: JSON has no units: write `percent(x, 1)` where 1 is all, `percent(x, 100)` where 100 is
#                             ----- RB0203 a percent
#                                      --------------- RB0203 json
#                                      ^^^^^^^^^^^^^^^^^^^^^^ RB0203 `>` cannot compare json with bytes
# help: JSON has no units: write `bytes(x, "B")` of the number
#                                                        ---- RB0203 bytes
  assert load.value.at < run.started_at && load.value.p95 + 3.s < 4.s, "before"
#        ------------- RB0203 json
#        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0203 `<` cannot compare json with a time
# help: JSON has no times: write `time(x)` of the text
#                        -------------- RB0203 a time
#                                          -------------- RB0203 json
#                                          ^^^^^^^^^^^^^^^^^^^^ RB0203 `+` cannot take json and a duration
# help: JSON has no units: write `duration(x, "ms")` of the number
#                                                           --- RB0203 a duration
  assert load.value.rate >= load.value.base * 90.pct, "not slower"
#        --------------- RB0203 json
#        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0203 `>=` cannot compare json with a percent
# help: JSON has no units: write `percent(x, 1)` where 1 is all, `percent(x, 100)` where 100 is
#                           ------------------------ RB0203 a percent
  assert duration(load.value.p95, "ms") * 2 <= 300.ms && percent(load.value.errors, 100) < 1.pct, "well"
  assert load.value.weight * 3.s < 4.s && load.value.rate >= load.value.base * number(90.pct), "well"
end
