# Two observations and a deployment at once.
runbook branches, "At once" do
  param metrics_url, url
  param prom_url, url
  source prod, scrape: metrics_url, alive: 24.s
  source prom, prometheus: prom_url

  slo scraped, "Success, scraped", from: prod do
    value ratio bad: 'http_requests_total{status=~"5.."}', total: 'http_requests_total'
    unit percent
    target >= 98.pct
  end
  slo asked, "Success, by the server", from: prom do
    value promql '1 - sum(rate(http_requests_total{status=~"5.."}[$__rate_interval])) / sum(rate(http_requests_total[$__rate_interval]))'
    unit percent
    target >= 98.pct
  end
  collect findings, "Findings" do
    ask problem, text, "Problem"
  end

  sh read: "kubectl version", timeout: 20.s, as: version
  parallel key: wide, title: "All at once" do
    branch service, "The service" do
      sample prod, every: 1.min, count: 3, as: by_scrape do
        at 2 do
          confirm "Two samples: fine?"
        end
        on breach(any) do
          run seen
          decide way, "The service fails: what now?" do
            option longer, "Longer" do
              extend by_scrape, by: 1
            end
            option go_on, "Go on"
          end
        end
      end
      query prod, promql: 'sum by (status) (increase(http_requests_total[5m]))', by: [status], as: by_status
    end
    branch server, "Its server" do
      wait 20.s
      sample prom, every: 90.s, count: 2, as: by_server do
        on breach(any) do
          run seen
          confirm "The server says so too?"
        end
      end
      query prom, promql: 'sum(increase(http_requests_total{status=~"5.."}[2m])) / sum(increase(http_requests_total[2m]))', unit: percent, as: failing
      ask word, string, "A word on the server"
    end
    branch deploy, "The deployment" do
      step web, "Web" do
        undo sh: "kubectl rollout undo deployment/web"
        sh "kubectl set image deployment/web web=2", again: safe
        sh read: "kubectl rollout status deployment/web", timeout: 10.min, as: rollout
      end
      step worker, "Worker" do
        undo sh: "kubectl rollout undo deployment/worker"
        sh "kubectl set image deployment/worker worker=2", again: ask
      end
    end
  end
  note "#{by_scrape.taken} and #{by_server.taken}, #{word}, #{trim(rollout.out)}"
  note "#{failing.value} fail; of #{count(by_status.value)} kinds"
  assert failing.value > 3.pct && count(by_status.value) > 1, "as the service is"
  confirm "All of it?", else: run(back)

  scenario seen, "Seen" do
    add findings, "What is it?"
  end
  scenario back, "Back" do
    rollback because: "not all of it"
  end
  rollback do
    note "back on #{trim(version.out)}"
  end
end
