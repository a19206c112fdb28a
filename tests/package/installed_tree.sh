#!/usr/bin/env bash
# Installs the build into a prefix of its own, then uses it as a stranger would.
set -euo pipefail
build=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
sleeper=''
trap 'rm -rf "$work"; [ -z "$sleeper" ] || kill "$sleeper"' EXIT
prefix=$work/prefix

cmake --install "$build" --prefix "$prefix" >/dev/null
cmake -G Ninja -S "$here/consumer" -B "$work/consumer" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$work/consumer" >/dev/null
"$work/consumer/consumer"
"$work/consumer/c_consumer"
"$work/consumer/core_consumer" | grep -q main
"$work/consumer/static_consumer" | grep -q main
if ldd "$work/consumer/core_consumer" | grep -Ei 'httplib|libssl|libz\.'; then
  echo "stacksampler::core draws in more than libc, libstdc++ and threads" >&2
  exit 1
fi

libdir=$(dirname "$(find "$prefix" -name stacksampler.pc)")
# The prefix is another than the configured one: the file must follow it.
export PKG_CONFIG_PATH=$libdir
flags="$(pkg-config --cflags --libs stacksampler) -Wl,-rpath,$(pkg-config --variable=libdir stacksampler)"
# shellcheck disable=SC2086
g++ -std=c++17 "$here/consumer/main.cc" -o "$work/pc_consumer" $flags
"$work/pc_consumer"
# As docs/embedding.md has it for C.
# shellcheck disable=SC2086
gcc "$here/consumer/main.c" -o "$work/pc_c_consumer" $flags
"$work/pc_c_consumer"

# Nothing in the threads library is called by its own name: it must be loaded all the same.
flags="$(pkg-config --cflags --libs stacksampler stacksampler_threads) -Wl,-rpath,$(pkg-config --variable=libdir stacksampler)"
# shellcheck disable=SC2086
g++ -std=c++17 -Wl,--as-needed "$here/consumer/main.cc" -o "$work/pc_threads_consumer" $flags
"$work/pc_threads_consumer"
readelf -d "$work/pc_threads_consumer" | grep -q 'NEEDED.*libstacksampler_threads\.so'

# TLS is loaded when a certificate is named, and by libstacksampler.so alone from beside it.
if readelf -d "$libdir/../libstacksampler.so" | grep -E 'NEEDED.*lib(ssl|crypto|stacksampler_tls)'; then
  echo "libstacksampler.so is linked with TLS" >&2
  exit 1
fi
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
env LD_PRELOAD="$libdir/../libstacksampler_preload.so" STACKSAMPLER_ADDR="unix:$work/s" \
  STACKSAMPLER_TLS_CERT="$work/cert.pem" STACKSAMPLER_TLS_KEY="$work/key.pem" sleep 600 &
sleeper=$!
for _ in $(seq 600); do [ -S "$work/s" ] && break; sleep 0.1; done
curl -sSf --max-time 60 --unix-socket "$work/s" --cacert "$work/cert.pem" https://localhost/ | grep '^elapsed '

# The tools run from where they were installed, and cpuprofile finds its preload library beside it.
for tool in collector visualizer cpuprofile; do "$prefix/bin/$tool" --version; done
"$prefix/bin/cpuprofile" record -o "$work/out.cpuprofile" -- "$work/consumer/burn"
grep -q '"nodes"' "$work/out.cpuprofile"
"$prefix/bin/cpuprofile" convert "$work/out.cpuprofile" -o "$work/out.folded"
grep -q main "$work/out.folded"
