#!/usr/bin/env bash
# Installs what building and testing need and this machine lacks: npm packages (Node 24 is one of them), and Debian's.
# Prints nothing and takes no time where all is there. scripts/build-bpf.sh looks after the compiler by itself.
set -euo pipefail
cd "$(dirname "$0")/.."

# command or file that shows a package is there, and the package
debian_packages=(
  strip:binutils    # build:binary
  chromium:chromium # test/integration/web
  tmux:tmux         # test/integration: programs that need a terminal
  sqlite3:sqlite3   # sql/sqlite.sql has to work without kernelscope
  pgrep:procps      # test/integration/trace
  systemd-analyze:systemd # test/integration/systemd
  zsh:zsh           # test/integration: completion in real shells
  fish:fish
  mandoc:mandoc     # manual pages
  bpftrace:bpftrace # test/integration: whose output is logged, and a tracer to be measured by
  /usr/sbin/offcputime:libbpf-tools
  # test/integration: a server of the test's own; these packages start no service
  /usr/sbin/mariadbd:mariadb-server-core
  mariadb-admin:mariadb-client
  openssl:openssl
  curl:curl         # test/integration: examples of the README
  go:golang-go      # test/integration/svg: its pprof reads our profiles
  /usr/lib/galera/libgalera_smm.so:galera-4
)

if [ "$(uname -s)" != Linux ]; then
  echo "setup: kernelscope is built and tested on Linux" >&2
  exit 1
fi

if ! node scripts/npm-installed.mjs; then
  npm ci
fi

lacking=()
for entry in "${debian_packages[@]}"; do
  command -v "${entry%%:*}" >/dev/null || [ -e "${entry%%:*}" ] || lacking+=("${entry#*:}")
done
if [ "${#lacking[@]}" -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "setup: apt-get install ${lacking[*]}" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >&2
    apt-get install -y -q --no-install-recommends "${lacking[@]}" >&2
  else
    echo "setup: missing, and not installed for want of root or apt-get: ${lacking[*]}" >&2
    echo "setup: what needs them fails or is skipped; on Debian or Ubuntu: apt-get install ${lacking[*]}" >&2
  fi
fi
