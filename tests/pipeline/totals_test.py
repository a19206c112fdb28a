# SPDX-License-Identifier: MIT
"""Runs demo service -> collector -> store -> visualizer and compares the totals at every stage:
delivered = recorded + dropped = stored (read by gdbm's own tool) = shown. On the way the collector is killed twice.
CPU time without a signal, shown as [unsampled] or [profiler], stands beside these."""

import glob
import os
import re
import subprocess
import sys
import time

from stack import Stack, wait_until

SHARES = [("demo::Catalog::HandleQuery", 0.40), ("demo::HandleArchive", 0.30), ("demo::HandleImport", 0.20),
          ("demo::HandleRoute", 0.10)]


def sealed_weight(store):
    """Sum of the weights that gdbm's own tool reads from the sealed files."""
    total = 0
    for path in sorted(glob.glob(os.path.join(store, "h-*.gdbm"))):
        meta = subprocess.run(["gdbmtool", "-r", path, "fetch", "meta"], check=True, capture_output=True, text=True).stdout
        total += int(re.search(r"weight (\d+)", meta).group(1))
    return total


def check_totals(stack):
    wait_until("the page shows every handler", lambda: all(stack.weight_of(name) > 0 for name, _ in SHARES))
    # Killed, not asked: what was acknowledged must be in the store, what was not must be offered again.
    for _ in range(2):
        stack.collector.end(9)
        time.sleep(1.2)
        stack.start_collector()
        stack.collector.line(r"target answers")
    wait_until("a window was sealed on the way", lambda: glob.glob(os.path.join(stack.store, "*.gdbm")))
    wait_until("enough samples for the shares", lambda: stack.get("/data")["value"] > 1500)

    counted = stack.stop_sampling()
    assert counted["delivered_weight"] == counted["recorded_weight"] + counted["dropped_ring_full_weight"], counted
    assert stack.collector.end() == 0, "SIGTERM must end the collector with 0"
    stack.collect_once()

    shown = stack.get("/data")["value"]
    unsampled = stack.weight_of(r"\[(unsampled|profiler)\]")
    delivered = counted["delivered_weight"]
    assert shown - unsampled == delivered, f"delivered {delivered}, shown {shown} with {unsampled} unsampled"
    assert unsampled < 0.1 * shown, f"{unsampled} of {shown} unsampled"

    # The open window closes when its time has passed and a collector comes by.
    time.sleep(stack.segment + 1)
    stack.collect_once()
    stored = sealed_weight(stack.store)
    assert stored == shown, f"shown {shown}, sealed {stored}"
    assert stack.get("/data")["value"] == shown
    print(f"delivered {delivered} = recorded {counted['recorded_weight']}"
          f" + dropped {counted['dropped_ring_full_weight']}"
          f" = stored {stored} - {unsampled} unsampled = shown {shown} - {unsampled}")


def check_shares(stack):
    weights = [stack.weight_of(name) for name, _ in SHARES]
    total = sum(weights)
    for (name, share), weight in zip(SHARES, weights):
        print(f"{name}: {weight / total:.3f} of the handlers' samples, {share:.2f} by design")
        assert abs(weight / total - share) < 0.08, name
    labels = stack.get("/api/v1/labels")["labels"]
    assert {"worker-0", "worker-1"} <= set(labels["thread"]), labels
    assert labels["port"] == [str(stack.port)], labels


def main():
    with Stack(sys.argv[1]) as stack:
        check_totals(stack)
        check_shares(stack)


if __name__ == "__main__":
    main()
