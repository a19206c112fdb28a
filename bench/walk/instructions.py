#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Instructions per sample on the bench stack, by callgrind: the same in every run.

usage: instructions.py PROGRAM [--check]
  PROGRAM  walk_instructions
  --check  exit 1 unless every target is met
"""
import re
import subprocess
import sys
import tempfile

WAYS = ["ours", "ours-again", "handler", "handler-again",
        "unw_step", "unw_backtrace", "_Unwind_Backtrace", "backtrace"]


def instructions(program, way):
    """(instructions per sample, frames)"""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=bench_walk_sample",
             f"--callgrind-out-file={folder}/out", program, way],
            capture_output=True, text=True, check=True)
    samples, frames = map(int, re.search(r"(\d+) samples of (\d+) frames", run.stdout).groups())
    collected = int(re.search(r"Collected : (\d+)", run.stderr).group(1))
    return collected / samples, frames


def main():
    program = sys.argv[1]
    check = sys.argv[2:] == ["--check"]
    count = {}
    print(f"{'walk':<20}{'instructions':>14}{'frames':>8}{'/ ours':>8}")
    for way in WAYS:
        count[way], frames = instructions(program, way)
        print(f"{way:<20}{count[way]:>14.0f}{frames:>8}{count[way] / count['ours']:>8.2f}")
    targets = {
        "a new stack costs at most 1/12 of unw_step": 12 * count["ours"] <= count["unw_step"],
        "a new stack costs at most 1/2 of unw_backtrace": 2 * count["ours"] <= count["unw_backtrace"],
        "the same stack again costs at most 800": count["ours-again"] <= 800,
    }
    for target, met in targets.items():
        print(f"{'met' if met else 'MISSED':<8}{target}")
    return 1 if check and not all(targets.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
