# Shared by the scripts: what they say, and the Debian packages that they need.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

build_packages=(
  g++ cmake ninja-build pkg-config
  libcpp-httplib-dev libssl-dev libcli11-dev libgdbm-dev libfmt-dev zlib1g-dev
  libzstd-dev libxxhash-dev libre2-dev libabsl-dev nlohmann-json3-dev libdw-dev esbuild
  tzdata
)
peer_packages=(libgoogle-perftools-dev) # its runtime library has another name in Debian 13
demo_packages=(libsqlite3-dev curl)
test_packages=(
  catch2 libunwind-dev gdbmtool python3 python3-gdbm binutils valgrind clang-format chromium graphviz xz-utils debuginfod
  openssl sqlite3 perl git g++-aarch64-linux-gnu qemu-user
)

# Debian 13 has none: there its tests are listed as not run.
bookworm_packages=(clickhouse-server)

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi

# say WORDS...: one step of progress.
say() { printf '%s==> %s%s\n' "$bold" "$*" "$plain"; }
# die WORDS...: the reason, on stderr, and out.
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# show_apt_progress: of what apt-get tells with APT::Status-Fd=1, one line that is written over on a terminal, elsewhere a
# line every ten seconds.
show_apt_progress() {
  local line text total='' done=0 told=$SECONDS
  while IFS= read -r line; do
    if [[ $line =~ ([0-9]+)\ upgraded,\ ([0-9]+)\ newly\ installed ]]; then
      total=" of $((BASH_REMATCH[1] + BASH_REMATCH[2]))"
      continue
    elif [[ $line =~ dlstatus:.*:([0-9]+)[0-9.]*: ]]; then
      text="downloading: ${BASH_REMATCH[1]} %"
    elif [[ $line =~ pmstatus:.*:Installed\ ([^ ]+) ]]; then
      text="installed $((++done))$total: ${BASH_REMATCH[1]}"
    else
      continue
    fi
    if [ -t 1 ]; then
      printf '\r\e[K    %s' "$text"
    elif ((SECONDS - told >= ${progress_seconds:-10})); then
      printf '    %s\n' "$text"
      told=$SECONDS
    fi
  done
  [ ! -t 1 ] || printf '\r\e[K'
}

# install_packages NAME...: asks apt only for what is missing, so that a machine that has it all needs no root.
install_packages() {
  command -v apt-get >/dev/null || die "apt-get is missing: these scripts are for Debian 12 and 13; README.md lists what to install elsewhere"
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || die "missing packages and no sudo; as root: apt-get install ${missing[*]}"
  say "installing Debian packages: ${missing[*]}"
  as_root apt-get update -qq || die "apt-get update failed; is the network up?"
  local log
  log=$(mktemp)
  as_root env LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get install -y -q -o APT::Status-Fd=1 --no-install-recommends \
    "${missing[@]}" 2>&1 </dev/null | tee "$log" | show_apt_progress ||
    { grep -vE '^(dl|pm)status:' "$log" | tail -n 20 >&2; die "apt-get install failed: ${missing[*]}; all it said is in $log"; }
  rm -f "$log"
}

# install_clickhouse: where Debian has it; the tests start servers of their own, so its service need not run.
install_clickhouse() {
  grep -q '^VERSION_CODENAME=bookworm' /etc/os-release || return 0
  command -v clickhouse-server >/dev/null && return 0
  [ ! -d /run/systemd/system ] || as_root systemctl mask --runtime --quiet clickhouse-server.service || true
  install_packages "${bookworm_packages[@]}"
}

# install_node: Node.js and npm from Debian, unless the machine has its own.
install_node() {
  command -v node >/dev/null && command -v npm >/dev/null && return 0
  install_packages nodejs npm
}

# build PRESET [TARGET...]: configures, with the options in configure_options, and builds into build/PRESET.
configure_options=()
build() {
  local preset=$1
  shift
  say "configuring ($preset)"
  local log
  log=$(mktemp)
  (cd "$root" && cmake --preset "$preset" "${configure_options[@]}" >"$log" 2>&1) ||
    { tail -n 30 "$log" >&2; die "cmake failed; all it said is in $log"; }
  rm -f "$log"
  say "building ($preset)"
  (cd "$root" && cmake --build --preset "$preset" ${1:+--target "$@"})
}
