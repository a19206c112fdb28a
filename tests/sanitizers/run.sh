#!/usr/bin/env bash
# usage: run.sh FOLDER [CTEST-OPTION...]
# Builds the preset asan+ubsan in FOLDER, says what it leaves out and why, and runs the rest of the suite. A finding, a failed
# case, a run of no case and a list that names nothing or too much are failures; 77: the sanitizer does not start here.
set -euo pipefail
folder=$(realpath -m "$1")
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Its dlopen() does not know in which folders a program has its libraries looked for.
export LD_LIBRARY_PATH=$folder/lib
export ASAN_OPTIONS=halt_on_error=1:detect_stack_use_after_return=0
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

ccache=()
if command -v ccache >/dev/null; then ccache=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
(cd "$here/../.." && cmake --preset asan+ubsan -B "$folder" "${ccache[@]}")

# The sanitizer's shadow lies at fixed addresses, which mappings hit now and then where the kernel spreads them over 32 bits.
straight=()
if setarch -R true 2>/dev/null; then straight=(setarch -R); fi
echo 'int main() {}' >"$folder/starts.cc"
c++ -fsanitize=address,undefined "$folder/starts.cc" -o "$folder/starts"
for _ in {1..20}; do
  "${straight[@]}" "$folder/starts" || { echo "AddressSanitizer does not start here: see above"; exit 77; }
done

"${straight[@]}" cmake --build "$folder"

# Each line is what to leave out, a regular expression of cases' names, then " # " and the reason.
list=$here/left-out
cases=$(ctest --test-dir "$folder" -N | sed -n 's/^ *Test *#[0-9]*: //p')
patterns=$(sed 's/ # .*//' "$list")
echo "left out:"
sed 's/^/  /' "$list"
while IFS= read -r pattern; do
  grep -Eq -- "$pattern" <<<"$cases" || { echo "$list: no case is named $pattern"; exit 1; }
done <<<"$patterns"
all=$(wc -l <<<"$cases")
out=$(grep -Ec -- "${patterns//$'\n'/|}" <<<"$cases")
echo "left out: $out of $all cases"
((out * 10 <= all)) || { echo "$list: leaves out more than a tenth"; exit 1; }

exec "${straight[@]}" ctest --test-dir "$folder" -j 2 --output-on-failure --no-tests=error -E "${patterns//$'\n'/|}" "$@"
