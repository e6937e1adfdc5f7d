# Deploys an image in three steps, 10 %, 50 % and 100 % of the replicas, and takes it back when users notice.
# Behind one Service stand `shop` with 9 replicas and `shop-canary` with 1, then 5: no mesh is needed.
runbook canary, "Staging deployment with a canary" do
  language 1
  environments staging, production
  owner "Release owner", ask: true
  param image_tag, string, "Image tag", matches: /^v\d+\.\d+\.\d+(-rc\d+)?$/
  param namespace, string, default: "shop"
  param cluster, url, env: "KUBE_SERVER", per_env: { staging: "https://staging.kube.sim:6443" }
  param metrics_url, url, env: "METRICS_URL"
  secret hook, env: "SLACK_WEBHOOK", optional: true
  channel ops, slack: hook
  lock "cluster/#{host(cluster)}/#{namespace}"
  guard context, "The right cluster", sh: "kubectl config view --minify -o jsonpath='{..server}'", is: cluster
  source prod, scrape: metrics_url, alive: 30.s

  slo success, "Success ratio", from: prod do
    value ratio bad: 'http_requests_total{status=~"5.."}', total: 'http_requests_total'
    unit percent
    target >= 99.pct
    alert < 95.pct
    no_data fail, min_samples: 3
  end
  slo p95, "P95 latency", from: prod do
    value quantile 0.95, of: 'http_server_requests_seconds'
    unit s
    target <= 800.ms
  end

  section before, "Prechecks" do
    precheck ready, "Ready" do
      sh read: "kubectl -n #{namespace} get deployment shop -o json", timeout: 20.s, parse: json, as: live
      assert live.value.status.readyReplicas == live.value.spec.replicas, "all replicas are ready"
      assert has(live.value, "metadata.annotations"), "its revision is known"
      sh read: "crane digest registry.sim/shop:#{image_tag}", timeout: 30.s, parse: text, as: digest
      assert digest.value =~ /^sha256:[0-9a-f]{64}$/, "the image exists"
      query prod, title: "Metrics answer"
    end
    confirm "Deploy #{image_tag} to #{namespace}?", by: owner, show: [live.value.spec.template.spec.containers[0].image, digest.value], key: go
  end

  section rollout, "Rollout" do
    step canary_10, "Canary 10 %" do
      undo sh: "kubectl -n #{namespace} scale deployment/shop-canary --replicas=0", timeout: 2.min, half: run
      sh "kubectl -n #{namespace} set image deployment/shop-canary shop=registry.sim/shop@#{digest.value}", timeout: 1.min, again: safe
      sh "kubectl -n #{namespace} scale deployment/shop-canary --replicas=1", timeout: 1.min, again: safe
      sh read: "kubectl -n #{namespace} rollout status deployment/shop-canary --timeout=5m", timeout: 6.min
    end
    sample prod, every: 1.min, count: 5, as: at_10 do
      on breach(any), for: 2 do run bad, share: 10.pct end
      on alert_level(success) do rollback because: "alert level crossed at 10 %" end
      on unreachable(prod) do run bad, share: 10.pct end
    end
    assert at_10.verdict == pass, "10 % is good"

    step canary_50, "Canary 50 %" do
      undo sh: "kubectl -n #{namespace} scale deployment/shop-canary --replicas=1", timeout: 2.min, half: run
      sh "kubectl -n #{namespace} scale deployment/shop-canary --replicas=5", timeout: 1.min, again: safe
      sh read: "kubectl -n #{namespace} rollout status deployment/shop-canary --timeout=5m", timeout: 6.min
    end
    sample prod, every: 1.min, count: 5, as: at_50 do
      on breach(any), for: 2 do run bad, share: 50.pct end
      on alert_level(success) do rollback because: "alert level crossed at 50 %" end
      on unreachable(prod) do run bad, share: 50.pct end
    end
    assert at_50.verdict == pass, "50 % is good"
    confirm "Go to 100 %?", by: owner, show: [at_10.table, at_50.table], within: 30.min, remind: 10.min, else: suspend, key: full_go

    step full, "100 %" do
      undo sh: "kubectl -n #{namespace} rollout undo deployment/shop --to-revision=#{live.value.metadata.annotations["deployment.kubernetes.io/revision"]}", timeout: 5.min, half: run
      sh "kubectl -n #{namespace} set image deployment/shop shop=registry.sim/shop@#{digest.value}", timeout: 1.min
      probe do
        sh read: "kubectl -n #{namespace} get deployment shop -o json", timeout: 20.s, parse: json, as: after_image
        done_when contains(after_image.value.spec.template.spec.containers[0].image, digest.value)
      end
      sh read: "kubectl -n #{namespace} rollout status deployment/shop --timeout=10m", timeout: 11.min
    end
    sample prod, every: 1.min, count: 10, as: at_100 do
      on breach(any), for: 2 do run bad, share: 100.pct end
      on unreachable(prod) do run bad, share: 100.pct end
    end
    assert at_100.verdict == pass, "100 % is good"
    step retire, "Retire the canary" do
      undo none, because: "the canary has no traffic of its own"
      sh "kubectl -n #{namespace} scale deployment/shop-canary --replicas=0", timeout: 1.min, again: safe
      settles canary_10
      settles canary_50
    end
  end
  notify ops, "#{image_tag} is on #{namespace}: #{at_100.success.whole} success, P95 #{at_100.p95.whole}"

  scenario bad, "Objectives missed", params: { share: percent } do
    decide what, "Objectives missed at #{share}: how to go on?", by: owner, within: 5.min, else: abort do
      option back, "Roll back" do
        rollback because: "objectives missed at #{share}"
      end
      option go_on, "Go on watching"
    end
  end
  rollback do
    sh read: "kubectl -n #{namespace} rollout status deployment/shop --timeout=5m", timeout: 6.min
    notify ops, "rolled back #{image_tag}: #{rollback.reason}"
  end
  finally do
    report samples: at_10, to: "results/at_10.csv", if: assigned(at_10)
  end
end
