#!/usr/bin/env bash
# Measures whole processes against bash and /bin/true, side by side in one run: each pair takes turns, medians are printed.
# Needs bash and GNU time (Debian: apt-get install time). Run: benches/compare.sh [ROUNDS]   (default 9)
# Then the benches of the parts, side by side with prometheus-parse and promtool: some six minutes in all.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-9}
cargo build --release --locked --quiet
bin=$PWD/target/release/runbook
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"; export RUNBOOK_STATE_DIR=$work/state LANG=C.UTF-8

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
# once OUT COMMAND…: appends "SECONDS KIB" to OUT.
# A command that fails ends the whole comparison: what did not run must not be measured.
once() { local out=$1; shift; command time -q -a -o "$out" -f '%e %M' "$@" >/dev/null 2>&1 </dev/null; }
fine() { local out=$1; shift; local t0=$EPOCHREALTIME; "$@" >/dev/null 2>&1 </dev/null; local t1=$EPOCHREALTIME
  awk -v a="$t0" -v b="$t1" 'BEGIN { printf "%.6f\n", b - a }' >>"$out"; }
# pair NAME A… -- B…: both in turns; prints the medians and their ratio.
pair() {
  local name=$1; shift; local a=() b=(); while [ "$1" != -- ]; do a+=("$1"); shift; done; shift; b=("$@")
  rm -f a.times b.times
  for _ in $(seq "$rounds"); do fine a.times "${a[@]}"; fine b.times "${b[@]}"; done
  local ma mb; ma=$(median <a.times); mb=$(median <b.times)
  awk -v n="$name" -v a="$ma" -v b="$mb" 'BEGIN { printf "%-44s %9.1f ms  against %9.1f ms  (x %.2f, +%.1f ms)\n", n, a * 1000, b * 1000, a / b, (a - b) * 1000 }'
}
# alone NAME COMMAND…: median time and largest memory.
alone() {
  local name=$1; shift; rm -f one.times
  for _ in $(seq "$(((rounds + 2) / 3))"); do once one.times "$@"; done
  awk '{ print $1 }' one.times | median >t; awk '{ print $2 }' one.times | sort -n | tail -n 1 >m
  printf '%-44s %9.0f ms  %9.1f MiB\n' "$name" "$(awk '{ print $1 * 1000 }' t)" "$(awk '{ print $1 / 1024 }' m)"
}

steps() { # steps N COMMAND: a runbook of N shell steps
  echo 'runbook bench, "Bench" do'
  for i in $(seq "$1"); do printf '  step s%d, "Step %d" do\n    sh read: "%s", timeout: 1.min\n  end\n' "$i" "$i" "$2"; done
  echo end
}
steps 100 true >hundred.rb
steps 1000 true >thousand.rb
steps 10000 true >tenthousand.rb
steps 1 'head -c 1000000000 /dev/zero | tr \\\\0 x' >output.rb
printf '#!/bin/bash\nfor i in $(seq 100); do bash -euo pipefail -c true; done\n' >hundred.sh

echo "$(date -u +%F)  $(nproc) cores  $(uname -m)  rounds: $rounds  $("$bin" --version)"
pair  'start of the program (/bin/true)'            "$bin" --version -- /bin/true
pair  'check of phase5.rb (/bin/true)'              "$bin" check "$OLDPWD/runbooks/phase5.rb" -- /bin/true
alone 'check of 10,000 steps'                       "$bin" check tenthousand.rb
pair  '100 shell steps, journal durable (bash loop)' "$bin" exec hundred.rb -- bash hundred.sh
alone '1,000 shell steps'                           "$bin" exec thousand.rb
alone '1 GB of output from one command'             "$bin" exec output.rb
alone '--sim healthy, three virtual hours'          "$bin" exec "$OLDPWD/runbooks/phase5.rb" --sim healthy

cd "$OLDPWD"
for bench in chart exposition promql observation; do
  cargo bench --locked --quiet --bench "$bench"
done
