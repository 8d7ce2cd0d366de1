"""Scenarios as text (README.md): read, and matched with what comes."""

import dataclasses
import functools
import json
import pathlib
import re

MARK = "\1"  # begins strings that stand for something else
TOKENS = re.compile(r'~?"(?:[^"\\]|\\.)*"|\$\w+|\b_\b|\.\.\.')


@dataclasses.dataclass
class Step:
    where: str  # file and line
    who: str    # a client's letter
    verb: str   # ":" says, "<" hears, or a word
    rest: str


@dataclasses.dataclass
class Scenario:
    name: str
    only: set   # transports and serializers it is for; empty: all
    steps: list


@functools.cache
def parse(text: str):
    """A message: JSON with $variables, _ (anything), ~"text" (a string that has it), ... (further entries)."""

    def token(found):
        it = found[0]
        if it.startswith('"'):
            return it
        if it == "...":
            return '"\\u0001...": 0'
        return '"\\u0001' + (it[0] + it[2:] if it[0] == "~" else it + '"')

    return json.loads(TOKENS.sub(token, text))


def fill(pattern, variables: dict):
    """What is to be sent."""
    if isinstance(pattern, str) and pattern.startswith(MARK):
        return variables[pattern[1:]]
    if isinstance(pattern, list):
        return [fill(each, variables) for each in pattern]
    if isinstance(pattern, dict):
        return {key: fill(each, variables) for key, each in pattern.items()}
    return pattern


def difference(pattern, value, variables: dict, path: str = "message"):
    """What is wrong with `value`, or None. Binds variables that are not there."""
    if isinstance(pattern, str) and pattern.startswith(MARK):
        return _special(pattern[1:], value, variables, path)
    if isinstance(pattern, (list, dict)) and not isinstance(value, type(pattern)):
        return f"{path}: {type(pattern).__name__} wanted"
    if isinstance(pattern, list):
        if len(pattern) != len(value):
            return f"{path}: {len(pattern)} elements wanted, {len(value)} came"
        pairs = ((each, value[i], f"{path}[{i}]") for i, each in enumerate(pattern))
    elif isinstance(pattern, dict):
        wanted = {key for key in pattern if key != MARK + "..."}
        if missing := wanted - value.keys():
            return f"{path}: {sorted(missing)} missing"
        if (more := value.keys() - wanted) and len(wanted) == len(pattern):
            return f"{path}: {sorted(more)} not wanted"
        pairs = ((pattern[key], value[key], f"{path}.{key}") for key in wanted)
    else:
        same = pattern == value and isinstance(pattern, bool) == isinstance(value, bool)
        return None if same else f"{path}: {pattern!r} wanted"
    return next((found for each in pairs if (found := difference(each[0], each[1], variables, each[2]))), None)


def _special(what: str, value, variables: dict, path: str):
    if what == "_":
        return None
    if what.startswith("~"):
        return None if isinstance(value, str) and what[1:] in value else f"{path}: text with {what[1:]!r} wanted"
    if what in variables:
        known = variables[what]
        return None if known == value else f"{path}: {what} = {known!r} wanted"
    variables[what] = value
    return None


STEP = re.compile(r"([A-Z])(?:(:|<) *| (\w+) ?)(.*)$")


def _substituted(line: str, row: list) -> str:
    for i, cell in enumerate(row):
        line = line.replace(f"<{i + 1}>", cell)
    return line


def read(path: pathlib.Path, macros: dict) -> list[Scenario]:
    """The scenarios of a file: one for each row of the table in a block, or the block as it is."""
    scenarios, block = [], None

    def end():
        if block is None:
            return
        head, only, rows, lines = block
        for row in rows or [[]]:
            steps = [_step(where, _substituted(line, row)) for where, line in _expanded(lines, macros)]
            scenarios.append(Scenario(f"{path.stem}: {_substituted(head, row)}", only, steps))

    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        where = f"{path.name}:{number}"
        if line.startswith("# "):
            end()
            head, _, only = line[2:].partition(" @ ")
            block = (head, set(only.split()), [], [])
        elif line.startswith("= "):
            end()
            block = None
            macro = macros[line[2:]] = []
        elif line.startswith("|"):
            block[2].append([cell.strip() for cell in line.strip("|").split("|")])
        elif line and not line.startswith("//"):
            (macro if block is None else block[3]).append((where, line))
    end()
    return scenarios


def _expanded(lines: list, macros: dict):
    for where, line in lines:
        if line.startswith("use "):
            yield from _expanded(macros[line[4:]], macros)
        else:
            yield where, line


def _step(where: str, line: str) -> Step:
    found = STEP.match(line)
    if not found:
        raise ValueError(f"{where}: no step: {line}")
    return Step(where, found[1], found[2] or found[3], found[4])


def read_all(folder: pathlib.Path) -> list[Scenario]:
    macros = {}
    return [each for path in sorted(folder.glob("*.txt")) for each in read(path, macros)]
