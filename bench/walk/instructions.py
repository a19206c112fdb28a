#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What one sample takes on the bench stack, by callgrind: the same in every run.

usage: instructions.py PROGRAM [--check]
  PROGRAM  walk_instructions
  --check  only what the targets are about; exit 1 unless every target is met
Cache lines (64 bytes) and pages (4 KiB) are those of code, stack and tables together: the misses of a
simulated cache that the program swept before each sample. In a big program they are what costs.
Instructions are the least of three layouts of memory: in one layout of sixteen two of the 31 frames share
a place in the cache of unwind rules, whose rules are then looked up at each sample.
"""
import glob
import re
import subprocess
import sys
import tempfile

WAYS = ["ours", "ours-again", "handler", "handler-again",
        "unw_step", "unw_backtrace", "_Unwind_Backtrace", "backtrace"]
CHECKED = ["ours", "ours-again", "handler", "unw_step", "unw_backtrace"]
# First-level caches of two lines, so that the last level sees every line once.
FIRST_LEVEL = ["--cache-sim=yes", "--I1=128,1,64", "--D1=128,1,64"]
LINES = FIRST_LEVEL + ["--LL=2097152,16,64"]
PAGES = FIRST_LEVEL + ["--LL=2097152,16,4096"]
LOADER = glob.glob("/lib*/ld-linux-*.so.[0-9]")[0]  # runs the program at another address
LAYOUTS = [[], [LOADER, "--preload", "libm.so.6"], [LOADER]]


def callgrind(program, way, options, counter, layout=()):
    """(the counter per sample, frames)"""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=bench_walk_sample",
             f"--callgrind-out-file={folder}/out", *options, *layout, program, way],
            capture_output=True, text=True, check=True)
    samples, frames = map(int, re.search(r"(\d+) samples of (\d+) frames", run.stdout).groups())
    collected = re.search(counter + r"\s*:\s*([\d,]+)", run.stderr).group(1)
    return int(collected.replace(",", "")) / samples, frames


def main():
    program = sys.argv[1]
    check = sys.argv[2:] == ["--check"]
    count, lines, pages = {}, {}, {}
    print(f"{'walk':<20}{'instructions':>14}{'lines':>8}{'pages':>8}{'frames':>8}{'/ ours':>8}")
    for way in CHECKED if check else WAYS:
        count[way], frames = min(callgrind(program, way, [], "Collected", each) for each in LAYOUTS)
        lines[way], _ = callgrind(program, way, LINES, "LL misses")
        pages[way], _ = callgrind(program, way, PAGES, "LL misses")
        print(f"{way:<20}{count[way]:>14.0f}{lines[way]:>8.0f}{pages[way]:>8.0f}{frames:>8}"
              f"{count[way] / count['ours']:>8.2f}")
    targets = {
        "a new stack costs at most 1/12 of unw_step": 12 * count["ours"] <= count["unw_step"],
        "a new stack costs at most 1/2 of unw_backtrace": 2 * count["ours"] <= count["unw_backtrace"],
        "the same stack again costs at most 800": count["ours-again"] <= 800,
        "the whole handler touches at most 2/3 of the cache lines that unw_step does":
            3 * lines["handler"] <= 2 * lines["unw_step"],
        "the whole handler touches no more pages than unw_step": pages["handler"] <= pages["unw_step"],
    }
    for target, met in targets.items():
        print(f"{'met' if met else 'MISSED':<8}{target}")
    return 1 if check and not all(targets.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
