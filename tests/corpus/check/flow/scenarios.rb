# What a scenario reads must be assigned wherever it is run; so must what the rollback reads, where one begins.
runbook scenarios, "Scenarios" do
  param metrics_url, url
  source prod, scrape: metrics_url

  run look
# ^^^^^^^^ RB0103 what this runs reads `baseline`, which may not be assigned here
# help: ask `assigned(baseline)` first, or bind it on every path that leads here

  sample prod, every: 1.min, count: 3, as: baseline do
#                                          -------- RB0103 it is bound only further down
    on breach(any) do
#      ^^^^^^^^^^^ RB0506 this observation has no objectives: this never fires
# help: declare a `slo … from:` this source
      run look
    end
    on unreachable(prod) do
      rollback because: "gone"
#     ^^^^^^^^^^^^^^^^^^^^^^^^ RB0103 the rollback reads `version`, which may not be assigned here
# help: ask `assigned(version)` first, or bind it on every path that leads here
    end
  end
  ask version, string, "Version"
#     ------- RB0103 it is bound only further down
  run look

  scenario look, "Look" do
    note "#{baseline.verdict}"
#           -------- RB0103 read here
  end

  scenario turn, "Turn" do
    run around
  end
  scenario around, "Around" do
    run turn
#   ^^^^^^^^ RB0109 scenarios run in a circle: turn → around
# help: repeat with `each`, `try` or `poll`
  end

  rollback do
    sh "kubectl rollout undo app --to=#{version}", timeout: 1.min
#                                       ------- RB0103 read here
  end
end
