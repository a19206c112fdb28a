#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How much longer a CPU-bound program takes under a profiler, in paired runs.

The program is the compiler itself (cc1plus -O2 over a file of the standard library). A round runs it
once under each profiler, in random order; a profiler's slowdown in a round is its CPU time (user and
system, of all threads) against that of the bare run in the same round. Printed: the median over the
rounds, and the 95 % interval of that median by bootstrap. A difference whose interval holds 0 was not
seen. Run it on a quiet machine.
"""
import argparse
import os
import random
import shlex
import statistics
import subprocess
import sys
import tempfile

SOURCE = """
#include <algorithm>
#include <map>
#include <regex>
#include <string>
#include <unordered_map>
bool Match(const std::string& text) { return std::regex_search(text, std::regex("a(b|c)*d")); }
std::map<std::string, std::unordered_map<std::string, int>> counts;
"""


def find_gperftools():
    for name in ("libprofiler.so.0", "libprofiler.so"):
        path = f"/usr/lib/x86_64-linux-gnu/{name}"
        if os.path.exists(path):
            return path
    sys.exit("slowdown: libprofiler.so is missing; apt-get install libgoogle-perftools4")


def compiler_proper(source):
    """The command by which g++ runs cc1plus, which does all the work in one process."""
    dry_run = subprocess.run(["g++", "-###", "-O2", "-S", source, "-o", "/dev/null"], check=True,
                             capture_output=True, text=True).stderr
    return next(shlex.split(line) for line in dry_run.splitlines() if "cc1plus" in line.split(" -")[0])


def profilers(arguments, folder):
    """Name -> environment added to the run. The bare run comes first."""
    ours = {"LD_PRELOAD": f"{arguments.build}/lib/libstacksampler_preload.so",
            "STACKSAMPLER_OUTPUT": f"{folder}/ours.pb.gz"}
    empty = {"LD_PRELOAD": f"{arguments.build}/lib/libbench_empty_handler.so"}
    peer = {"LD_PRELOAD": find_gperftools(), "CPUPROFILE": f"{folder}/peer.prof"}
    runs = {"nothing": {}}
    for hz in (100, 200):
        runs[f"empty handler, {hz} Hz"] = {**empty, "BENCH_HZ": str(hz)}
        runs[f"stacksampler, {hz} Hz"] = {**ours, "STACKSAMPLER_HZ": str(hz)}
        runs[f"gperftools, {hz} Hz"] = {**peer, "CPUPROFILE_FREQUENCY": str(hz)}
    return runs


def cpu_seconds(command, environment):
    before = os.times()
    subprocess.run(command, check=True, env={**os.environ, **environment},
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = os.times()
    return (after.children_user - before.children_user
            + after.children_system - before.children_system)


def interval(values, resamples=4000):
    """The bootstrap's 95 % interval of the median."""
    medians = sorted(statistics.median(random.choices(values, k=len(values)))
                     for _ in range(resamples))
    return medians[int(0.025 * resamples)], medians[int(0.975 * resamples)]


def main():
    parser = argparse.ArgumentParser(description="slowdown of cc1plus under profilers, in paired runs",
                                     epilog="example: bench/slowdown/slowdown.py --rounds 30")
    parser.add_argument("--build", default="build/release", help="the build folder")
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = f"{folder}/source.cc"
        with open(source, "w", encoding="utf-8") as file:
            file.write(SOURCE)
        command = compiler_proper(source)
        runs = profilers(arguments, folder)
        for environment in runs.values():  # page cache, and whether each runs at all
            cpu_seconds(command, environment)
        seconds = {name: [] for name in runs}
        for done in range(arguments.rounds):
            if sys.stderr.isatty():
                print(f"\rround {done + 1} of {arguments.rounds}", end="", file=sys.stderr)
            for name in random.sample(list(runs), len(runs)):
                seconds[name].append(cpu_seconds(command, runs[name]))
    bare = seconds.pop("nothing")
    print(f"\ncalibration: the bare run takes {statistics.median(bare):.3f} s of CPU time; "
          f"load {os.getloadavg()[0]:.1f}; {arguments.rounds} rounds")
    print(f"{'profiler':28} {'slowdown':>9}   95 % interval")
    for name, values in seconds.items():
        slower = [100 * (value / base - 1) for value, base in zip(values, bare)]
        low, high = interval(slower)
        seen = "" if low > 0 else "   (not seen)"
        print(f"{name:28} {statistics.median(slower):+8.2f}%   {low:+.2f} .. {high:+.2f}%{seen}")


if __name__ == "__main__":
    main()
