# Everything here is as it should be: no word is said about it.
runbook clean, "Clean", en: "Clean" do
  language 1
  timezone "Europe/Berlin"
  environments production, rehearsal
  owner "Owner", name: "Ada"
  param metrics_url, url, env: "METRICS_URL", not_host: { production: ["localhost"] }
  param alert_url, url, optional: true
  param replicas, int, per_env: { production: 3, rehearsal: 1 }, min: 1
  param people, list, optional: true
  secret token, env: "TOKEN", optional: true
  let results = "results/#{date(run.started_at, "%Y%m%d")}"
  role oncall, "On call", people: people
  source prod, scrape: metrics_url, bearer: token, alive: 30.s
  source alerts, alertmanager: alert_url, match: { service: "app" }
  channel ops, slack: token
  guard cluster, sh: "kubectl config current-context", is: "prod"
  lock "cluster/#{host(metrics_url)}"
  link "Dashboard", to: "https://example.com"
  collect findings, "Findings" do
    ask what, text, "What"
    ask impact, one_of(low, high), "Impact"
  end
  slo rate, "Rate", from: prod do
    value ratio bad: 'a_total{status=~"5.."}', total: 'a_total'
    unit percent
    target >= 98.pct
    alert < 95.pct
    no_data ask, "Nothing happened"
    fails 2
    delay 5.min
  end

  precheck ready, "Ready" do
    http get: metrics_url, bearer: token, expect: { status: [200, 204], format: prometheus }
    sh read: "kubectl get deploy app -o json", timeout: 20.s, parse: json, as: app
    assert app.value.spec.replicas == replicas, "as many as there should be"
    each name, in: ["a", "b"] do
      sh read: "kubectl get svc #{name}", timeout: 20.s
    end
  end

  step deploy, "Deploy" do
    sh "kubectl apply -f app.yaml", timeout: 1.min, again: safe
    probe do
      sh read: "kubectl get deploy app -o json", timeout: 20.s, parse: json, as: there
      done_when there.value.spec.replicas == replicas
    end
    undo sh: "kubectl rollout undo deploy/app", timeout: 1.min, half: run
    poll every: 5.s, for: 2.min do
      sh read: "kubectl get deploy app -o json", timeout: 20.s, parse: json, as: state
      done_when default(state.value.status.readyReplicas, 0) >= replicas
    end
    try 3, every: 10.s, backoff: 2 do
      http get: metrics_url, bearer: token
      repair do
        sh "kubectl delete pod -l app=app", timeout: 1.min
      end
    end
  end

  query prod, as: zero
  sample prod, since: zero, every: 1.min, count: 10, as: baseline, log: "#{results}/log.txt" do
    at 1, 5 do
      confirm "Looks good", key: looks, show: baseline.table, by: oncall, else: run(bad)
    end
    on breach(any), for: 2, of: 3 do run bad end
    on alert(alerts) do run bad end
    on recovered(rate) do note "better: #{baseline.rate.last}" end
  end

  scenario bad, "Bad" do
    decide what_now, "What now?", by: oncall, within: 5.min, else: suspend, as: choice do
      option go_on, "Go on"
      option longer, "Longer" do
        extend baseline, by: 3
      end
      option back, "Back" do rollback because: "bad: #{baseline.rate.last}" end
    end
    add findings, "What happened", key: entry
    if choice == longer
      note "longer"
    end
  end

  no_return "The old version goes", key: goodbye, type: "goodbye", by: owner
  step clean_up, "Clean up", if: baseline.verdict == pass do
    sh destroy: "kubectl delete deploy app-old", timeout: 1.min
    undo none, because: "after the point of no return"
    settles deploy
  end
  report table: baseline.slos, columns: [target, min, max, mean, verdict], to: "#{results}/summary.md"
  chart baseline, slos: all, to: "#{results}/trend.svg", title: "趋势图", en: "Trend"
  checklist done, "Done" do
    item met, "Met", is: baseline.verdict == pass && deploy.verdict == pass
    item told, "Told", show: findings
  end
  signoff status, "Status", options: { pass: "Pass", fail: "Fail" }, by: oncall, requires: { pass: baseline.verdict == pass }

  finally do
    if assigned(baseline)
      notify ops, "done: #{baseline.verdict}"
    end
  end
  rollback do
    notify ops, "rolled back: #{rollback.reason}"
  end
end
