#!/usr/bin/env python3
"""Do programs and libraries have what util/cmake/AutobahnHarden.cmake promises?

    binaries.py FILE…

Of each program: code at a random address, relocations read-only and bound at the start, no executable stack, guarded
stacks, fortified calls, no search path of its own. Of each static library (.a): no symbol of namespace autobahn that a shared library which is
linked with it would export. Prints what is missing; ends with 1 then.
"""
import re
import subprocess
import sys

OWN = re.compile(r"\b_ZNK?8autobahn")


def readelf(flags, path):
    return subprocess.run(["readelf", "-W", flags, path], check=True, capture_output=True, text=True).stdout


def faults_of_program(path):
    head, segments, dynamic, symbols = (readelf(flag, path) for flag in ("-h", "-l", "-d", "--dyn-syms"))
    stack = re.search(r"^\s*GNU_STACK\s.*$", segments, re.M)
    wanted = [
        (re.search(r"Type:\s+DYN", head), "not position independent"),
        ("GNU_RELRO" in segments, "no read-only relocations (relro)"),
        ("BIND_NOW" in dynamic or re.search(r"FLAGS_1.*NOW", dynamic), "relocations are not bound at the start (now)"),
        (stack and "E" not in stack.group().split()[-2], "executable stack"),
        ("__stack_chk_fail" in symbols, "no stack protector"),
        (re.search(r"__\w+_chk\b", symbols), "no fortified call"),
        (not re.search(r"\((RPATH|RUNPATH)\)", dynamic), "a search path of its own"),
    ]
    return [fault for has, fault in wanted if not has]


def faults_of_archive(path):
    shown = [line.split()[-1] for line in readelf("-s", path).splitlines()
             if OWN.search(line) and re.search(r"\b(GLOBAL|WEAK)\s+DEFAULT\s+\d", line)]
    return [f"{len(shown)} symbols are visible, such as {shown[0]}"] if shown else []


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    failed = False
    for path in sys.argv[1:]:
        for fault in faults_of_archive(path) if path.endswith(".a") else faults_of_program(path):
            print(f"{path}: {fault}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
