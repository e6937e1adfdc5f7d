# Observations that are as long as their steps.
runbook watching, "Watching" do
  source prod, scrape: "https://a.example/metrics"
  slo rate, "Rate", from: prod do
    value ratio part: 'a_total', total: 'b_total'
    unit percent
    target >= 98.pct
  end
  watch prod, every: 30.s, as: empty do
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0302 a `watch` observes while its steps run, and has none
# help: `sample` takes a number of samples
    on breach(any) do stop empty, because: "bad" end
  end
  sample prod, every: 1.min, count: 3, as: counted do
    on breach(any) do stop counted, because: "bad" end
#                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0653 `stop` ends the steps of a `watch`; this is a `sample`
# help: `rollback`, `suspend` and `abort` end the run
  end
  watch prod, every: 30.s, as: rollout do
    on breach(any) do stop rolout, because: "bad" end
#                          ^^^^^^ RB0101 there is no name `rolout`
# help: did you mean `rollout`?
    on reset(prod) do extend rollout, by: 2 end
#                     ^^^^^^^^^^^^^^^^^^^^^ RB0653 a `watch` is as long as its steps: it cannot be extended
    note "#{rollout.taken}"
    watch prod, every: 5.s, as: inner do
      wait 1.min
    end
  end
  watch prod, every: 30.s, count: 3, as: both do
#                          ^^^^^ RB0305 `watch` has no option `count:`
# help: it takes every:, as:, since:, slos:, log:, title:, en: and if:
    note "x"
  end
  note "#{rollout.taken} #{inner.taken}"
end
