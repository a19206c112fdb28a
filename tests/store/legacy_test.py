#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""collector import and export against Python's dbm.gnu, which wrote and read the original's database.

usage: legacy_test.py BIN_DIR
"""
import collections
import dbm.gnu
import fcntl
import hashlib
import os
import random
import subprocess
import sys
import tempfile

BIN = sys.argv[1]
T0 = 1_700_000_000
HOSTS = [("web-1", 16384), ("web-1", 16385), ("::1", 16384), ("2001:db8::7", 99)]


def collector(*args, code=0):
    done = subprocess.run([BIN + "/collector", *args], capture_output=True, text=True, timeout=100)
    assert done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def save(path, polls):
    """As the original collector's save() does it, poll after poll."""
    for host, port, now, counts in polls:
        with dbm.gnu.open(path, "c") as db:
            for stack, value in counts.items():
                entry = "{}:{}:{}:{} ".format(host, port, now, value).encode()
                key = stack.encode()
                db[key] = db[key] + entry if key in db else entry


def tree(path, since=None, until=None):
    """As the original visualizer's /data reads it, apart from IPv6 hosts, which stop that one."""
    sums = collections.Counter()
    with dbm.gnu.open(path, "c") as db:
        for key in db.keys():
            value = 0
            for entry in db[key].split():
                target, ts, count = entry.decode().rsplit(":", 2)
                if (since is None or int(ts) >= since) and (until is None or int(ts) <= until):
                    value += int(count)
            if value:
                sums[tuple(key.decode().split(";"))] += value
    return sums


def strict_tree(path):
    """The original's own loop, which knows four fields and no more."""
    sums = collections.Counter()
    with dbm.gnu.open(path, "c") as db:
        for key in db.keys():
            for entry in db[key].decode().split():
                host, port, ts, count = entry.split(":")
                sums[(host, port, int(ts), key.decode())] += int(count)
    return sums


def digest(path):
    info = os.stat(path)
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest(), info.st_mtime_ns, info.st_ino


