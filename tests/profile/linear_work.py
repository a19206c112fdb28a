#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reading a file whose keys were made to fall together takes instructions in proportion to its size, by callgrind.

usage: linear_work.py CRAFTED_INPUT
"""
import re
import subprocess
import sys
import tempfile

FAMILIES = ["names", "labels", "pprof-ids", "cpuprofile-ids"]
COUNT, TIMES = 1_000, 4
# In proportion is 4, in proportion to the square 16.
MOST_TIMES = 6


def instructions(program, family, count):
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=crafted_input_read",
             f"--callgrind-out-file={folder}/out", program, family, str(count)],
            capture_output=True, text=True, check=True)
    return int(re.search(r"Collected\s*:\s*([\d,]+)", run.stderr).group(1).replace(",", ""))


def main():
    program = sys.argv[1]
    failed = []
    for family in FAMILIES:
        few, many = instructions(program, family, COUNT), instructions(program, family, TIMES * COUNT)
        print(f"{family:<16}{few:>14,}{many:>14,}{many / few:>8.2f} times")
        if many > MOST_TIMES * few:
            failed.append(family)
    hashes = {subprocess.run([program, "hash"], capture_output=True, text=True, check=True).stdout for _ in range(3)}
    if len(hashes) != 3:
        failed.append("processes have one secret")
    sys.exit(", ".join(failed) or 0)


if __name__ == "__main__":
    main()
