# SPDX-License-Identifier: MIT
"""scripts/demo --check as a newcomer runs it; argv: the script."""

import subprocess
import sys

subprocess.run([sys.argv[1], "--check"], check=True, timeout=290)
