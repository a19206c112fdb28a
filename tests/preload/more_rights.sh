#!/usr/bin/env bash
# A set-group-id program that another group calls: the environment is not its friend's.
set -euo pipefail
program=$1
[ "$(id -u)" = 0 ] || { echo "only root can make such a program"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$program" "$work/program"
export STACKSAMPLER_OUTPUT=$work/out.folded STACKSAMPLER_HZ=1000
run() { setpriv --regid=65534 --clear-groups "$work/program" return; }

run
[ -s "$work/out.folded" ] || { echo "without more rights it must be recorded" >&2; exit 1; }
rm "$work/out.folded"
chgrp 0 "$work/program"
chmod g+s "$work/program"
run
[ ! -e "$work/out.folded" ] || { echo "with more rights it must not be recorded" >&2; exit 1; }
