# The Phase 5 go-live, every line of the plan in it. `runbook check` reads it, `runbook plan` shows what it would do,
# `runbook exec runbooks/phase5.rb --sim healthy` runs it with nothing else installed.
runbook phase5, "Phase 5 生产基线上线", en: "Phase 5 production baseline" do
  language 1
  timezone "Asia/Shanghai"
  window from: "2025-11-18 09:00", to: "2025-11-18 12:00", opens: "08:30", weekday: tue
  owner  "负责人", ask: true
  note   "在生产环境验证 Phase 6-9 能力的稳定性，建立 SLO 基线数据。", en: "Verify Phase 6-9 in production and record an SLO baseline."

  environments production, rehearsal
  param metrics_url, url,      env: "METRICS_URL", matches: /\/metrics\/prom$/, not_host: { production: ["localhost", "127.0.0.1"] }
  param interval,    duration, env: "INTERVAL_SECONDS", unit: s, default: 10.min, min: 1.s
  param samples,     int,      env: "MAX_SAMPLES", default: 12, min: 1, max: 1000
  param deployment,  string,   default: "deployment/metasheet", matches: /^deployment\/[a-z0-9-]+$/
  param namespace,   string,   env: "KUBE_NAMESPACE", default: "default"
  param kube_server, url,      env: "KUBE_SERVER"
  param dashboard,   url,      env: "GRAFANA_URL"
  param prom_url,    url,      env: "PROMETHEUS_URL", optional: true
  param alert_url,   url,      env: "ALERTMANAGER_URL", optional: true
  param people,      list,     env: "ONCALL", optional: true
  param approvers,   list,     env: "APPROVERS", optional: true
  secret scrape_token,  env: "METRICS_SCRAPE_TOKEN", optional: true
  secret slack_webhook, env: "SLACK_WEBHOOK", optional: true

  let results = "results/phase5-#{date(run.started_at, "%Y%m%d")}" # evaluated once
  let shots   = "#{results}/screenshots"

  # Nobody named: anyone may answer; as the approver anyone but the executor, from another terminal (--share-group).
  role oncall,   "值班",   people: people
  role approver, "签字人", people: approvers, not: executor

  source  prod,         scrape: metrics_url, bearer: scrape_token, timeout: 10.s, max_size: 20.MB, alive: 30.s   # there? also between samples
  source  prod_alerts,  alertmanager: alert_url, match: { service: "metasheet" }, every: 30.s
  channel ops,          slack: slack_webhook
  # Compared again before each write: kubectl must still point at that cluster.
  guard   cluster,      sh: "kubectl config view --minify -o jsonpath='{..server}'", is: kube_server
  lock    "cluster/#{host(kube_server)}/#{deployment}"

  slo http_success, "HTTP 成功率", from: prod do
    # 1 − bad/total, exact and reset-aware: each sample over its own interval, the verdict over the whole observation
    value ratio bad: 'http_requests_total{status=~"5.."}', total: 'http_requests_total'
    unit    percent
    target  >= 98.pct
    alert   < 95.pct                                      # plan: HTTP 错误率 > 5% → 告警
    no_data fail
  end
  slo p99, "P99 延迟", from: prod do
    value quantile 0.99, of: 'http_server_requests_seconds'     # all routes' buckets summed
    unit    s
    target  <= 2.s
    alert   > 5.s
    no_data fail
  end
  slo fallback, "Fallback 率", from: prod do
    value ratio part: 'metasheet_fallback_effective_total', total: 'http_requests_total'   # declared by HELP/TYPE without a series yet = 0
    unit    percent
    target  < 10.pct
    no_data fail
  end
  slo plugin_reload, "插件重载成功率", from: prod do
    value ratio part: 'metasheet_plugin_reload_total{result="success"}', total: 'metasheet_plugin_reload_total'
    unit    percent
    target  >= 95.pct
    no_data ask, "观察期内没有插件重载：触发一次，或记为不适用"
  end
  slo snapshot, "Snapshot 成功率", from: prod do
    value ratio part:  ['metasheet_snapshot_create_total{result="success"}', 'metasheet_snapshot_restore_total{result="success"}'],
                total: ['metasheet_snapshot_create_total', 'metasheet_snapshot_restore_total']
    unit    percent
    target  >= 99.pct
    no_data ask, "观察期内没有 Snapshot 操作：触发一次，或记为不适用"
  end

  collect findings, "问题清单" do
    ask problem, text, "问题描述"
    ask impact,  one_of(low, medium, high), "影响"
    ask advice,  text, "建议", optional: true
  end

  section prechecks, "事前检查", at: "08:30", until: "09:00" do
    precheck environment, "环境配置" do
      http   get: metrics_url, bearer: scrape_token, expect: { status: 200, format: prometheus }, as: first_scrape, title: "生产服务运行正常"
      query  prod, key: one_process, title: "指标来自同一个进程"         # five scrapes: several instances behind one address would make nonsense of counters
      assert interval * samples <= 3.h, "采样总时长 #{interval * samples} 在窗口之内"
      assert samples == 12 && interval == 10.min, "采样间隔 10 分钟、12 样本", severity: warn
      sh     read: "kubectl -n #{namespace} get #{deployment} -o json", timeout: 20.s, parse: json, as: live
      assert default(live.value.status.readyReplicas, 0) >= 1, "#{deployment} 有就绪副本"
    end
    step slo_targets, "SLO 目标确认" do
      confirm "五项 SLO 目标与告警阈值正确", key: targets_ok, show: slos, by: owner
    end
    step alerting, "告警就绪" do
      notify ops, "Phase 5 测试通知，请在频道内确认"
      ask slack_ok,     bool, "Slack 通知配置", must: true
      ask pagerduty_ok, bool, "PagerDuty 集成", optional: true
      ask mail_ok,      bool, "邮件通知", must: true
    end
    step rollback_ready, "回滚准备" do
      sh  read: "kubectl -n #{namespace} rollout history #{deployment}", timeout: 20.s, as: history
      ask stable_version,  string, "上一个稳定版本标识", matches: /^v\d+\.\d+\.\d+$/, show: history.out
      ask stable_revision, int,    "对应的 rollout revision", min: 1
      sh  read: "kubectl -n #{namespace} rollout history #{deployment} --revision=#{stable_revision} -o json", timeout: 20.s, parse: json, as: target
      assert contains(target.value.spec.template.spec.containers[0].image, stable_version), "revision #{stable_revision} 就是 #{stable_version}"
      sh  read: "kubectl -n #{namespace} rollout undo #{deployment} --to-revision=#{stable_revision} --dry-run=server", timeout: 30.s, title: "回滚命令准备就绪"
      ask rollback_contact, string, "回滚联系人"
      confirm "回滚联系人 #{rollback_contact} 已确认在线", key: contact_online, by: oncall, within: 15.min, else: suspend
    end
    confirm "全部事前检查通过，开始观察", key: start_ok, by: owner, after: clean    # refused while anything above failed or was skipped
  end

  section start, "启动观察", at: "09:00", until: "09:10" do
    wait until: "09:00", skip: true                           # whoever is at the terminal may skip it
    step folders, "创建结果目录" do
      sh "mkdir -p -- #{results} #{shots}", again: safe
      undo none, because: "证据不删除"
    end
    query  prod, title: "观察起点", as: zero                  # the scrape that the first sample is measured from
    notify ops, "Phase 5 观察开始：#{samples} 个样本，每 #{interval}", en: "Phase 5 observation starts"
  end

  section observe, "持续监控", at: "09:10", until: "11:10" do
    wait until: "09:10", skip: true
    # Sampling and handlers go on while somebody answers. Samples 1 … 12: 09:10, 09:20 … 11:00.
    sample prod, since: zero, every: interval, count: samples, as: baseline, slos: all, log: "#{results}/log.txt" do
      at 1 do
        confirm "第一个样本数据收集成功、采样正常运行、无错误日志", key: first_sample, show: baseline.last
        sh read: "kubectl -n #{namespace} logs #{deployment} --since=10m --tail=2000 | awk '/ERROR/ { n++ } END { print n + 0 }'", timeout: 1.min, parse: int, as: errors_at_start
        assert errors_at_start.value == 0, "无错误日志", key: no_errors, severity: ask
        note "基线值：HTTP #{baseline.http_success.last}，P99 #{baseline.p99.last}，Fallback #{baseline.fallback.last}"
      end
      at 4, 7, 10 do
        confirm "脚本运行正常；无告警触发；指标在正常范围", key: checkpoint, show: baseline.table, else: run(metrics_bad)
        ask checkpoint_note, text, "备注", optional: true
      end
      # A rule fires once, and again only after it was good; a scenario that is open is not started twice.
      on breach(any)               do run metrics_bad end                  # plan: 任一 SLO 指标低于目标值
      on alert_level(any)          do run metrics_bad end
      on unreachable(prod)         do run service_down end                 # plan: 立即告警
      on alert(prod_alerts)        do run alert_fired end
      on reset(prod)               do note "进程重启，计数器归零" end
    end
    wait until: "11:10", skip: true
    verify final, "最终检查" do
      assert baseline.ended == complete, "采样正常结束", key: ended_well
      assert baseline.taken >= samples, "#{baseline.taken}/#{samples} 个样本收集完成", key: all_taken, severity: ask
      assert baseline.missed == 0 && baseline.errors == 0, "数据完整无遗漏", key: no_gaps, severity: ask
    end
  end

  scenario metrics_bad, "场景 1：指标不达标", en: "Scenario 1: SLO missed" do
    notify ops, "SLO 未达标：#{baseline.last}"
    note   "当前指标：#{baseline.last}"
    query  prod, increase: 'http_requests_total{status=~"[45].."}', by: [status], title: "错误类型分布", as: by_status
    sh     read: "kubectl -n #{namespace} logs #{deployment} --since=10m --tail=5000 | awk '/ERROR/'", timeout: 1.min, title: "应用日志", as: app_log
    decide slo_decision, "决策", show: [baseline.table, by_status, app_log.out], by: oncall do
      option go_on,     "继续观察"
      option prolong,   "延长观察时间" do
        ask extra, int, "再采样多少个", default: 6, min: 1
        extend baseline, by: extra
      end
      option terminate, "终止并回滚" do rollback because: "SLO 未达标" end
    end
    add findings, "记录问题", key: slo_finding
  end

  scenario service_down, "场景 2：服务不可用", en: "Scenario 2: service unavailable" do
    notify ops, "服务不可用：#{host(metrics_url)}"                          # 立即告警
    sh   read: "ping -c 3 -W 2 -- #{host(metrics_url)}", ok: any, timeout: 15.s, title: "网络连通性", as: ping
    http head: metrics_url, bearer: scrape_token, expect: any, timeout: 10.s, severity: warn, as: head
    sh   read: "kubectl -n #{namespace} get pods -l app=metasheet -o json", timeout: 20.s, parse: json, as: pods
    each pod, in: pods.value.items, key_by: pod.metadata.name, max: 20, stop_after: none do
      sh read: "kubectl -n #{namespace} describe pod #{pod.metadata.name}", timeout: 20.s
    end
    # No answer in time: the run is kept and stops here, nothing is rolled back by itself.
    decide crashed, "服务是否崩溃？", by: oncall, within: 5.min, else: suspend do
      option crash, "崩溃：立即回滚" do rollback because: "服务崩溃" end
      option alive, "未崩溃：继续观察"
    end
    add findings, "事件详情", key: outage_finding
  end

  scenario alert_fired, "场景 3：告警触发", en: "Scenario 3: alert" do
    confirm "告警内容和严重程度已确认", key: alert_seen, show: prod_alerts.firing
    ask severity, one_of(sev1, sev2, sev3, low), "严重程度"
    ask effect,   text, "对观察的影响"
    decide alert_decision, "是否继续", by: oncall do
      option go_on,     "继续"
      option terminate, "终止并回滚" do rollback because: "告警 #{severity}" end
    end
    add findings, "记录到问题清单", key: alert_finding
  end

  finally do                                             # always: passed, rolled back or aborted (not when suspended)
    if rollback.done
      add findings, "事件详情：为什么回滚", key: rollback_finding
    end
    report template: "templates/phase5-report.md.j2", to: "#{results}/report.md"
    copy   "#{results}/report.md", to: "claudedocs/PHASE5_COMPLETION_REPORT.md", if: assigned(conclusion)   # with its sign-off
    notify ops, "Phase 5 结束：#{run.verdict}"
  end

  rollback do                                            # run by `rollback because:`, or at the console; the run ends with it
    sh "kubectl -n #{namespace} rollout undo #{deployment} --to-revision=#{stable_revision}", timeout: 5.min
    sh read: "kubectl -n #{namespace} rollout status #{deployment} --timeout=5m", timeout: 6.min
    http get: metrics_url, bearer: scrape_token, expect: { status: 200, format: prometheus }, retry: 10, every: 15.s
    notify ops, "Phase 5 已回滚到 #{stable_version}：#{rollback.reason}"
  end

  section collection, "数据收集", at: "11:10", until: "11:30" do
    step summary, "核心指标汇总" do
      report table: baseline.slos, columns: [target, min, max, mean, verdict], to: "#{results}/summary.md"
      report samples: baseline, to: "#{results}/samples.csv"
      report samples: baseline, to: "#{results}/samples.json"
      chart baseline, key: trend, slos: all, to: "#{shots}/trend.svg", title: "关键指标趋势图", en: "Trend of the key figures"
    end
    verify new_metrics, "新增指标验证" do
      each name, in: ["metasheet_plugin_reload_total", "metasheet_plugin_reload_duration_seconds",
                      "metasheet_snapshot_create_total", "metasheet_snapshot_restore_total", "metasheet_snapshot_cleanup_total"] do
        assert reported(baseline, name), "#{name} 正常上报", key: reported, severity: ask     # at least one sample; HELP text does not count
      end
    end
    step screenshots, "截图存档" do
      manual "Grafana Dashboard 截图",  key: grafana,  links: dashboard, evidence: "截图保存为 #{shots}/grafana.png"
      manual "Prometheus 查询结果截图", key: promshot, links: prom_url,  evidence: "截图保存为 #{shots}/prometheus.png", if: assigned(prom_url)
    end
  end

  section reporting, "报告撰写", at: "11:30", until: "12:00" do
    step write_report, "Phase 5 完成报告" do
      ask conclusion, many_of(stable, optimise, prolong), "结论与建议：可进入 Sprint 1 / 需优化 / 需延长观察"
      report template: "templates/phase5-report.md.j2", to: "#{results}/report.md"
    end
    # A rehearsal never says in the documents that production was verified.
    step documents, "事后文档更新", if: baseline.verdict == pass && run.environment == "production" do
      update file: "ROADMAP_V2.md", under: "## Milestone: Phase 5 Production Baseline", with: "templates/roadmap.md.j2", once: "### 实测结果"
      update file: "MAP_FEATURE_TO_CODE.md", under: "Phase 4 Observability", replace: /\*\*状态\*\*: 🚀.*/, text: "**状态**: 🚀 **Verified** - 生产实测通过 (#{date(run.started_at, "%F")})"
    end
    step follow_up, "下一步行动" do
      manual "将 SLO 基线数据更新到正式文档", key: publish_baseline, by: owner, later: true
      manual "设置基于基线的告警阈值", key: alert_levels, by: owner, later: true
      manual "开始 Sprint 1 开发工作", key: next_sprint, by: owner, later: true
    end
    checklist final_check, "最终确认" do
      item slos_met,   "所有 SLO 指标达标",       is: baseline.verdict == pass
      item no_sev,     "无 Sev-1/Sev-2 事件",     show: findings
      item reported_ok, "新增指标正常上报",       is: new_metrics.verdict == pass
      item report_ok,  "完成报告已撰写",          is: write_report.verdict == pass
      item docs_ok,    "文档已更新",              is: documents.verdict == pass
      item archived,   "数据已存档"
    end
    signoff phase5_status, "Phase 5 状态", options: { pass: "通过", conditional: "条件通过", fail: "未通过" }, by: approver, requires: { pass: baseline.verdict == pass }
  end
end
