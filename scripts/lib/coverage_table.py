"""coverage_table.py PARSERS EXPORT ROOT [--misses]: what llvm-cov exported, as a table of our parsers.

Exit 1 when one of them has too few of its branches, or a file that was not measured.
"""
import json
import os
import sys
from collections import defaultdict

LEAST_PERCENT = 95


def rows(path):
    for line in open(path):
        if line.strip() and not line.startswith('#'):
            parser, files, _ = line.split('|')
            yield parser.strip(), files.split()


def percent(covered, count):
    return 100 * covered / count if count else 100.0


def total(measured, files, kind):
    summaries = [measured[file]['summary'][kind] for file in files]
    return sum(s['covered'] for s in summaries), sum(s['count'] for s in summaries)


def show_misses(file, branches):
    """A template's condition counts when one of its instances has it."""
    taken = defaultdict(lambda: [0, 0])
    for line, column, _, _, true, false, *_ in branches:
        taken[line, column][0] += true
        taken[line, column][1] += false
    for (line, column), counts in sorted(taken.items()):
        for outcome, count in zip(('true', 'false'), counts):
            if not count:
                print(f'{file}:{line}:{column}: never {outcome}')


def main(parsers, export, root, *options):
    data = json.load(open(export))['data'][0]
    # ccache makes paths relative to the build.
    measured = {os.path.relpath(os.path.join(root, file['filename']), root): file for file in data['files']}
    is_good = True
    print(f"{'parser':<20}{'lines':>16}{'branches':>18}")
    for parser, files in rows(parsers):
        missing = [file for file in files if file not in measured]
        if missing:
            sys.exit(f"coverage: not measured: {' '.join(missing)}")
        lines, branches = total(measured, files, 'lines'), total(measured, files, 'branches')
        is_good &= percent(*branches) >= LEAST_PERCENT
        print(f'{parser:<20}{lines[0]:>6}/{lines[1]:<5}{percent(*lines):>5.1f}'
              f'{branches[0]:>7}/{branches[1]:<5}{percent(*branches):>6.1f} %')
        if '--misses' in options:
            for file in files:
                show_misses(file, measured[file]['branches'])
    sys.exit(0 if is_good else 1)


main(*sys.argv[1:])
