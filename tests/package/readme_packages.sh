#!/usr/bin/env bash
# README's packages are those that the scripts install to build, and what only examples and tests need is not asked for.
set -euo pipefail
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck source=scripts/lib/common.sh
. "$root/scripts/lib/common.sh"
printf '%s\n' "${build_packages[@]}" | sort >"$work/scripts"
# One command over several lines, each but the last ending in a backslash.
sed -n '/^sudo apt install/,/[^\\]$/p' "$root/README.md" | tr -d '\\' | sed 's/^sudo apt install//' |
  tr -s ' ' '\n' | grep . | sort >"$work/readme"
diff "$work/readme" "$work/scripts" || die "README.md (<) and scripts/lib/common.sh (>) disagree"

cmake -G Ninja -S "$root" -B "$work/build" -DSTACKSAMPLER_TESTS=OFF \
  -DCMAKE_DISABLE_FIND_PACKAGE_SQLite3=ON -DCMAKE_DISABLE_FIND_PACKAGE_Catch2=ON >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; die "a build without tests asks for more than README lists"; }
