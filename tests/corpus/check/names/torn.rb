# What follows from a broken line is not said, and what does not is.
runbook torn, "Torn" do
  environmnts production, rehearsal
# ^^^^^^^^^^^ RB0301 `environmnts` is no word of the language
# help: did you mean `environments`?
  param limit, # int, "Limit"
#            ^ RB0015 a comma ends this line, and no argument follows
# help: take it out: it would make the next statement an argument of this one
  param place, ul, env: "PLACE", per_env: { production: "https://web.example" }
#              ^^ RB0211 `ul` is no type
# help: did you mean `url`?
  param after, ,int
#              ^ RB0041 an argument is missing before this comma
# help: write it, or take the comma out
  ownr "Owner", ask: true
# ^^^^ RB0301 `ownr` is no word of the language
# help: did you mean `owner`?
  source prod, scrape: place
  slo rate, "Rate", from: prdo do
#                         ^^^^ RB0110 there is no source `prdo`
# help: did you mean `prod`?
    value ratio part: 'good_total', total: 'all_total'
    unit percent
    trget >= 98.pct
#   ^^^^^ RB0301 `trget` is no word of the language
# help: did you mean `target`?
  end
  slo late, "Late", from: prod do
    value quantile 0.99, off: 'seconds'
#                        ^^^ RB0305 `value` has no option `off:`
# help: did you mean `of:`?
    unit s
    target <= 2.s
  end

  sh read: "true", timeout: limit, sa: found
#                                  ^^ RB0305 `sh` has no option `sa:`
# help: did you mean `as:`?
  note "#{found.out} #{missing}"
#                      ^^^^^^^ RB0101 there is no name `missing`
  sh read: "true", timeout: 2.s, parse: jsn, as: parsed
#                                       ^^^ RB0311 `parse:` knows no `jsn`
# help: did you mean `json`?
  note "#{parsed.value.a} #{absent}"
#                           ^^^^^^ RB0101 there is no name `absent`
  sample prod, every: 1.min, count: 3, as: series_of
  note "#{series_of.rate.last} #{series_of.lat.last}"
#                                          ^^^ RB0105 there is no field `lat`
# help: did you mean `last`?
  confirm "Good?", key: good, by: owner, within: 5.min, ele: suspend
#                                                       ^^^ RB0305 `confirm` has no option `ele:`
# help: did you mean `else:`?
  stp ready, "Ready" do
# ^^^ RB0301 `stp` is no word of the language
# help: did you mean `step`?
    ask version, string, "Version"
    confrm "Sure?"
#   ^^^^^^ RB0301 `confrm` is no word of the language
# help: did you mean `confirm`?
  end
  note "#{version} #{place}"
  decide way, "Way", by: owner do
    option go_on "Go on"
#                ^^^^^^^ RB0016 a comma is missing between `go_on` and `"Go on"`
# help: write the comma; arguments and options are separated by commas
    option stop, "Stop" do abort because: "no" end
  end
  sh "true", undo: manual
#            ^^^^ RB0305 `sh` has no option `undo:`
# help: it takes read:, destroy:, as:, parse:, ok:, env:, stdin:, in:, tty:, save:, max:, title:, en:, key:, if:, timeout:, retry:, every:, backoff:, severity:, again:, effect: and because:
end
