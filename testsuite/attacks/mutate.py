#!/usr/bin/env python3
"""Takes one defence after the other away and sees whether its tests notice (docs/attacks.md).

    mutate.py [--only REGEX] [--jobs N]   in a copy of the tree in build/mutate: change, build, test, restore
    mutate.py --list                      what there is
    mutate.py --check                     only whether each change still fits its file, and each row has one

The changes stand in mutations.toml. Of each, every test named there must fail, or end by a signal, or not end at all: then it is
"found". Exits with 1 when one has SURVIVED or does not compile. Ctrl-C ends it; nothing outside build/mutate is ever changed.
"""
import argparse
import filecmp
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass

import table

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TREE = ROOT / "build" / "mutate" / "tree"
TEST_SECONDS = 120  # for one that waits for ever; a busy machine may take long for others
TEST_CPU_SECONDS = 20  # for one that spins
BUILD_SECONDS = 1200
TEST_MEMORY = 4 << 30  # octets of address space: a defence against declared sizes is among what is taken away


@dataclass(frozen=True)
class Mutation:
    row: str
    what: str
    file: str
    find: str
    put: str
    tests: tuple
    preset: str = "release"  # of CMakePresets.json; "asan" where memory is used that is not there
    also: tuple = ()  # more of {file, find, put}: where two pieces of code do the same, both must be gone

    def __str__(self):
        return f"{self.row} {self.what}"

    def edits(self):
        return [(self.file, self.find, self.put), *((each["file"], each["find"], each["put"]) for each in self.also)]


def load():
    """The mutations, rows that need none with the reason, and the targets behind tests of ctest."""
    with open(HERE / "mutations.toml", "rb") as file:
        data = tomllib.load(file)
    mutations = [Mutation(**{**each, "tests": tuple(each["tests"]), "also": tuple(each.get("also", ()))}) for each in data["mutation"]]
    return mutations, data.get("without", {}), data.get("targets", {})


# ---- Do they still fit?

def complaints_of(mutation, rows):
    found = []
    for name, find, put in mutation.edits():
        path = ROOT / name
        count = path.read_text(encoding="utf-8").count(find) if path.is_file() else 0
        if count != 1:
            found.append(f"{mutation}: its text stands {count} times in {name}, not once: {find.strip()}")
        if find == put:
            found.append(f"{mutation}: changes nothing in {name}")
    if mutation.row not in rows:
        return found + [f"{mutation}: no such row in docs/attacks.md"]
    if not mutation.tests:
        found.append(f"{mutation}: no tests")
    for test in mutation.tests:
        if test not in rows[mutation.row].tests:
            found.append(f"{mutation}: {test} does not stand in row {mutation.row} of docs/attacks.md")
    return found


def check(mutations, without, targets):
    rows = {row.name: row for row in table.rows(ROOT / "docs" / "attacks.md")}
    found = [each for mutation in mutations for each in complaints_of(mutation, rows)]
    for name in rows:
        if (name in without) == any(mutation.row == name for mutation in mutations):
            found.append(f"row {name} must have either a mutation or, under [without], a reason")
    found += [f"[without]: no such row: {name}" for name in without if name not in rows]
    for mutation in mutations:
        for test in mutation.tests:
            kind, name = test.split(":", 1)
            if kind == "ctest" and name not in targets:
                found.append(f"{mutation}: [targets] does not say what {test} needs")
    return found


# ---- The copy

