#!/usr/bin/env bash
# What apt-get tells while it works becomes counted lines, and its failure is still one.
set -euo pipefail
root=$1
# shellcheck source=scripts/lib/common.sh
. "$root/scripts/lib/common.sh"

told='Reading package lists...
0 upgraded, 2 newly installed, 0 to remove and 7 not upgraded.
dlstatus:1:42.7500:Retrieving file 1 of 2
pmstatus:dpkg-exec:0.0000:Running dpkg
pmstatus:libone:20.0000:Unpacking libone (amd64)
Setting up libone (1.0) ...
pmstatus:libone:50.0000:Installed libone (amd64)
pmstatus:libtwo:amd64:90.0000:Installed libtwo:amd64 (amd64)'
expected='    downloading: 42 %
    installed 1 of 2: libone
    installed 2 of 2: libtwo:amd64'
shown=$(progress_seconds=0 show_apt_progress <<<"$told")
diff <(echo "$expected") <(echo "$shown")

# Nothing is missing here: what is called is a function that stands for apt-get.
as_root() { [[ $* == *install* ]] || return 0; echo 'E: no space'; return 100; }
if said=$( (install_packages no-such-package) 2>&1); then die "a failed apt-get passed for a success"; fi
[[ $said == *'E: no space'*'apt-get install failed: no-such-package'* ]] || die "no reason: $said"
rm -f "${said##* }"
