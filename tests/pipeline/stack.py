# SPDX-License-Identifier: MIT
"""The whole way as its users run it: demo service, collector, store, visualizer, each a process of its own."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

DEADLINE_SECONDS = 90


def wait_until(what, condition):
    """Polls `condition` until it returns something true, and returns that."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.2)
    raise AssertionError(f"never happened: {what}")


class Program:
    def __init__(self, work, name, arguments):
        self.name = name
        self.log_path = os.path.join(work, f"{name}.log")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def line(self, pattern):
        """The last match of `pattern` in the log, waited for."""
        def search():
            matches = re.findall(pattern, self.log())
            assert matches or self.process.poll() is None, f"{self.name} ended:\n{self.log()}"
            return matches and matches[-1]
        return wait_until(f"{self.name} says {pattern!r}", search)

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=30)


class Stack:
    """REQUIRES: used as a context manager."""

    def __init__(self, bin_dir, interval=1, segment=3):
        self.bin = bin_dir
        self.interval = interval
        self.segment = segment
        self.programs = []

    def __enter__(self):
        self.work = tempfile.mkdtemp(prefix="stackcollector-pipeline-")
        self.store = os.path.join(self.work, "store")
        self.demo = self.start("demo_service", "--port", "26384", "--load", "0.7")
        self.port = int(self.demo.line(r"localhost:(\d+)"))
        self.start_collector()
        wait_until("the store is there", lambda: os.path.exists(os.path.join(self.store, "STORE")))
        self.visualizer = self.start("visualizer", "--port", "0", "--dbpath", self.store)
        self.url = self.visualizer.line(r"(http://[^\s/]+)")
        return self

    def __exit__(self, failed, *_):
        for program in reversed(self.programs):
            program.end()
            if failed:
                print(f"---- {program.name}\n{program.log()[-3000:]}", file=sys.stderr)
        shutil.rmtree(self.work, ignore_errors=True)

    def start(self, name, *arguments):
        program = Program(self.work, name, [os.path.join(self.bin, name), *arguments])
        self.programs.append(program)
        return program

    def collector_arguments(self):
        return ["--host", "127.0.0.1", "--ports", str(self.port), "--dbpath", self.store, "--segment", str(self.segment)]

    def start_collector(self):
        self.collector = self.start("collector", "--interval", str(self.interval), *self.collector_arguments())

    def collect_once(self):
        program = self.start("collector", "--once", *self.collector_arguments())
        assert program.process.wait(timeout=60) == 0, program.log()

    def stop_sampling(self):
        """Ends load and sampling in the demo, not its endpoint. Returns the sampler's own counters."""
        self.demo.process.send_signal(signal.SIGUSR1)
        counters = self.demo.line(r"(?m)^sampler: (.*)\n")
        return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", counters)}

    def get(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.url}{path}?{query}", timeout=30) as answer:
            return json.load(answer)

    def weight_of(self, name):
        """Samples of all stacks through a function, by the original's /data."""
        def through(node):
            if re.fullmatch(name, node["name"]):
                return node["value"]
            return sum(through(child) for child in node.get("children", []))
        return through(self.get("/data"))
