#!/usr/bin/env bash
# Bad input ends in one line on stderr that names the thing and the way out: exit 2 for usage, 1 for the rest.
set -uo pipefail
bin=$1
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; chmod -R u+w "$work"; rm -rf "$work"' EXIT
failures=0

# expect CODE WORDS COMMAND...: every word of WORDS (separated by |) stands in the one line on stderr.
expect() {
  local code=$1 words=$2 word lines
  shift 2
  timeout 20 "$@" >"$work/out" 2>"$work/err" </dev/null
  local got=$?
  lines=$(wc -l <"$work/err")
  local problem=
  [ "$got" = "$code" ] || problem="exit $got instead of $code"
  [ "$lines" = 1 ] || problem+=" $lines lines on stderr"
  IFS='|' read -ra list <<<"$words"
  for word in "${list[@]}"; do grep -qF -- "$word" "$work/err" || problem+=" no '$word'"; done
  if [ -n "$problem" ]; then
    echo "FAILED: $*:$problem" >&2
    sed 's/^/    /' "$work/err" >&2
    failures=$((failures + 1))
  else
    echo "ok: $(cat "$work/err")"
  fi
}

# as_nobody COMMAND...: root may write anywhere, so what must be refused is asked as somebody who may not.
as_nobody() { if [ "$(id -u)" = 0 ]; then echo "setpriv --reuid=65534 --regid=65534 --clear-groups"; fi; }

collector=$bin/collector visualizer=$bin/visualizer cpuprofile=$bin/cpuprofile
chmod 755 "$work"

expect 2 "--ports|'x'|16384..16390" "$collector" --host localhost --ports x --dbpath "$work/db"
expect 2 "--ports|'7..5'" "$collector" --host localhost --ports 7..5 --dbpath "$work/db"
expect 2 "--host" "$collector" --ports 1 --dbpath "$work/db"
expect 2 "--bogus" "$collector" --bogus --dbpath "$work/db"
expect 2 "http://a:1|--ports" "$collector" --host http://a:1 --dbpath "$work/db"
expect 2 "--dbpath" "$collector" --host localhost --dbpath ""
expect 2 "--sample-times|20m|a whole part of a second" "$collector" --host a --sample-times 20m --dbpath "$work/db"
expect 2 "--sample-times|--store" "$collector" --host a --sample-times 20ms --store clickhouse://a/b --dbpath "$work/db"
for option in --keep --keep-bytes --keep-days --keep-days-bytes; do
  expect 2 "$option:|docs/clickhouse.md" "$collector" --host a "$option" 0 --store clickhouse://a/b --dbpath "$work/db"
done
expect 2 "--interval" "$collector" --host a --interval 0 --dbpath "$work/db"
expect 2 "'10m'|seconds|600" "$collector" --host a --interval 10m --dbpath "$work/db"
expect 2 "--port: no such option of collector; did you mean --ports?" \
  "$collector" --once --host localhost --port 16384 --dbpath "$work/db"
expect 2 "chekc: no such command of collector; did you mean check?" "$collector" chekc "$work/db"
expect 2 "--repiar|collector check|--repair" "$collector" check --repiar "$work/db"
expect 2 "--redact|(=x|PREFIX=REPLACEMENT" "$collector" --host a --redact "~(=x" --dbpath "$work/db"
[ -e "$work/db" ] && { echo "FAILED: bad usage made a store" >&2; failures=$((failures + 1)); }

expect 1 "$work/missing/db" "$collector" --host localhost --once --dbpath "$work/missing/db"
mkdir "$work/readonly"
chmod 555 "$work/readonly"
# shellcheck disable=SC2046
expect 1 "$work/readonly/db|ermission" $(as_nobody) "$collector" --host localhost --once --dbpath "$work/readonly/db"
touch "$work/file"
expect 1 "$work/file|directory" "$collector" --host localhost --once --dbpath "$work/file"

# A range of which nothing listens at any port is one line, and a failure all the same.
expect 1 "127.0.0.1|1..3" "$collector" --host 127.0.0.1 --ports 1..3 --once --dbpath "$work/ranged"
grep -qx "polled 3 targets: 0 answered, 0 failed, 3 empty; stored 0 records, weight 0" "$work/out" ||
  { echo "FAILED: no summary: $(cat "$work/out")" >&2; failures=$((failures + 1)); }

