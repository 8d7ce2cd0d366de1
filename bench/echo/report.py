"""Tables on the terminal, and the facts without which a figure means nothing."""
import os
import pathlib
import re
import subprocess
import sys

from measure import number


def facts(arguments, runner):
    here = pathlib.Path(__file__).parent

    def git(*words):
        done = subprocess.run(["git", "-C", here, *words], capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else "unknown"

    model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    changed = "" if git("status", "--porcelain", "--untracked-files=no") == "" else " with uncommitted changes"
    congestion = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    pinning = "not pinned, only one core" if runner.server_core is None else (
        f"server on core {runner.server_core}, generator on core {runner.generator_core}")
    lines = {"command": " ".join(["bench/echo/run.py", *sys.argv[1:]]),
             "commit": git("rev-parse", "--short", "HEAD") + changed,
             "machine": f"{model.group(1) if model else os.uname().machine}, {os.cpu_count()} cores, "
                        f"Linux {os.uname().release}, TCP {congestion}; {pinning}",
             "load before": " ".join(f"{value:.1f}" for value in os.getloadavg()) + " (others at work make noise)",
             "window": f"{runner.rounds} rounds of {runner.seconds} s"}
    for name, reason in runner.skipped.items():
        lines[f"skipped {name}"] = reason
    return lines


def value_text(group, row, series):
    if series not in group.rows[row]:
        return ""
    text = number(group.median(row, series))
    return text if len(group.rows[row][series]) == 1 else f"{text} ±{group.spread(row, series) * 100:.0f}%"


def ratio_text(group, row, above, below):
    ratio = group.ratio(row, above, below)
    return str(ratio) if ratio else ""


def table(header, rows):
    """A Markdown table that also reads well on a terminal."""
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]

    def line(cells):
        return "| " + " | ".join([cells[0].ljust(widths[0]), *map(str.rjust, cells[1:], widths[1:])]) + " |"

    print(line(header))
    print("|" + "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])]) + "|")
    for row in rows:
        print(line(row))
    print()


def show(group):
    if not group.rows:
        return
    series, ratios = group.series(), group.ratio_columns()
    print(f"### {group.title}: {group.unit}\n")
    if group.note:
        print(group.note + "\n")
    rows = [[row, *(value_text(group, row, one) for one in series), *(ratio_text(group, row, *two) for two in ratios)]
            for row in group.rows]
    table(["", *series, *(f"{above} ÷ {below}" for above, below in ratios)], rows)


def show_goals(verdicts):
    if not verdicts:
        return
    print("### Goals\n")
    table(["goal", "is", "wanted", "verdict"], verdicts)
