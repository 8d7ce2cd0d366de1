#!/usr/bin/env python3
"""Keeps the documentation true.

    check_docs.py links ROOT
        every relative link in README.md and docs/ leads to a file
    check_docs.py snippets ROOT OUT COMPILER INCLUDE_DIR… -- DEFINITION…
        every ```cpp block in them compiles as it stands, without a warning

A block that is not meant to compile is marked ```c++ instead; say in the text why it cannot.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys


def pages(root):
    return [root / "README.md", *sorted((root / "docs").rglob("*.md"))]


def blocks(page):
    """(line number of the first line, language, text) of every fenced block."""
    language, start, lines = None, 0, []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        fence = re.match(r"\s*```(\S*)", line)
        if fence and language is None:
            language, start, lines = fence.group(1), number + 1, []
        elif fence:
            yield start, language, "\n".join(lines) + "\n"
            language = None
        elif language is not None:
            lines.append(line)
    if language is not None:
        raise SystemExit(f"{page}:{start - 1}: block is not closed")


def prose(page):
    """The lines outside fenced blocks, without inline code, with their numbers."""
    inside = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if re.match(r"\s*```", line):
            inside = not inside
        elif not inside:
            yield number, re.sub(r"`[^`]*`", "", line)


def check_links(root):
    complaints = []
    count = 0
    for page in pages(root):
        for number, line in prose(page):
            for target in re.findall(r"\]\(([^)\s]+)\)", line):
                if re.match(r"[a-z]+:", target):
                    continue
                count += 1
                if "#" in target:
                    complaints.append(f"{page.relative_to(root)}:{number}: Doxygen cannot link to a heading: {target}")
                elif not (page.parent / target).exists():
                    complaints.append(f"{page.relative_to(root)}:{number}: no such file: {target}")
    print("\n".join(complaints + [f"{count} links, {len(complaints)} broken"]))
    return count > 0 and not complaints


def check_snippets(root, out, compiler, includes, definitions):
    out.mkdir(parents=True, exist_ok=True)
    command = [compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion",
               "-Werror",
               # A snippet is no main file for GCC, since its lines are numbered as in the page.
               "-Wno-subobject-linkage", *("-D" + definition for definition in definitions)]
    for include in includes:
        ours = pathlib.Path(include).is_relative_to(root)
        if include != "/usr/include":
            command += ["-I" if ours else "-isystem", include]

    def compile_one(source):
        done = subprocess.run([*command, str(source)], capture_output=True, text=True)
        return source, done.returncode, done.stderr

    sources = []
    for page in pages(root):
        name = page.relative_to(root)
        for start, language, text in blocks(page):
            if language != "cpp":
                continue
            source = out / (re.sub(r"[/.]", "_", str(name.with_suffix(""))) + f"_{start}.cpp")
            source.write_text(f'#line {start} "{name}"\n{text}', encoding="utf-8")
            sources.append(source)
    broken = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for _, status, complaint in pool.map(compile_one, sources):
            if status != 0:
                broken += 1
                print(complaint)
    print(f"{len(sources)} snippets, {broken} broken")
    return bool(sources) and broken == 0


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "links":
        return check_links(pathlib.Path(arguments[1]).resolve())
    if len(arguments) >= 4 and arguments[0] == "snippets":
        end = arguments.index("--") if "--" in arguments else len(arguments)
        root, out = pathlib.Path(arguments[1]).resolve(), pathlib.Path(arguments[2])
        return check_snippets(root, out, arguments[3], arguments[4:end], arguments[end + 1:])
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
