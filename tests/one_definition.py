"""one_definition.py ROOT: no two headers define classes of the same name in the same namespace.

The linker keeps one of two inline functions with the same name, so that a destructor of one class may run on the other:
a crash that only some optimizations show.
"""
import pathlib
import re
import sys
from collections import defaultdict

NAMESPACE = re.compile(r'^namespace ([\w:]+) \{$')
NAMESPACE_END = re.compile(r'^\}  // namespace')
DEFINITION = re.compile(r'^(?:class|struct|enum class|enum)(?: STACKSAMPLER_EXPORT| alignas\([^)]*\))* (\w+)\b[^;]*$')


def definitions(header):
    names = []
    for line in header.read_text().splitlines():
        if match := NAMESPACE.match(line):
            names.append(match[1])
        elif NAMESPACE_END.match(line):
            names.pop()
        elif match := DEFINITION.match(line):
            yield '::'.join([*names, match[1]])


root = pathlib.Path(sys.argv[1])
places = defaultdict(set)
for folder in ('include', 'src', 'tools'):
    for header in root.glob(f'{folder}/**/*.h'):
        for name in definitions(header):
            places[name].add(str(header.relative_to(root)))
assert len(places) > 200, f'only {len(places)} classes found'
twice = {name: sorted(headers) for name, headers in places.items() if len(headers) > 1}
for name, headers in twice.items():
    print(f"{name} is defined in {' and in '.join(headers)}", file=sys.stderr)
sys.exit(1 if twice else 0)
