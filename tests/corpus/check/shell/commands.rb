# Commands that were accidents.
runbook commands, "Commands" do
  sh read: "kubectl logs -f deployment/app"
#                        ^^ RB0405 this follows forever, and nothing ends it
# help: give the statement a `timeout:`, or leave the following out (`--since=10m --tail=2000`)
  sh read: "kubectl logs -f deployment/app", timeout: 1.min
  sh read: "timeout 10 kubectl logs -f deployment/app"
  sh read: "kubectl logs app --follow=false"
  sh read: "tail -F /var/log/syslog | awk '/ERROR/'"
#           ^^^^ RB0405 this follows forever, and nothing ends it
# help: give the statement a `timeout:`, or leave the following out (`--since=10m --tail=2000`)
  sh read: "journalctl -u app -f"
#                             ^^ RB0405 this follows forever, and nothing ends it
# help: give the statement a `timeout:`, or leave the following out (`--since=10m --tail=2000`)
  sh read: "watch date"
#           ^^^^^ RB0405 this follows forever, and nothing ends it
# help: give the statement a `timeout:`, or leave the following out (`--since=10m --tail=2000`)
  sh read: "ping example.com"
#           ^^^^ RB0405 this follows forever, and nothing ends it
# help: give the statement a `timeout:`, or leave the following out (`--since=10m --tail=2000`)
  sh read: "ping -c 3 example.com"
  sh read: "curl -s https://example.com/metrics | head -20"
#                                                 ^^^^ RB0406 `| head` ends the pipeline with a failure
# help: head leaves early and the writer dies of SIGPIPE, which pipefail reports; write `| sed -n 1,20p`, or ask the writer for less
  sh read: "curl -s https://example.com/metrics | grep -q up"
#                                                 ^^^^ RB0406 warning: `| grep -q` leaves at the first match
# help: the writer then dies of SIGPIPE, which pipefail reports; write `| grep … >/dev/null`
  sh read: "curl -s https://example.com/metrics | grep -c ERROR"
#                                                 ^^^^ RB0409 warning: grep exits with 1 where it finds nothing: here the good case fails
# help: count with awk, which exits with 0: awk '/ERROR/ { n++ } END { print n + 0 }'
  sh read: "grep -c ERROR log"
#           ^^^^ RB0409 warning: grep exits with 1 where it finds nothing: here the good case fails
# help: count with awk, which exits with 0: awk '/ERROR/ { n++ } END { print n + 0 }'
  sh read: "kubectl logs app | grep -c ERROR || true"
#                              ^^^^ RB0409 warning: `||` tolerates every failure here, not only that grep finds nothing
# help: count with awk, which exits with 0: awk '/ERROR/ { n++ } END { print n + 0 }'
  sh read: "n=$(grep -c ERROR log || true); echo $n"
#               ^^^^ RB0409 warning: `||` tolerates every failure here, not only that grep finds nothing
# help: count with awk, which exits with 0: awk '/ERROR/ { n++ } END { print n + 0 }'
  sh read: "grep -c ERROR log", ok: [0, 1]
  sh read: "kubectl logs app | grep -c ERROR", ok: [0, 1]
#          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0408 `ok:` on a pipeline hides that an earlier stage failed
# help: count with awk, which exits with 0: … | awk '/ERROR/ { n++ } END { print n + 0 }'
  sh read: "kubectl logs app | grep ERROR", ok: any
#          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0408 `ok:` on a pipeline hides that an earlier stage failed
# help: count with awk, which exits with 0: … | awk '/ERROR/ { n++ } END { print n + 0 }'
  sh read: "ssh -p 22 web1 'systemctl status app'"
#           ^^^ RB0407 a command within ssh is evaluated twice
# help: words without quotes may stand there, and #{…} is quoted for both shells; send more by stdin: `sh "ssh HOST bash -euo pipefail -s", stdin: script`
  sh read: "ssh web1 ls *.log"
#           ^^^ RB0407 a command within ssh is evaluated twice
# help: words without quotes may stand there, and #{…} is quoted for both shells; send more by stdin: `sh "ssh HOST bash -euo pipefail -s", stdin: script`
  sh read: "ssh web1 cat `ls`/log"
#           ^^^ RB0407 a command within ssh is evaluated twice
# help: words without quotes may stand there, and #{…} is quoted for both shells; send more by stdin: `sh "ssh HOST bash -euo pipefail -s", stdin: script`
  sh read: "ssh web1 echo $HOME"
#           ^^^ RB0407 a command within ssh is evaluated twice
# help: words without quotes may stand there, and #{…} is quoted for both shells; send more by stdin: `sh "ssh HOST bash -euo pipefail -s", stdin: script`
  sh read: "ssh -p 22 -- web1 sudo systemctl status app.service 2>&1 > log-of-web1"
  sh read: "ssh \"$HOST\" -o BatchMode=yes df --output=avail /srv | tail -n 1"
  sh read: "ssh web1 bash -euo pipefail -s", stdin: "systemctl status app"
  param pod, string, default: "web-1"
  sh read: "kubectl exec web -- sh -ec \"cat /etc/#{pod}\""
#          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0413 warning: the inner shell takes the value apart once more, unquoted
# help: give it behind the script: sh -c 'echo "$1"' sh #{x}
  sh read: "kubectl exec #{pod} -- sh -c 'cat \"/etc/$1\"' sh #{pod}"
  sh "mkdir -p results/$(date +%Y%m%d)"
#                        ^^^^ RB0414 warning: each run of this write has another date
# help: after midnight, or when it is done again, it means another place; write #{date(run.started_at, "%Y%m%d")}
  sh read: "date +%F"
  sh "deploy metasheet-xxx --to ____"
#                      ^^^ RB0606 `xxx` is a blank that nobody filled
# help: ask for it (`ask name, string, "…"`) or take it from a parameter, and write #{name}
#                               ^^^^ RB0606 `____` is a blank that nobody filled
# help: ask for it (`ask name, string, "…"`) or take it from a parameter, and write #{name}
end
