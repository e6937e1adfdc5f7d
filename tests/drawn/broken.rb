runbook phase5, "第五阶段 · 邮件发送" do
  language 1
  timezone "Asia/Shanghia"
  window from: "2025-11-18 09:00", to: "2025-11-18 12:00", weekday: wed
  environments production, rehearsal

  param metrics_url, url, env: "METRICS_URL"
  param limit, duration, default: 10, min: 1.min
  secret token, env: "TOKEN"
  role oncall, "值班", people: []
  let 目录 = "/srv"

  source prod, scrape: metrics_url
  slo success, "邮件发送成功率" from: prod do
    value ratio part: 'http_requests_total{status="200"', total: 'http_requests_total'
    unit percent
    target >= 98
  end
  slo latency, "延迟 P99", from: prod do
    value promql 'histogram_quantil(0.99, rate(latency_seconds_bucket[5m]))'
    unit s
    target <= 2.s
  end

  step deploy, "部署新版本到 production 集群" do
    sh "kubectl -n mail set image deploy/relay relay=#{token}", tmeout: 2.min
    wait 5
    if metrics_url && live.ready
      confirm "负责人确认可以继续", within: 10.min
    end
    undo sh: "kubectl rollout undo deploy/relay"
  end

  step check, "观察" do
    sample prod, every: 10.min, count: 12, as: baseline do
      on breech(any) do
        rollback because: "指标未达标"
      end
    end
    note "结果：#{baseline.verdit}"
  end

  step again, "再来一次：收尾" do
    unless limit > 5.min
      sh read: "date", as: late, timeout: 1.min
    end
    if limit > 5.min
      sh read: "date", as: early, timeout: 1.min
    end
    note "现在是 #{early.out}，晚于 #{limit + 3}"
    confirm "可以结束？", key: done; confirm "“真的”？", key: done
    note "值班：#{oncal}", to：oncall
  end
end
