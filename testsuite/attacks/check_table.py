#!/usr/bin/env python3
"""Do the tests that docs/attacks.md names exist?

    check_table.py PAGE BUILD

Asks the programs in BUILD/tests for their tests (which must be built), and ctest in BUILD for its own. Says for each name that
is not there in which row it stands. Exits with 1 then.
"""
import pathlib
import re
import subprocess
import sys

import table


def listed(text):
    """What --gtest_list_tests prints, as Suite.Name; of parameters and types only what stands before them."""
    tests, suite = set(), ""
    for line in text.splitlines():
        line = line.split("#")[0].rstrip()
        if line.endswith(".") and not line.startswith(" "):
            suite = line
        elif line.startswith("  "):
            name = line.strip()
            tests.add(suite + name)
            tests.add(suite + name.rsplit("/", 1)[0])
    return tests


class Build:
    """Tells why a test is not there, or nothing when it is."""

    def __init__(self, folder):
        self.folder = folder
        self.known = {}

    def ask(self, command):
        # A program that does not answer is broken.
        return subprocess.run(command, capture_output=True, text=True, timeout=15, check=False)

    def of_program(self, program):
        path = self.folder / "tests" / program
        if not path.exists():
            return f"{path} is not built (or no such program): ninja -C {self.folder} {program}"
        done = self.ask([path, "--gtest_list_tests"])
        return listed(done.stdout) if done.returncode == 0 else f"{path} --gtest_list_tests fails: {done.stderr[:200]}"

    def of_ctest(self):
        done = self.ask(["ctest", "--test-dir", self.folder, "-N"])
        names = set(re.findall(r"^ *Test +#\d+: (\S+)", done.stdout, re.MULTILINE))
        return names or f"ctest -N in {self.folder} lists nothing: {done.stderr[:200]}"

    def why_not(self, test):
        program, name = test.split(":", 1)
        if program not in self.known:
            self.known[program] = self.of_ctest() if program == "ctest" else self.of_program(program)
        known = self.known[program]
        if isinstance(known, str):
            return known
        return None if name in known else ("no such test of ctest" if program == "ctest" else f"{program} has no such test")


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    page, build = pathlib.Path(arguments[0]), Build(pathlib.Path(arguments[1]))
    try:
        rows = table.rows(page)
    except table.Malformed as error:
        sys.exit(str(error))
    complaints = []
    for row in rows:
        for test in row.tests:
            if why := build.why_not(test):
                complaints.append(f"{page.name}:{row.line}: row {row.name}: {test}: {why}")
    count = len({test for row in rows for test in row.tests})
    print("\n".join(complaints + [f"{len(rows)} rows, {count} tests, {len(complaints)} missing"]))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
