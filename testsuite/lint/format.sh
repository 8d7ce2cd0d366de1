#!/usr/bin/env bash
# Formats every tracked source by .clang-format; with --check only says what is not.
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"
if [ "${1:-}" = --check ]; then mode=(--dry-run -Werror); else mode=(-i); fi
# A tracked file may be gone from the working tree.
git ls-files -z -- '*.cpp' '*.hpp' | while IFS= read -r -d '' file; do
  [ ! -f "$file" ] || printf '%s\0' "$file"
done | xargs -0r clang-format "${mode[@]}"