def make_polls(count, seed=1):
    rand = random.Random(seed)
    stacks = ["main;ns::run<int, std::vector<long> >(int);operator() leaf %d;x" % i for i in range(40)]
    stacks += ["main", "only one frame with spaces", "a;b;c;ünïcode"]
    return [(*HOSTS[i % len(HOSTS)], T0 + 60 * (i // len(HOSTS)),
             {s: rand.randint(1, 900) for s in rand.sample(stacks, 12)}) for i in range(count)]


def expected_entries(polls):
    sums = collections.Counter()
    for host, port, now, counts in polls:
        for stack, value in counts.items():
            sums[(host.replace(":", "_"), str(port), now, stack)] += value
    return sums


def test_round_trip(work):
    polls = make_polls(240)
    old, db, back = work + "/old.gdbm", work + "/db", work + "/back.gdbm"
    save(old, polls)
    before = digest(old)
    said = collector("import", old, "--dbpath", db)
    assert "2880 entries" in said and "stored 240 records" in said, said
    assert digest(old) == before, "the old file was touched"
    collector("export", "--legacy", back, "--dbpath", db)
    assert strict_tree(back) == expected_entries(polls)
    assert tree(back) == tree(old)
    for since, until in [(T0, T0), (T0 + 61, T0 + 1800), (T0 + 600, None), (None, T0 + 599)]:
        assert tree(back, since, until) == tree(old, since, until)
    part = work + "/part.gdbm"
    collector("export", "--legacy", part, "--dbpath", db, "--from", str(T0 + 61), "--until", str(T0 + 1800))
    assert tree(part) == tree(old, T0 + 61, T0 + 1800)
    assert "exists" in collector("export", "--legacy", back, "--dbpath", db, code=1)
    again = work + "/again"
    collector("import", back, "--dbpath", again)
    collector("export", "--legacy", work + "/back2.gdbm", "--dbpath", again)
    assert tree(work + "/back2.gdbm") == tree(old)


def test_import_again_takes_what_is_new(work):
    polls = make_polls(200, seed=2)
    old, db = work + "/grow.gdbm", work + "/grow"
    save(old, polls[:121])
    collector("import", old, "--dbpath", db)
    said = collector("import", old, "--dbpath", db)
    assert "1452 of them imported before" in said and "stored 0 records" in said, said
    save(old, polls[121:])
    said = collector("import", old, "--dbpath", db)
    assert "1452 of them imported before" in said and "stored 79 records" in said, said
    # A copy is the same database.
    subprocess.run(["cp", old, work + "/copy"], check=True)
    assert "stored 0 records" in collector("import", work + "/copy", "--dbpath", db)
    collector("export", "--legacy", work + "/grown.gdbm", "--dbpath", db)
    assert strict_tree(work + "/grown.gdbm") == expected_entries(polls)


def test_what_is_refused(work):
    old, db = work + "/locked.gdbm", work + "/none"
    save(old, make_polls(4))
    with dbm.gnu.open(old, "w"):
        assert "is being written" in collector("import", old, "--dbpath", db, code=1)
    with dbm.gnu.open(work + "/other", "c") as other:
        other[b"user"] = b"somebody else"
    said = collector("import", work + "/other", "--dbpath", db, code=1)
    assert "another program" in said and "somebody" in said, said
    with open(work + "/text", "w") as text:
        text.write("no database at all, but long enough to be one " * 100)
    assert work + "/text" in collector("import", work + "/text", "--dbpath", db, code=1)
    assert "absent" in collector("import", work + "/absent", "--dbpath", db, code=1)
    assert "no file" in collector("import", work, "--dbpath", db, code=1)
    assert not os.path.exists(db), "a refused import made a store"
    collector("import", old, "--dbpath", "", code=2)
    assert "not a directory" in collector("import", old, "--dbpath", work + "/text", code=1)
    assert "--from" in collector("export", "--legacy", work + "/x", "--dbpath", db, "--from", "soonish", code=2)
    assert db in collector("export", "--legacy", work + "/x", "--dbpath", db, code=1)
    assert not os.path.exists(work + "/x")


def test_a_reader_of_the_old_file_is_not_disturbed(work):
    old = work + "/shared.gdbm"
    save(old, make_polls(8))
    os.chmod(old, 0o444)
    with open(old, "rb") as reader:
        fcntl.flock(reader, fcntl.LOCK_SH)
        collector("import", old, "--dbpath", work + "/shared")


def test_malformed_entries_are_counted_and_left_out(work):
    old = work + "/bad.gdbm"
    with dbm.gnu.open(old, "c") as db:
        db[b"main;good"] = b"a:1:%d:5 a:1:%d:b'6' " % (T0, T0 + 60)
        db[b"main;bad"] = (b"a:1:%d:-5 a:1:%d:9223372036854775808 a:1:xx:5 :::: 7 a:70000:%d:1 "
                           b"a:1:99999999999999:1 a:1:%d:9223372036854775807 " % (T0, T0, T0, T0 + 120))
        # The sum of one stack in one poll stops at the end of the numbers; that of two is refused.
        db[b"main;much"] = b"a:1:%d:9223372036854775807 a:1:%d:1 " % (T0 + 180, T0 + 180)
        db[b"main;more"] = b"a:1:%d:1 " % (T0 + 120)
    said = collector("import", old, "--dbpath", work + "/bad", code=1)
    assert "left out 7 malformed entries and 1 records" in said and "cut 1 sums" in said, said
    collector("export", "--legacy", work + "/bad2.gdbm", "--dbpath", work + "/bad")
    assert strict_tree(work + "/bad2.gdbm") == {
        ("a", "1", T0, "main;good"): 5, ("a", "1", T0 + 60, "main;good"): 6,
        ("a", "1", T0 + 180, "main;much"): 2**63 - 1}


for name, test in sorted(globals().items()):
    if name.startswith("test_"):
        with tempfile.TemporaryDirectory() as directory:
            test(directory)
        print("ok:", name)
