#!/bin/sh
# testsuite/fuzz/run.sh BIN SECONDS [TARGET…]: fuzzes each target in turn, beginning with the kept corpus. What is new
# grows in BIN/../corpus; an input that is a finding is left in BIN/../findings, to be kept in corpus/ once it is
# mended. Ends with 1 when there was a finding.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bin=${1:?usage: testsuite/fuzz/run.sh BIN SECONDS [TARGET…]}
seconds=${2:?}
shift 2
[ $# -gt 0 ] || set -- $(cd "$bin" && ls -d fuzz_* | sed 's/^fuzz_//')

status=0
for target in "$@"; do
  grown=$bin/../corpus/$target
  mkdir -p "$grown" "$bin/../findings"
  echo "=== $target, $seconds s"
  # More memory than 2 GB, or 512 MB at once, more than 5 s for one input of 4 KB: findings, too.
  "$bin/fuzz_$target" -max_total_time="$seconds" -max_len=4096 -timeout=5 -rss_limit_mb=2048 -malloc_limit_mb=512 \
    -print_final_stats=1 -verbosity=0 -artifact_prefix="$bin/../findings/$target-" "$grown" "$here/corpus/$target" || status=1
done
exit $status
