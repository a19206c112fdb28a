# SPDX-License-Identifier: MIT
"""Opens the real page over the real pipeline in headless Chromium; argv: bin directory, page test, screenshot."""

import os
import subprocess
import sys

from stack import Stack, wait_until


def main():
    bin_dir, page_test, screenshot = sys.argv[1:]
    with Stack(bin_dir) as stack:
        wait_until("samples are shown", lambda: stack.weight_of("demo::Catalog::HandleQuery") > 300)
        environment = dict(os.environ, STACKCOLLECTOR_URL=stack.url, SCREENSHOT=screenshot)
        subprocess.run(["node", "--test", page_test], check=True, env=environment, timeout=150)
        assert os.path.getsize(screenshot) > 10_000, "the screenshot is empty"


if __name__ == "__main__":
    main()