mkdir "$work/newer"
"$collector" --host localhost --ports 1 --once --dbpath "$work/newer/db" >/dev/null 2>&1
sed -i 's/[0-9]\+/999/' "$work/newer/db/STORE"
before=$(cd "$work/newer/db" && cat ./* | cksum; ls "$work/newer/db")
expect 1 "$work/newer/db|newer" "$collector" --host localhost --once --dbpath "$work/newer/db"
expect 1 "$work/newer/db|newer" "$visualizer" --port 0 --dbpath "$work/newer/db"
expect 1 "$work/newer/db|newer" "$collector" check "$work/newer/db"
[ "$before" = "$(cd "$work/newer/db" && cat ./* | cksum; ls "$work/newer/db")" ] ||
  { echo "FAILED: a store of a newer version was touched" >&2; failures=$((failures + 1)); }

expect 1 "$work/none|collector" "$visualizer" --port 0 --dbpath "$work/none"
expect 2 "--port|'70000'|from 0 to 65535" "$visualizer" --port 70000 --dbpath "$work/none"
expect 2 "--prot|--port?" "$visualizer" --prot 9999 --dbpath "$work/none"
"$collector" --host localhost --ports 1 --once --dbpath "$work/good" >/dev/null 2>&1
"$visualizer" --port 0 --dbpath "$work/good" >"$work/first" 2>&1 &
for _ in $(seq 100); do grep -q http "$work/first" && break; sleep 0.1; done
port=$(grep -oE ':[0-9]+' "$work/first" | head -n 1 | tr -d :)
expect 1 "$port" "$visualizer" --port "$port" --dbpath "$work/good"
"$collector" --host localhost --ports 1 --interval 600 --dbpath "$work/good" 2>"$work/second" &
for _ in $(seq 100); do grep -q collecting "$work/second" && break; sleep 0.1; done
expect 1 "$work/good|collector" "$collector" --host localhost --ports 1 --once --dbpath "$work/good"

expect 2 "OLD" "$collector" import --dbpath "$work/db"
expect 2 "DIR" "$collector" check
expect 2 "--legacy" "$collector" export --dbpath "$work/good"
expect 1 "$work/absent.gdbm" "$collector" import "$work/absent.gdbm" --dbpath "$work/db"
expect 1 "$work/none" "$collector" check "$work/none"
expect 1 "$work/none" "$collector" check --repair "$work/none"
expect 1 "$work/good|another collector" "$collector" check --repair "$work/good"

printf '\x1f\x8b garbage' >"$work/bad.pb.gz"
expect 1 "$work/bad.pb.gz" "$cpuprofile" convert "$work/bad.pb.gz" -o "$work/out.folded"
expect 1 "$work/absent.folded|check the name" "$cpuprofile" convert "$work/absent.folded" -o "$work/out.folded"
expect 1 "$work/absent-program" "$cpuprofile" record -o "$work/out.cpuprofile" -- "$work/absent-program"
expect 2 "recrod: no such command of cpuprofile; did you mean record?" "$cpuprofile" recrod -- ls
expect 2 "--secnds|cpuprofile record|--seconds?" "$cpuprofile" record --secnds 5 -- ls
expect 2 "record" "$cpuprofile" record -o "$work/out.cpuprofile"
expect 1 "127.0.0.1:1" "$cpuprofile" record --url http://127.0.0.1:1 --seconds 1 -o "$work/out.cpuprofile"
expect 2 "--url" "$cpuprofile" record --url ftp://x --seconds 1 -o "$work/out.cpuprofile"
printf '{"nodes":[' >"$work/cut.cpuprofile"
expect 1 "$work/cut.cpuprofile|cut short|anew" "$cpuprofile" convert "$work/cut.cpuprofile" -o "$work/out.folded"
echo 'main;f 1' >"$work/private.folded"
chmod 600 "$work/private.folded"
# shellcheck disable=SC2046
expect 1 "$work/private.folded|ermission|owner" $(as_nobody) "$cpuprofile" convert "$work/private.folded" -o -
expect 2 "$work/private.folded|folded|pprof" "$cpuprofile" symbolize "$work/private.folded" -o "$work/out.pb.gz"
[ -e "$work/out.folded" ] && { echo "FAILED: a failed conversion left a file" >&2; failures=$((failures + 1)); }

[ "$failures" = 0 ] || { echo "$failures failed" >&2; exit 1; }
