#!/usr/bin/env bash
# Each script says what it is for when asked by -h or by --help, and does nothing else.
set -euo pipefail
root=$1
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
# A script that takes -h for something else finds nothing to install or to build with.
for tool in bash cat dirname basename env; do ln -s "$(command -v "$tool")" "$tools/"; done
status=0
for script in "$root"/scripts/* "$root"/bench/run; do
  [ -f "$script" ] || continue
  for option in --help -h; do
    help=$(timeout 20 env PATH="$tools" "$script" "$option" 2>&1) && [[ $help == usage:* ]] ||
      { echo "${script#"$root/"} $option: $help" >&2; status=1; }
  done
done
exit $status
