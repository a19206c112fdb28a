#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stacks of unmodified programs under the preload library reach the root in at least 99 of 100 samples.

usage: completeness_test.py PRELOAD_LIBRARY [PROGRAM...]
Flagged guesses are not looked at: a stack counts by whether it has its root.
"""
import glob
import os
import random
import subprocess
import sys
import tempfile

HZ = 250
MARKERS = ("[unsampled]", "[dropped]", "[overflow]")

CXX = """#include <bits/stdc++.h>
bool Match(const std::string& text) { return std::regex_match(text, std::regex("(a|b)*c+")); }
"""
SQL = """WITH RECURSIVE n(i, t) AS (SELECT 1, 'a' UNION ALL SELECT i + 1, printf('%d-%x', i, i * 7) FROM n
WHERE i < 1500000) SELECT count(*), max(length(t)), sum(i % 7) FROM n WHERE t LIKE '%a%' ORDER BY 1;"""
PYTHON = "import json\nfor i in range(9): json.loads(json.dumps([{'k%d' % n: [n, str(n)]} for n in range(60000)]))"
PERL = "my %h; for my $i (1..9000000) { my $k = \"k\" . ($i % 997); $h{$k} .= $i if $k =~ /(\\d)7$/; } print scalar %h"
NODE = "let s = 0; for (let i = 0; i < 6e6; ++i) { s += JSON.stringify({a: i}).length + [i, 2].sort()[0] } s"


def inputs(folder):
    """Files for the programs; the same in every run."""
    numbers = random.Random(20261122)
    for name in "ab":
        with open(f"{folder}/{name}.txt", "w", encoding="ascii") as file:
            file.writelines(f"{numbers.randrange(400)} {numbers.randrange(3)}\n" for _ in range(400000))
    with open(f"{folder}/source.cc", "w", encoding="ascii") as file:
        file.write(CXX)


COMMANDS = {
    "g++": ["/usr/bin/g++", "-std=c++20", "-O1", "-c", "source.cc", "-o", "source.o"],
    "openssl": ["openssl", "speed", "-seconds", "1", "rsa2048", "sha256", "ecdsap256"],
    "python3": ["/usr/bin/python3", "-c", PYTHON],
    "objdump": ["sh", "-c", "exec objdump -dCl $(ldconfig -p | awk '/lib(stdc..|c|crypto)[.]so.*x86-64/ { print $NF }')"],
    "sqlite3": ["sqlite3", ":memory:", SQL],
    "perl": ["perl", "-e", PERL],
    "git": ["git", "diff", "--no-index", "--histogram", "--stat", "a.txt", "b.txt"],
    "node": ["node", "--jitless", "-e", NODE],
}


def count(folded):
    """(samples, of these not complete)"""
    samples = lost = 0
    with open(folded, encoding="utf-8") as file:
        for line in file:
            stack, _, weight = line.rpartition(" ")
            if any(marker in stack for marker in MARKERS):
                continue
            samples += int(weight)
            lost += int(weight) if "[incomplete]" in stack else 0
    return samples, lost


def run(preload, command, folder):
    output = tempfile.mkdtemp(dir=folder)
    environment = dict(os.environ, LD_PRELOAD=preload, STACKSAMPLER_HZ=str(HZ),
                       STACKSAMPLER_OUTPUT=f"{output}/%p.folded")
    subprocess.run(command, cwd=folder, env=environment, check=False,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    counts = [count(name) for name in glob.glob(f"{output}/*.folded")]
    return max(counts, default=(0, 0))  # of the process that worked, not of its parents


def main():
    preload, *names = sys.argv[1:]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        inputs(folder)
        for name in names or COMMANDS:
            samples, lost = run(preload, COMMANDS[name], folder)
            good = samples >= 100 and lost * 100 <= samples
            failed |= not good
            print(f"{'ok' if good else 'FAILED':<8}{name:<10}{samples:>8} samples,{lost:>6} incomplete", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
