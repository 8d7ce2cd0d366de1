#!/usr/bin/env python3
"""Which lines do the unit tests run?

    coverage.py BUILD [--at-least PERCENT] [--files]

BUILD is a build with --coverage whose tests have run. Prints the share of lines that were run for each library, what is
below 90 % of the files, and with --files every line that was not run. Ends with 1 where a library of MODULES stays
below PERCENT. gcovr does the counting.
"""
import argparse
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = ["websocket", "rawsocket", "wamp"]  # what PERCENT is asked of; util is shown beside them
OURS = re.compile(r"^(util|websocket|rawsocket|wamp)/(src|include)/")
NOT_COUNTED = re.compile(r"_test\.cpp$|/testing/|/src/asio/")


def counted(name):
    return OURS.match(name) and not NOT_COUNTED.search(name)


def read(build):
    """gcovr's figures: for each file its lines, and how often each was run."""
    command = ["gcovr", "--root", str(ROOT), "--object-directory", str(build), str(build), "--json", "-",
               "--exclude-unreachable-branches", "-j", str(os.cpu_count()), "--filter", r"(util|websocket|rawsocket|wamp)/"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    files = {}
    for file in report["files"]:
        if not counted(file["file"]):
            continue
        lines = defaultdict(int)
        for line in file["lines"]:
            if not line.get("gcovr/noncode"):
                lines[line["line_number"]] += line["count"]
        if lines:
            files[file["file"]] = lines
    return files


def share(lines):
    return 100 * sum(1 for count in lines.values() if count) / len(lines)


def ranges(numbers):
    """1-3, 7: the numbers as ranges."""
    out = []
    for number in sorted(numbers):
        if out and number == out[-1][1] + 1:
            out[-1][1] = number
        else:
            out.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("--at-least", type=float, default=0, metavar="PERCENT")
    parser.add_argument("--files", action="store_true", help="every line that was not run")
    arguments = parser.parse_args()
    files = read(arguments.build)

    failed = False
    print(f"{'library':12} {'lines':>8} {'run':>8} {'%':>6}")
    for module in ["util", *MODULES]:
        all_lines = [count for name, lines in files.items() if name.startswith(module + "/") for count in lines.values()]
        if not all_lines:
            sys.exit(f"no line of {module} was seen: is {arguments.build} a build with --coverage?")
        run = sum(1 for count in all_lines if count)
        percent = 100 * run / len(all_lines)
        below = module in MODULES and percent < arguments.at_least
        failed = failed or below
        print(f"{module:12} {len(all_lines):8,} {run:8,} {percent:6.1f}" + ("  BELOW" if below else ""))

    low = sorted((share(lines), name) for name, lines in files.items() if share(lines) < 90)
    if low:
        print("\nfiles below 90 %:")
        for percent, name in low:
            print(f"  {percent:5.1f}  {name}")
    if arguments.files:
        print("\nlines not run:")
        for name, lines in sorted(files.items()):
            missed = [number for number, count in lines.items() if not count]
            if missed:
                print(f"  {name}: {ranges(missed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