def copy_tree():
    """What git knows or would know of, with what is not committed yet."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.split("\0")
    wanted = {name for name in listed if name and (ROOT / name).is_file()}
    for folder, folders, files in os.walk(TREE):
        if pathlib.Path(folder) == TREE:
            folders[:] = [each for each in folders if each != "build"]
        for each in files:
            path = pathlib.Path(folder) / each
            if path.relative_to(TREE).as_posix() not in wanted:
                path.unlink()
    for name in wanted:
        source, target = ROOT / name, TREE / name
        if not target.exists() or not filecmp.cmp(source, target, shallow=False):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def build_folder(preset):
    return TREE / "build" / preset


def environment():
    # What another checkout has compiled need not be compiled again.
    # Memory that was freed is overwritten (mallopt(3)), so that using it is noticed.
    return {**os.environ, "CCACHE_BASEDIR": str(TREE), "CCACHE_NOHASHDIR": "1", "MALLOC_PERTURB_": "85"}


def limit_test(preset):
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if preset == "release":  # the sanitizer takes addresses without end
        resource.setrlimit(resource.RLIMIT_AS, (TEST_MEMORY, TEST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (TEST_CPU_SECONDS, TEST_CPU_SECONDS + 5))  # SIGXCPU, then SIGKILL


def run(command, seconds, before=None):
    """Exit code and output; None when it did not end. Whatever it has started ends with it."""
    process = subprocess.Popen(command, cwd=TREE, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="replace", start_new_session=True, preexec_fn=before)
    try:
        output, _ = process.communicate(timeout=seconds)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        return None, ""
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)  # what it may have started
        except ProcessLookupError:
            pass
        process.wait()


def configure(preset):
    code, output = run(["cmake", "--preset", preset, "-DAUTOBAHN_INSTALL=OFF"], 300)
    if code != 0:
        sys.exit(f"cmake fails in {TREE}:\n{output}")


def build(preset, tests, targets, jobs):
    """True, or the output of the compiler."""
    wanted = set()
    for test in tests:
        kind, name = test.split(":", 1)
        wanted.update(targets[name] if kind == "ctest" else [kind])
    if not wanted:
        return True
    code, output = run(["ninja", "-C", str(build_folder(preset)), f"-j{jobs}", *sorted(wanted)], BUILD_SECONDS)
    return True if code == 0 else output


def outcome(preset, test):
    """"passes", "fails", or "does not end"."""
    kind, name = test.split(":", 1)
    folder = build_folder(preset)
    if kind == "ctest":
        code, output = run(["ctest", "--test-dir", str(folder), "--no-tests=error", "-R", f"^{re.escape(name)}$"], 600)
    else:
        command = [str(folder / "tests" / kind), f"--gtest_filter={name}:{name}/*"]
        code, output = run(command, TEST_SECONDS, lambda: limit_test(preset))
    if code is None or code == -signal.SIGXCPU:
        return "does not end"
    return "passes" if code == 0 and "[  PASSED  ] 0 tests" not in output else "fails"


# ---- One after the other

def try_one(mutation, targets, jobs):
    """"found", or what is wrong."""
    originals = {TREE / name: (TREE / name).read_text(encoding="utf-8") for name, _, _ in mutation.edits()}
    try:
        for name, find, put in mutation.edits():
            path = TREE / name
            path.write_text(path.read_text(encoding="utf-8").replace(find, put), encoding="utf-8")
        built = build(mutation.preset, mutation.tests, targets, jobs)
        if built is not True:
            errors = [line for line in built.splitlines() if "error" in line.lower()]
            return "does not compile: " + "\n    ".join(errors[:3] or built.splitlines()[-3:])
        outcomes = {test: outcome(mutation.preset, test) for test in mutation.tests}
        blind = [test for test in mutation.tests if outcomes[test] == "passes"]
        if blind:
            return "SURVIVED: " + " ".join(blind)
        return "found" if "does not end" not in outcomes.values() else "found, by a test that does not end"
    finally:
        for path, original in originals.items():
            path.write_text(original, encoding="utf-8")


def check_baseline(mutations, targets, jobs):
    """Without a change all tests must pass, or their failing later tells nothing."""
    for preset in sorted({mutation.preset for mutation in mutations}):
        tests = sorted({test for mutation in mutations if mutation.preset == preset for test in mutation.tests})
        print(f"{preset}: building and running {len(tests)} tests without any change", flush=True)
        configure(preset)
        built = build(preset, tests, targets, jobs)
        if built is not True:
            sys.exit("the tree does not build:\n" + "\n".join(built.splitlines()[-20:]))
        broken = [test for test in tests if outcome(preset, test) != "passes"]
        if broken:
            sys.exit("these do not pass, or are not there, without any change:\n" + "\n".join(broken))


def run_all(mutations, targets, jobs):
    began = time.monotonic()
    copy_tree()
    check_baseline(mutations, targets, jobs)
    print(f"ready after {time.monotonic() - began:.0f} s; now {len(mutations)} mutations", flush=True)
    bad = []
    for number, mutation in enumerate(mutations, 1):
        start = time.monotonic()
        result = try_one(mutation, targets, jobs)
        print(f"[{number}/{len(mutations)}] {time.monotonic() - start:4.0f} s  {mutation}: {result}", flush=True)
        if not result.startswith("found"):
            bad.append(f"{mutation}: {result}")
    print(f"{len(mutations)} mutations in {(time.monotonic() - began) / 60:.0f} min, {len(bad)} not found")
    print("\n".join(bad))
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="REGEX", default="", help="those whose row, words or file it fits")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    try:
        mutations, without, targets = load()
        complaints = check(mutations, without, targets)
    except (table.Malformed, tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        sys.exit(f"mutations.toml or docs/attacks.md: {error}")
    chosen = [each for each in mutations if re.search(arguments.only, f"{each} {each.file}")]
    if arguments.list:
        print("\n".join(f"{each}  ({each.file}; {' '.join(each.tests)})" for each in chosen))
        return 0
    if complaints:
        print("\n".join(complaints))
        return 1
    if arguments.check:
        print(f"{len(mutations)} mutations, each fits")
        return 0
    if not chosen:
        sys.exit(f"--only {arguments.only}: no such mutation")
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)  # also when started in the background
    try:
        return run_all(chosen, targets, arguments.jobs)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
