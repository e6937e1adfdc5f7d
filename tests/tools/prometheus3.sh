#!/usr/bin/env bash
# Usage: tests/tools/prometheus3.sh [FOLDER]
#
# Puts the programs that tests compare against into FOLDER/usr/bin (default: target/prometheus3): prometheus 3, promtool,
# prometheus-alertmanager, prometheus-pushgateway and prometheus-node-exporter; and Prometheus' own PromQL test files into
# FOLDER/testdata. They come from Debian's unstable suite, since the stable one has Prometheus 2, whose ranges are closed on
# the left. The packages are only unpacked: nothing of the system changes, and the mirror is the one that this system's own
# apt uses. Does nothing where they are there already.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-$here/target/prometheus3}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# Tests run side by side; the first one fetches, the others wait for it.
exec 9>"$folder/.lock"
flock 9
[ -e "$folder/.complete" ] && exit 0

for tool in apt-get dpkg-deb flock; do
  command -v "$tool" >/dev/null || { echo "prometheus3.sh: $tool is needed and not here" >&2; exit 1; }
done

# Either form of apt's sources; the first archive named is the distribution's own.
mirror=$(cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk '$1 == "URIs:" { print $2; exit }')
if [ -z "$mirror" ]; then
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^https?:/) { print $i; exit } }')
fi
[ -n "$mirror" ] || { echo "prometheus3.sh: apt names no archive on this system" >&2; exit 1; }
key=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e "$key" ] || { echo "prometheus3.sh: $key is not here: is this Debian?" >&2; exit 1; }

work=$(mktemp -d "$folder/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
for kind in deb deb-src; do
  echo "$kind [signed-by=$key] $mirror sid main"
done >"$work/sources.list"
apt() {
  apt-get -qq \
    -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- \
    -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" \
    -o APT::Sandbox::User="$(id -un)" "$@"
}
apt update
cd "$work"
apt download prometheus promtool prometheus-alertmanager prometheus-pushgateway prometheus-node-exporter
for package in ./*.deb; do
  dpkg-deb -x "$package" "$folder"
done
apt source --download-only --tar-only prometheus
mkdir -p "$folder/testdata"
for source in ./prometheus_*.orig.tar.*; do
  tar -xf "$source" -C "$folder/testdata" --strip-components=4 --wildcards '*/promql/promqltest/testdata/*.test'
done
"$folder/usr/bin/prometheus" --version | head -1 >&2
touch "$folder/.complete"
