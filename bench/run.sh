#!/bin/sh
# bench/run.sh BIN [--smoke | --full | …]: every benchmark, in one go. BIN holds the programs (`make bench` builds them
# in build/bench/bin); the options are those of echo/run.py, --smoke shortens the micro benchmarks as well. Figures and
# charts are left beside BIN.
set -eu
here=$(dirname "$0")
bin=${1:?usage: bench/run.sh BIN [options of echo/run.py]}
shift

minTime=0.2
case " $* " in *" --smoke "*) minTime=0.01 ;; esac
"$bin/bench_micro" --benchmark_min_time="$minTime" --benchmark_counters_tabular=true
echo
"$bin/bench_wamp" --benchmark_min_time="$minTime" --benchmark_counters_tabular=true
echo
smoke=
case " $* " in *" --smoke "*) smoke=--smoke ;; esac
for script in run threads; do
  "$here/router/$script.py" "$bin" $smoke
  echo
done
exec "$here/echo/run.py" "$bin" --json "$bin/../figures.json" --charts "$bin/../charts" "$@"
