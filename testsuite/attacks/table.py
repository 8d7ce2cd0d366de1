"""The table of docs/attacks.md: its rows, and the tests that they name."""
import re
from dataclasses import dataclass

ROW = re.compile(r"\| *([A-Z]\d+) *\|(.*)\|$")
TEST = re.compile(r"[\w-]+:[\w/.-]+")


@dataclass(frozen=True)
class Row:
    name: str
    attack: str
    defence: str
    tests: tuple
    line: int


class Malformed(Exception):
    pass


def rows(path):
    """The rows of all tables of the page whose first column is a row's name, in order."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = ROW.match(line)
        if not match:
            continue
        name, cells = match[1], [cell.strip() for cell in match[2].split("|")]
        if len(cells) != 3 or not all(cells):
            raise Malformed(f"{path.name}:{number}: row {name} has not the columns row, attack, defence, tests")
        if any(row.name == name for row in found):
            raise Malformed(f"{path.name}:{number}: there are two rows {name}")
        tests = tuple(re.findall(r"`([^`]*)`", cells[2]))
        if re.sub(r"`[^`]*`", "", cells[2]).strip() or not tests:
            raise Malformed(f"{path.name}:{number}: row {name}: tests are written `program:Suite.Name` or `ctest:name`")
        for test in tests:
            if not TEST.fullmatch(test) or (not test.startswith("ctest:") and "." not in test):
                raise Malformed(f"{path.name}:{number}: row {name}: neither program:Suite.Name nor ctest:name: {test}")
        found.append(Row(name, cells[0], cells[1], tests, number))
    if not found:
        raise Malformed(f"{path.name}: no rows")
    return found
