#!/usr/bin/env bash
# usage: run.sh asan|tsan FOLDER [CTEST-OPTION...]
# Builds the suite with a sanitizer in FOLDER, says what it leaves out and why, and runs the rest. A finding of any process
# is a failure, whether its case noticed or not; so are a failed case, a run of no case, and a list that names nothing or too
# much. 77: the sanitizer does not start on this machine.
set -euo pipefail
kind=$1
folder=$(realpath -m "$2")
shift 2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# In whatever folder a process works: for a path the sanitizer calls mkdir(), which tests of the store replace.
finding=sanitizer-finding
common=halt_on_error=1:log_path=$finding
# AddressSanitizer's dlopen() does not know in which folders a program has its libraries looked for.
export LD_LIBRARY_PATH=$folder/lib
# LeakSanitizer's tracer crashes now and then over threads that sample: leaks are counted by the plain suite's cycles instead.
export ASAN_OPTIONS=$common:detect_stack_use_after_return=0:detect_leaks=0
export UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1:print_stacktrace=1
# It guesses how large a library's thread-local storage is, and ends over libelf's, which is opened late.
export TSAN_OPTIONS=$common:second_deadlock_stack=1:die_after_fork=0:intercept_tls_get_addr=0
case $kind in
  asan) preset=asan+ubsan flags=address,undefined share=10 faults=("heap-buffer-overflow" "signed integer overflow") ;;
  tsan) preset=tsan flags=thread share=2 faults=("data race") ;;
  *) echo "run.sh: $kind is neither asan nor tsan" >&2; exit 2 ;;
esac

# A sanitizer's shadow lies at fixed addresses, which mappings hit now and then where the kernel spreads them over 32 bits.
straight=()
if setarch -R true 2>/dev/null; then straight=(setarch -R); fi
forget_findings() { find "$folder" -name "$finding.*" -delete; }

# finds FAULT: whether the planted fault ends its program, and is told of.
finds() {
  forget_findings
  ! { (cd "$folder" && "${straight[@]}" ./planted "$1" >"$finding.stderr" 2>&1); } 2>/dev/null || return 1
  grep -qF -- "$1" "$folder/$finding".*
}

mkdir -p "$folder"
forget_findings
"${CXX:-c++}" -std=c++20 -O1 -g1 -fsanitize=$flags "$here/planted.cc" -o "$folder/planted"
for _ in {1..20}; do
  (cd "$folder" && "${straight[@]}" ./planted nothing) ||
    { cat "$folder/$finding".* 2>/dev/null || true; echo "the sanitizer $flags does not start on this machine: see above"; exit 77; }
done
for fault in "${faults[@]}"; do
  finds "$fault" || { echo "a planted fault was not found: $fault"; exit 1; }
done

cd "$here/../.."
cmake --preset "$preset" -B "$folder" >"$folder/configure.log" 2>&1 || { tail -n 30 "$folder/configure.log"; exit 1; }
started=$SECONDS
"${straight[@]}" cmake --build "$folder" -j "$(nproc)" >"$folder/build.log" 2>&1 ||
  { grep -m 40 -A 3 -E 'error:|FAILED:|undefined reference|\*\*\*' "$folder/build.log"; exit 1; }
echo "built in $((SECONDS - started)) s"

# Of the list each line is a regular expression of cases' names, then " # " and the reason.
list=$here/left-out.$kind
cases=$(ctest --test-dir "$folder" -N | sed -n 's/^ *Test *#[0-9]*: //p')
patterns=$(sed '/^#/d; s/ # .*//' "$list")
echo "left out:"
sed 's/^/  /' "$list"
while IFS= read -r pattern; do
  grep -Eq -- "$pattern" <<<"$cases" || { echo "$list: no case is named $pattern"; exit 1; }
done <<<"$patterns"
all=$(wc -l <<<"$cases")
out=$(grep -Ec -- "${patterns//$'\n'/|}" <<<"$cases")
echo "left out: $out of $all cases"
((out * share <= all)) || { echo "$list: leaves out more than one of $share"; exit 1; }

# Of the cases that failed, all that they said; of the others nothing. A failed case runs once more: whether its samples come
# in time is the plain suite's to judge, and a finding counts in either run.
forget_findings
started=$SECONDS
result=0
"${straight[@]}" ctest --test-dir "$folder" -j 2 --repeat until-pass:2 \
  --output-on-failure --no-tests=error -E "${patterns//$'\n'/|}" "$@" 2>&1 |
  tee "$folder/suite.log" | grep -vE '^ +Start +[0-9]+: |^ *[0-9]+/[0-9]+ Test .* Passed +[0-9.]+ sec *$' |
  awk 'NR <= 3000 || /tests passed|tests failed/' | cut -c 1-1000 || result=1
echo "ran in $((SECONDS - started)) s; all of what was said is in $folder/suite.log"
# Beside AddressSanitizer, that of undefined behaviour writes to stderr, whatever it is told.
grep -h -A 20 'runtime error: ' "$folder/suite.log" "$folder/Testing/Temporary/LastTest.log" >"$folder/$finding.undefined" || true
while IFS= read -r file; do
  grep -qE 'ERROR: |SUMMARY: |FATAL: |CHECK failed|runtime error: ' "$file" || continue  # they warn there as well
  result=1
  echo "a finding: $file"
  head -n 80 "$file" | cut -c 1-300
done < <(find "$folder" -name "$finding.*")
exit $result
