"""A chart of a group as SVG, written by hand: a dot for each series of each row on a logarithmic axis, as a multiple of
the base (or of the subject), with the range over the rounds, and the figure itself beside it. Readable on light and on
dark pages."""
import html
import math

from measure import number

# The same in every chart.
COLOURS = {"floor": "#7f7f7f", "zlib": "#7f7f7f", "one loop": "#7f7f7f", "ours": "#0072b2", "two loops": "#0072b2",
           "beast": "#d55e00", "websocketpp": "#009e73", "libwebsockets": "#cc79a7", "ws": "#b8860b",
           "py-websockets": "#6a5acd"}
STYLE = """
  .page { fill: #ffffff; }
  text { font: 12px system-ui, sans-serif; fill: #24292f; }
  .title { font-size: 15px; font-weight: 600; }
  .quiet { fill: #57606a; font-size: 11px; }
  .bold { font-weight: 600; }
  .grid { stroke: #d0d7de; stroke-width: 1; }
  .one { stroke: #57606a; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; }
    text { fill: #e6edf3; } .quiet { fill: #9aa4af; } .grid { stroke: #30363d; } .one { stroke: #9aa4af; }
  }
"""
WIDTH, LEFT, RIGHT, TOP = 860, 230, 90, 74  # pixels
LANE, GAP, FOOT = 14, 12, 58
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)


class Axis:
    """Multiples of the reference, as positions."""

    def __init__(self, values):
        self.low = min(0.95, min(values) * 0.95)
        self.high = max(1.5, max(values) * 1.05)

    def at(self, value):
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def ticks(self):
        """Those that leave each other room."""
        chosen = []
        for tick in TICKS:
            if self.low <= tick <= self.high and (not chosen or self.at(tick) - self.at(chosen[-1]) >= 30):
                chosen.append(tick)
        return chosen


def text(x, y, words, kind="", anchor="start"):
    name = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{name}>{html.escape(words)}</text>'


def line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {kind}/>'


def multiples(group):
    """{row: {series: (median, least, most)}}, each divided by the median of the row's reference."""
    reference = group.base or group.subject
    result = {}
    for row, series in group.rows.items():
        one = reference if reference in series else group.subject
        unit = group.median(row, one)
        if unit <= 0:
            continue
        result[row] = {name: tuple(max(value, unit / 1000) / unit
                                   for value in (group.median(row, name), min(values), max(values)))
                       for name, values in series.items() if name not in group.aside}
    return result


def chart(group, facts):
    points = multiples(group)
    names = [name for name in group.series() if name not in group.aside]
    axis = Axis([value for row in points.values() for triple in row.values() for value in triple])
    bottom = TOP + sum(LANE * len(row) + GAP for row in points.values())
    parts = [text(16, 24, f"{group.title}: {group.unit}", "title"), *legend(names)]
    for tick in axis.ticks():
        kind = 'class="one"' if tick == 1 else 'class="grid"'
        parts.append(line(axis.at(tick), TOP - 6, axis.at(tick), bottom, kind))
        parts.append(text(axis.at(tick), bottom + 14, f"{tick:g}", "quiet", "middle"))
    y = TOP
    for row, series in points.items():
        parts.append(text(LEFT - 12, y + LANE * len(series) / 2 + 4, row, anchor="end"))
        for name, (middle, least, most) in series.items():
            y += LANE
            parts += dot(axis, y - LANE / 2, (middle, least, most), COLOURS[name])
            figure = number(group.median(row, name))
            kind = "quiet bold" if name == group.subject else "quiet"
            parts.append(text(axis.at(most) + 8, y - LANE / 2 + 4, figure, kind))
        y += GAP
    times = (f"times {group.base or group.subject} (logarithmic); beside each dot: {group.unit}; "
             "bars: range over the rounds")
    parts.append(text(16, bottom + 32, times, "quiet"))
    parts.append(text(16, bottom + 47, f"commit {facts['commit']}, {facts['machine']}", "quiet"))
    height = bottom + FOOT
    body = "\n".join(parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
            f'role="img" aria-label="{html.escape(group.title)}">\n<style>{STYLE}</style>\n'
            f'<rect class="page" width="{WIDTH}" height="{height}" rx="6"/>\n{body}\n</svg>\n')


def legend(names):
    parts, x = [], 16
    for name in names:
        parts.append(f'<circle cx="{x + 5}" cy="44" r="5" fill="{COLOURS[name]}"/>')
        parts.append(text(x + 15, 48, name))
        x += 34 + 7 * len(name)
    return parts


def dot(axis, y, values, colour):
    middle, least, most = (axis.at(value) for value in values)
    return [line(least, y, most, y, f'stroke="{colour}" stroke-width="2.5" stroke-opacity="0.55"'),
            f'<circle cx="{middle:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>']
