#!/bin/sh
# testsuite/lint/valgrind.sh BUILD JOBS [REGEX]: the unit tests of BUILD (an optimised build: others take for ever) under valgrind's memcheck,
# which sees what sanitizers do not: reads of memory that nobody has written. Logs in BUILD/valgrind. Ends with 1 when something is found.
set -eu
build=${1:?usage: testsuite/lint/valgrind.sh BUILD JOBS [REGEX]}
jobs=${2:?}
regex=${3:-.}
mkdir -p "$build/valgrind"
rm -f "$build"/valgrind/*.log

# A test of what a broken process does has nothing to learn here, and child processes are not ours.
# valgrind keeps the limit of descriptors itself, where descriptors_test waits in vain for the effect of one.
( cd "$build/tests" && ls ) | grep -v '^descriptors_test$' | grep -E "$regex" | xargs -P "$jobs" -I TEST sh -c '
  log=$1/valgrind/TEST.log
  if timeout 900 valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
    --num-callers=30 "$1/tests/TEST" >"$log" 2>&1; then echo "clean   TEST"; else echo "FAILED  TEST ($?): $log"; fi' sh "$build" |
  tee "$build/valgrind/summary"
! grep -q '^FAILED' "$build/valgrind/summary"
