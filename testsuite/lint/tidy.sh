#!/usr/bin/env bash
# clang-tidy, and "every public header compiles by itself", on what changed since the merge base with
# origin/main (or since the previous commit); with ALL=1 on everything.
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"
jobs=${JOBS:-$(nproc)}

changed() {
  if [ "${ALL:-}" = 1 ]; then git ls-files -- '*.cpp' '*.hpp'; return; fi
  local head base
  head=$(git rev-parse HEAD)
  base=$(git merge-base HEAD origin/main 2>/dev/null) || base=
  # On main itself the merge base is where we stand: look at the last commit instead.
  if [ -z "$base" ] || [ "$base" = "$head" ]; then base=$(git rev-parse -q --verify HEAD~1) || base=; fi
  if [ -z "$base" ]; then git ls-files -- '*.cpp' '*.hpp'; return; fi
  git diff --name-only --diff-filter=d "$base" -- '*.cpp' '*.hpp'
  git ls-files --others --exclude-standard -- '*.cpp' '*.hpp'
}

# A header is read through a source that includes it.
includers() {
  local header
  while read -r header; do
    git grep -lE "#include [<\"]${header##*/include/}[>\"]|#include \"(.*/)?$(basename "$header")\"" -- '*.cpp' | head -1 || true
  done
}

mapfile -t files < <(changed | sort -u)
mapfile -t headers < <(printf '%s\n' "${files[@]-}" | grep '\.hpp$' || true)
mapfile -t sources < <({
  printf '%s\n' "${files[@]-}" | grep '\.cpp$' || true
  [ "${ALL:-}" = 1 ] || printf '%s\n' "${headers[@]-}" | grep . | includers
} | sort -u)
if [ ${#files[@]} -eq 0 ]; then echo "tidy: nothing changed"; exit 0; fi

cmake --log-level=WARNING --preset lint >/dev/null
database=build/lint/compile_commands.json

known=()
for source in "${sources[@]-}"; do
  if [ -n "$source" ] && grep -qF "\"$PWD/$source\"" "$database"; then known+=("$source"); fi
done
echo "tidy: ${#known[@]} sources, ${#headers[@]} headers"

status=0
public=()
for header in "${headers[@]-}"; do case "$header" in */include/autobahn/*) public+=("$header") ;; esac; done
if [ ${#public[@]} -gt 0 ]; then
  includes=()
  for folder in */include; do includes+=("-I$folder"); done
  printf '%s\0' "${public[@]}" | xargs -0 -P "$jobs" -n 1 clang++ -std=c++20 -fsyntax-only -x c++ -Wall -Wextra \
    -Wno-pragma-once-outside-header "${includes[@]}" -DASIO_STANDALONE -DASIO_SEPARATE_COMPILATION \
    -DASIO_NO_DEPRECATED -DASIO_HAS_CO_AWAIT=1 -DASIO_HAS_STD_COROUTINE=1 || status=1
fi
tidy() {  # tidy PATTERN-SWITCH OPTION…: over the known sources that are (not) tests
  printf '%s\n' "${known[@]-}" | { grep "$1" '_test\.cpp$' || true; } | sed '/^$/d' | tr '\n' '\0' |
    xargs -0r -P "$jobs" -n 2 clang-tidy -p build/lint --quiet "${@:2}" \
      2> >(grep -vE '^[0-9]+ warnings? (generated|treated)|^Suppressed|^Use -header-filter' >&2)
}
tidy -vE || status=1
# Tests may be slow, and the path-sensitive analysis of GoogleTest's macros finds faults in GoogleTest only.
tidy -E --checks='-performance-*,-clang-analyzer-*,-bugprone-use-after-move' || status=1
exit $status
