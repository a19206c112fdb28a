#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads folded stacks with a parser of its own and compares with what went in.

The tool converts folded -> pprof -> folded; this script shares no line with it.
"""
import collections
import os
import re
import subprocess
import sys
import tempfile

LINE = re.compile(r"^(.*)\s(\d+)$")  # flamegraph.pl's rule, integers only


def parse(text):
    stacks = collections.Counter()
    for line in text.splitlines():
        match = LINE.match(line)
        if match is None:
            sys.exit("not a folded line: %r" % line)
        stacks[tuple(match.group(1).split(";"))] += int(match.group(2))
    return stacks


def self_sums(stacks):
    sums = collections.Counter()
    for frames, count in stacks.items():
        sums[frames[-1]] += count
    return sums


def main():
    cpuprofile = sys.argv[1]
    names = ["main", "operator new(unsigned long)", "std::map<int, long>::find", "a [b] (c)", "ünï"]
    source = collections.Counter()
    for i in range(300):
        frames = ["main"] + [names[(i * k) % len(names)] for k in range(1, 1 + i % 7)]
        source[tuple(frames)] += 1 + i * i
    with tempfile.TemporaryDirectory() as folder:
        first, middle, last = (os.path.join(folder, name) for name in ("a.folded", "b.pb.gz", "c.folded"))
        with open(first, "w", encoding="utf-8") as file:
            for frames, count in source.items():
                file.write("%s %d\n" % (";".join(frames), count))
        for path, output in ((first, middle), (middle, last)):
            subprocess.run([cpuprofile, "convert", path, "-o", output], check=True)
        with open(last, encoding="utf-8") as file:
            text = file.read()
    result = parse(text)
    if result != source or self_sums(result) != self_sums(source):
        sys.exit("sums differ")
    counts = [int(line.rsplit(" ", 1)[1]) for line in text.splitlines()]
    if counts != sorted(counts, reverse=True):
        sys.exit("not in order of weight")


main()
