#!/bin/sh
# Builds the trace helper, dist/assets/bpf/kernelscope-trace, and what names user frames, dist/assets/symbols/kernelscope-symbols;
# does nothing when they are up to date.
# What it needs comes from Debian or Ubuntu: missing packages are installed by apt where this runs as root.
set -eu
cd "$(dirname "$0")/.."

missing() {
  for tool in clang llvm-strip gcc make; do
    command -v "$tool" >/dev/null 2>&1 || echo "$tool"
  done
  for header in bpf/libbpf.h libelf.h zlib.h elfutils/libdwfl.h libiberty/demangle.h lzma.h bzlib.h; do
    echo "#include <$header>" | gcc -E -x c - >/dev/null 2>&1 || echo "$header"
  done
}

lacking=$(missing)
if [ -n "$lacking" ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "build-bpf: missing:" $lacking >&2
    echo "build-bpf: on Debian or Ubuntu: apt-get install clang llvm gcc libc6-dev make libbpf-dev libelf-dev zlib1g-dev libdw-dev libiberty-dev liblzma-dev libbz2-dev" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q >&2
  apt-get install -y -q --no-install-recommends clang llvm gcc libc6-dev make libbpf-dev libelf-dev zlib1g-dev libdw-dev libiberty-dev liblzma-dev libbz2-dev >&2
fi

make --no-print-directory -s -C src/bpf
make --no-print-directory -s -C src/symbols
