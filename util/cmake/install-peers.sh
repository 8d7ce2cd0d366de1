#!/usr/bin/env bash
# Installs the pinned npm packages of a folder (package.json and package-lock.json), unless they are there.
set -euo pipefail
[ -f "$1/package.json" ] || exit 0
cd "$1"
stamp=node_modules/.package-lock.json
[ -f "$stamp" ] && [ ! package-lock.json -nt "$stamp" ] && exit 0

if command -v npm >/dev/null && npm ci --no-audit --no-fund --loglevel=error </dev/null; then
  touch "$stamp"
  exit 0
fi
echo "interop-deps: COULD NOT INSTALL the npm peers of $1; the tests that need them will be skipped" >&2
[ "${CI:-}" != true ]
