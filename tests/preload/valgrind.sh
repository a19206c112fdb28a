#!/usr/bin/env bash
# A program under valgrind is sampled, and neither of the two notices more of the other than one line.
set -euo pipefail
library=$1
program=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$1" >&2; cat "$work/log" >&2; exit 1; }

STACKSAMPLER_OUTPUT=$work/out.folded STACKSAMPLER_HZ=1000 LD_PRELOAD=$library \
  valgrind --tool=memcheck --error-exitcode=9 "$program" return >"$work/log" 2>&1 || fail "valgrind reports"
grep -q 'BurnFirst' "$work/out.folded" || fail "no samples"
[ "$(grep -c '^stacksampler: under valgrind ' "$work/log")" = 1 ] || fail "not told"
! grep -qE '^--[0-9]+--|^==[0-9]+== Warning' "$work/log" || fail "valgrind complains of a system call"
