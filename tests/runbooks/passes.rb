# A rolling change, three hosts at a time.
runbook passes, "Passes" do
  param hosts, list, default: ["web-1", "web 2", "db/a#1", "主机]", "last"]

  each host, in: hosts, key: put, at_once: 3, stop_after: 2, as: results do
    step change, "Change #{host}" do
      undo sh: "kubectl back #{host}", half: run
      sh "kubectl put #{host}", again: ask
      sh read: "kubectl look #{host}", timeout: 1.min, parse: int, as: seen
      each disk, in: ["x", "y"], at_once: all do
        ask size, int, "Size of #{disk} of #{host}"
        assert size > 0, "#{disk} of #{host} has a size"
      end
    end
  end
  note "#{count(where(results, "verdict", pass))} of #{count(results)}"
  each result, in: results, key_by: result.key do
    note "#{result.key} #{result.verdict} #{default(result.seen.value, 0)}"
  end
  confirm "Keep it?", key: keep, else: run(take_back)
  scenario take_back, "Take it back" do
    rollback because: "no"
  end
end
