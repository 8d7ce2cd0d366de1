"""The goals, as ratios within one run: what is wanted of which row."""
import cells
from cells import KIB, MIB, Cell

OURS_TO_FLOOR = ("ours", "floor")
BEAST = ("beast", "ours")

GOALS = []  # (group, row, above, below, "≤" or "≥", limit)


def want(group, row, pair, sign, limit):
    GOALS.append((group, str(row), *pair, sign, limit))


def echo(cell, to_floor, to_beast):
    want("echo", cell, OURS_TO_FLOOR, "≤", to_floor)
    want("echo", cell, BEAST, "≥", to_beast)


for size in (20, 512):
    for connections in (50, 500):
        echo(Cell(size, connections, 1), 1.05, 1.4)
    echo(Cell(size, 50, 16), 1.15, 12)
echo(Cell(4 * KIB, 50, 16), 1.20, 6)
echo(Cell(16 * KIB, 50, 16), 1.20, 2.4)
echo(Cell(64 * KIB, 1, 16), 1.25, 1.7)
echo(Cell(MIB, 1, 1), 1.30, 1.8)
echo(Cell(MIB, 50, 1), 1.30, 1.8)
for script, limit in (("ascii", 1.3), ("cyrillic", 1.6), ("japanese", 1.6)):
    echo(Cell(4 * KIB, 50, 16, script), limit, 5)
echo(Cell(64 * KIB, 1, 16, "cyrillic"), 1.5, 5)

# Goals in µs of another machine, restated as ratios to the peers that were measured with them. (Not to Beast's
# compression: it sends without context whatever was negotiated.)
for cell, limit in zip(cells.COMPRESSED[3:], (27 / 25, 161 / 130, 2420 / 1700)):
    want("compression", cell, ("websocketpp", "ours"), "≥", limit)
want("connections", "connect, upgrade, close", BEAST, "≥", 21.4 / 17)

# Bytes are bytes on any machine.
for kind, limit in (("plain", 512), ("deflate", 640), ("TLS", 20 * KIB)):
    want("memory", f"idle, {kind}", ("ours", ""), "≤", limit)
want("broadcast", "to 10,000", OURS_TO_FLOOR, "≤", 1.02)
for cell in cells.AS_CLIENT:
    want("client", cell, BEAST, "≥", 1.3)
for cell in cells.AS_CLIENT[:3]:
    want("client", cell, OURS_TO_FLOOR, "≤", 1.10)
for cell in cells.LOOPS:
    want("loops", cell, ("two loops", "one loop"), "≤", 1.05)
    want("split", cell, ("two loops", ""), "≤", 55)


def verdicts(groups):
    """Rows of a table: goal, figure, limit, verdict. "~": the rounds do not agree."""
    by_name = {group.name: group for group in groups}
    rows = []
    for name, row, above, below, sign, limit in GOALS:
        values = by_name[name].rows.get(row, {}) if name in by_name else {}
        if above not in values or (below and below not in values):
            continue
        figures = [a / b for a, b in zip(values[above], values[below])] if below else values[above]
        figures = sorted(figures)
        met = [figure <= limit if sign == "≤" else figure >= limit for figure in figures]
        is_met = sum(met) * 2 > len(met)
        middle = figures[len(figures) // 2]
        verdict = ("met" if is_met else "missed") + ("" if len(set(met)) == 1 else " ~")
        what = f"{above} ÷ {below}" if below else above
        rows.append([f"{name}, {row}: {what}", text(middle), f"{sign} {text(limit)}", verdict])
    return rows


def text(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
