#!/usr/bin/env bash
# Every long option of a program's --help stands in its man page, and the other way round.
set -euo pipefail
bin=$1
man=$2
status=0
for page in "$man"/*.1; do
  program=$(basename "$page" .1)
  help=$("$bin/$program" --help)
  case $program in
    cpuprofile) subcommands=(record convert extract symbolize) ;;
    collector) subcommands=(import export check) ;;
    *) subcommands=() ;;
  esac
  for sub in "${subcommands[@]}"; do help+=$("$bin/$program" "$sub" --help); done
  in_help=$(grep -oE -- '--[a-z][a-z-]+' <<<"$help" | sort -u)
  in_page=$(sed 's/\\-/-/g' "$page" | grep -oE -- '--[a-z][a-z-]+' | sort -u)
  if ! diff <(echo "$in_help") <(echo "$in_page"); then
    echo "$program: --help (<) and man page (>) disagree" >&2
    status=1
  fi
done
exit $status
