#!/usr/bin/env bash
# Builds dist/: the library and commands by tsc, and under dist/assets the web page and the trace helper.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
tsc -p tsconfig.build.json
[ ! -x scripts/build-bpf.sh ] || bash scripts/build-bpf.sh
[ ! -f scripts/build-web.ts ] || node scripts/build-web.ts
