#!/usr/bin/env python3
"""Instructions per message of the engine or of the serializers, compared with the recorded ones.

    bench/instructions.py build/release/bin/engine_instructions --compiler 'GNU 12.2.0 -O2 -g1 -DNDEBUG' [--record]
    bench/instructions.py build/release/bin/serializer_instructions --file bench/serializer_instructions.json --compiler …

Each scenario of the program runs under callgrind, which counts what happens inside its function `measured`. Unlike
times, the counts are the same on every run and machine, given the compiler, its flags, the vector kernels (which the
program pins) and the C library and zlib. More than 3 % above the number in the record fails; --record
writes the numbers anew, to be committed with the change that explains them. Exit code 77 means skipped: the
numbers are another compiler's, or this processor lacks the kernels. `ctest -R instruction_counts -V` runs all of it
and prints the commands.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

RECORD = pathlib.Path(__file__).with_suffix(".json")
TOLERANCE = 0.03
SKIPPED = 77
NO_KERNEL = 3

# glibc chooses its copying by the processor too; valgrind shows it AVX2 at most. The limits that glibc would compute from
# the sizes of the caches are fixed, and `rep movsb`, which counts as one instruction or as many, is out of the way.
TUNABLES = ":".join((
    "glibc.cpu.x86_rep_movsb_threshold=1000000000",
    "glibc.cpu.x86_rep_stosb_threshold=1000000000",
    "glibc.cpu.x86_non_temporal_threshold=3221225472",
))


class Skip(Exception):
    """Nothing can be said here."""


def count(valgrind, program, scenario):
    """Instructions per message."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "callgrind.out")
        command = [valgrind, "--tool=callgrind", "--toggle-collect=measured", f"--callgrind-out-file={out}", program,
                   scenario]
        environment = {**os.environ, "GLIBC_TUNABLES": TUNABLES, "LC_ALL": "C"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode == NO_KERNEL:
            raise Skip(done.stderr.strip().splitlines()[-1])
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(map(str, command))} failed ({done.returncode}):\n{done.stderr}")
        total = int(re.search(r"^(?:totals|summary): (\d+)", out.read_text(), re.M).group(1))
    if total == 0:
        raise SystemExit(f"{scenario}: callgrind saw nothing of `measured`")
    return total / int(done.stdout)


def count_all(valgrind, program):
    names = subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        counts = pool.map(lambda name: count(valgrind, program, name), names)
        return {name: round(value, 1) for name, value in zip(names, counts)}


def compare(counts, recorded):
    """Prints the table; returns the scenarios that grew, shrank, and are on one side only."""
    grown, shrunk, unknown = [], [], sorted(set(counts) ^ set(recorded))
    print(f"{'instructions per message':<30} {'recorded':>12} {'now':>12} {'':>8}")
    for name, now in counts.items():
        before = recorded.get(name)
        change = now / before - 1 if before else 0
        if change > TOLERANCE:
            grown.append(name)
        elif change < -TOLERANCE:
            shrunk.append(name)
        mark = "  MORE" if name in grown else "  less" if name in shrunk else "  not recorded" if name in unknown else ""
        print(f"{name:<30} {'' if before is None else f'{before:,.1f}':>12} {now:>12,.1f} {change:>+8.2%}{mark}")
    return grown, shrunk, unknown


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--compiler", required=True, help="name, version and flags that the program was built with")
    parser.add_argument("--valgrind", default="valgrind")
    parser.add_argument("--record", action="store_true", help="write the numbers to the record")
    parser.add_argument("--file", type=pathlib.Path, default=RECORD, help="the record (default: %(default)s)")
    options = parser.parse_args()
    again = "to record: " + " ".join([sys.argv[0], options.program, "--compiler", f"'{options.compiler}'", "--file", str(options.file), "--record"])

    record = json.loads(options.file.read_text()) if options.file.exists() else {}
    if not options.record and record.get("compiler") != options.compiler:
        raise Skip(f"the numbers are those of '{record.get('compiler')}', this is '{options.compiler}'\n{again}")
    counts = count_all(options.valgrind, options.program)
    if options.record:
        options.file.write_text(json.dumps({"compiler": options.compiler, "instructions": counts}, indent=2) + "\n")
        print(f"recorded in {options.file}")
        return 0
    grown, shrunk, unknown = compare(counts, record["instructions"])
    if grown:
        print(f"\nmore than {TOLERANCE:.0%} above the recorded numbers: {', '.join(grown)}")
    if unknown:
        print(f"\nrecorded or measured only: {', '.join(unknown)}")
    if shrunk:
        print(f"\nimproved by more than {TOLERANCE:.0%}: {', '.join(shrunk)}. Record it, so that it stays.")
    if grown or shrunk or unknown:
        print(again)
    return 1 if grown or unknown else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Skip as reason:
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
