#!/usr/bin/env bash
# From a fresh clone to a flame graph of this machine: installs and builds what is needed, then shows it at work.
set -euo pipefail
cd "$(dirname "$0")/.."
node scripts/npm-installed.mjs || npm ci
# The Node that npm has just installed, not the one that started this.
PATH="$PWD/node_modules/.bin:$PATH"
bash scripts/build.sh
exec node scripts/demo.ts
