runbook kept, "留存的运行", en: "A run that was kept" do
  timezone "Asia/Shanghai"
  param url, url
  param limit, duration, default: 2.s
  source prod, scrape: url, timeout: 5.s
  lock "cluster/kept"
  slo success, "成功率", en: "Success", from: prod do
    value ratio bad: 'req{status="500"}', total: 'req'
    unit percent
    target >= 90.pct
    no_data fail
  end
  collect findings, "问题清单" do
    ask problem, text, "问题描述"
  end
  precheck ready, "准备就绪" do
    sh read: "printf '{\"replicas\": 3}'", timeout: 10.s, parse: json, as: live
    assert live.value.replicas >= 3, "副本数"
    http get: url, timeout: 5.s, as: page
  end
  step change, "变更", en: "Change" do
    sh "echo changed \"#{limit}\"", key: apply, timeout: 10.s
    undo sh: "echo back", timeout: 10.s
  end
  step flaky, "重试" do
    sh "exit 3", key: fails, timeout: 10.s, severity: warn
    undo none, because: "nothing was done"
  end
  confirm "开始观察？", en: "Observe?", key: observe
  query prod, as: zero
  sample prod, since: zero, every: 1.s, count: 3, as: baseline, slos: all do
    at 1 do
      note "基线 #{baseline.success.last}"
    end
  end
  decide next_step, "下一步" do
    option go_on, "继续"
    option stop, "停止" do
      abort because: "stopped"
    end
  end
  confirm "完成？", en: "Done?", key: done
  step last, "最后", en: "Last" do
    sh "echo last", key: write, timeout: 10.s
    undo none, because: "words"
  end
  signoff state, "签字", options: { pass: "通过", fail: "不通过" }
end
