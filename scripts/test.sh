#!/usr/bin/env bash
# Everything that CI runs, with its set-up; a fresh clone, Node 20, npm, apt and root are enough. Arguments go to vitest.
# What takes many minutes is npm run test:slow.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
# The Node that npm has just installed, not the one that started this.
PATH="$PWD/node_modules/.bin:$PATH"
bash scripts/build.sh
node scripts/build-binary.ts
npm run --silent check
exec vitest run --project '!slow' "$@"
