#!/usr/bin/env bash
# Runs a command in a fresh clone of HEAD, in root's home, on a Debian that has git and certificates and nothing else,
# with the Node and npm of this machine: the machine that a new user has. What the set-up forgets to install shows here.
#   npm run test:bare                            the README's test command
#   bash scripts/bare-machine.sh npm run demo    any other command
#   bash scripts/bare-machine.sh --prepare       only makes the Debian; exits with 77 where that cannot be done
# Wants root, and debootstrap, which apt installs where it lacks. KEEP=1 leaves the machine where it was made.
set -euo pipefail
cd "$(dirname "$0")/.."
project=$PWD
base=${BARE_MACHINE_BASE:-/var/cache/kernelscope-bare-machine}
# The Node and npm of the machine, not those of the project or of an npm that runs this.
PATH=$(tr : '\n' <<<"$PATH" | grep -v '/node_modules/' | paste -s -d :)

cannot() {
  echo "bare-machine: $1" >&2
  exit 77
}

install_debootstrap() {
  command -v apt-get >/dev/null || return 1
  # apt says much, of which nothing matters where it ends well.
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends debootstrap; } >&2
}

# Where this machine has its Debian packages from: a mirror near it, or the only one that it reaches.
debian_mirror() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    awk '/^(URIs:|deb) / { for (at = 2; at <= NF; at++) if ($at ~ /^https?:.*\/debian\/?$/) { print $at; exit } }'
}

make_base() {
  [ "$(id -u)" = 0 ] || cannot 'only root can make a machine of its own'
  [ ! -e "$base/.complete" ] || return 0
  command -v debootstrap >/dev/null || install_debootstrap || cannot 'debootstrap is missing, and apt cannot install it'
  rm -rf "$base"
  mkdir -p "$base"
  debootstrap --variant=minbase --include=ca-certificates,git bookworm "$base" $(debian_mirror) >"$base.log" 2>&1 ||
    cannot "debootstrap failed: $(tail -n 1 "$base.log")"
  touch "$base/.complete"
}

# What a machine has of its surroundings: how it reaches the registries, and Node with npm.
furnish() {
  local machine=$1 node npm settings
  node=$(command -v node) || cannot 'there is no node on this machine'
  npm=$(npm root -g)/npm
  [ -e "$npm" ] || cannot "there is no npm in $npm"
  rm -rf "$machine/etc/apt"
  cp -a /etc/apt "$machine/etc/apt"
  cp -L /etc/resolv.conf /etc/hosts "$machine/etc/"
  cp -L /etc/ssl/certs/ca-certificates.crt "$machine/etc/ssl/certs/"
  cp -a /usr/share/keyrings/. "$machine/usr/share/keyrings/"
  cp -L "$node" "$machine/usr/local/bin/node"
  chroot "$machine" node --version >/dev/null 2>&1 || cannot "$node does not run on a bare Debian"
  mkdir -p "$machine/usr/local/lib/node_modules"
  cp -a "$npm" "$machine/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$machine/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$machine/usr/local/bin/npx"
  for settings in "${HOME:-/root}/.npmrc" "$(npm config get globalconfig)"; do
    [ ! -f "$settings" ] || { cp -L "$settings" "$machine/root/.npmrc" && break; }
  done
  git clone -q "$project" "$machine/root/kernelscope"
}

# Ends what the command left running: all that is in its mount namespace.
end_processes() {
  local namespace process
  namespace=$(cat "$1/.namespace" 2>/dev/null) || return 0
  for process in /proc/[0-9]*; do
    [ "$(readlink "$process/ns/mnt" 2>/dev/null)" != "$namespace" ] || kill -KILL "${process#/proc/}" 2>/dev/null || true
  done
}

clean_up() {
  end_processes "$machine"
  if [ -n "${KEEP:-}" ]; then
    echo "bare-machine: left in $machine" >&2
  else
    rm -rf --one-file-system "$machine"
  fi
}

[ $# -gt 0 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
make_base
[ "$1" != --prepare ] || exit 0

machine=$(mktemp -d /var/tmp/kernelscope-bare.XXXXXX)
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cp -a "$base/." "$machine"
chmod 755 "$machine"
furnish "$machine"

# Its own root, without a way back to this one; the kernel's file systems are shared, since tracing is of this kernel.
enter='readlink /proc/self/ns/mnt >"$0/.namespace"
mount --bind "$0" "$0"
for kernel in proc sys dev; do mount --rbind "/$kernel" "$0/$kernel"; done
cd "$0" && mkdir -p .outside && pivot_root . .outside && cd / && umount -l /.outside && rmdir /.outside
cd /root/kernelscope && exec "$@"'
surroundings=(HOME=/root "TERM=${TERM:-dumb}" "CI=${CI:-}" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
while IFS= read -r variable; do surroundings+=("$variable"); done < <(
  env | grep -E '^(NODE_EXTRA_CA_CERTS|https?_proxy|HTTPS?_PROXY|no_proxy|NO_PROXY)=' || true
)
env -i "${surroundings[@]}" unshare --mount --propagation private bash -ec "$enter" "$machine" "$@" </dev/null
