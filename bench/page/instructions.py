#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the server does for a first frame that was never asked for before, by callgrind: the same in every run.

usage: instructions.py PAGE_STORE [--check]
  PAGE_STORE  the program
  --check     exit 1 when a call of the tree takes more instructions than it may
"""
import re
import subprocess
import sys
import tempfile

CALLS = 100_000
# 1,943 with g++ 12; other compilers, zlib and zstd get a fifth. While stacks were found by hash it was 2,940.
MOST_PER_CALL = 2_350


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        store = f"{folder}/store"
        subprocess.run([program, str(CALLS), store], check=True)
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", program, store],
            capture_output=True, text=True, check=True)
    collected = int(re.search(r"Collected\s*:\s*([\d,]+)", run.stderr).group(1).replace(",", ""))
    per_call = collected / CALLS
    print(f"first frame of {CALLS:,} calls: {collected:,} instructions, {per_call:,.0f} per call")
    if sys.argv[2:] == ["--check"] and per_call > MOST_PER_CALL:
        sys.exit(f"more than {MOST_PER_CALL:,} per call")


if __name__ == "__main__":
    main()
