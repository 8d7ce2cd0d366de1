"""What run.py prints: medians, their spread, ratios."""
import os
import pathlib
import re
import statistics
import subprocess
import sys

ORDER = ["floor", "ours", "beast", "websocketpp"]


def facts(arguments, bench):
    """The lines without which a figure means nothing."""
    here = pathlib.Path(__file__).parent

    def git(*words):
        done = subprocess.run(["git", "-C", here, *words], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else "unknown"

    model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    changed = "" if git("status", "--porcelain", "--untracked-files=no") == "" else " with uncommitted changes"
    congestion = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    pinning = "not pinned, only one core" if bench.server_core is None else (
        f"server on core {bench.server_core}, generator on core {bench.generator_core}")
    return {"command": " ".join(["bench/echo/run.py", *sys.argv[1:]]),
            "commit": git("rev-parse", "--short", "HEAD") + changed,
            "machine": f"{model.group(1) if model else os.uname().machine}, {os.cpu_count()} cores, "
                       f"Linux {os.uname().release}, TCP {congestion}; {pinning}",
            "load before": " ".join(f"{value:.1f}" for value in os.getloadavg()) + " (others at work make noise)",
            "window": f"{bench.rounds} rounds of {bench.seconds} s"}


def median(results, figure):
    return statistics.median(one[figure] for one in results)


def spread(results, figure):
    """Half of the range, in percent of the median."""
    values = [one[figure] for one in results]
    middle = statistics.median(values)
    return 0.0 if middle == 0 else (max(values) - min(values)) / 2 / middle * 100


def with_spread(results, figure):
    text = number(median(results, figure))
    return text if len(results) == 1 else f"{text} ±{spread(results, figure):.0f}%"


def number(value):
    return f"{value:.3g}" if value < 100 else f"{value:,.0f}"


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


def progress(name, results):
    values = ", ".join(f"{server} {number(median(results[server], 'serverMicros'))}" for server in ORDER)
    print(f"{name}: {values} us", file=sys.stderr, flush=True)


def ratios(value):
    """ours / floor, beast / ours, websocketpp / ours, of what `value` says of a server."""
    return [f"{value('ours') / value('floor'):.2f}", *(f"{value(peer) / value('ours'):.2f}" for peer in ORDER[2:])]


RATIOS = ["ours ÷ floor", "beast ÷ ours", "websocketpp ÷ ours"]


def cpu_table(cells):
    rows = []
    for name, results in cells.items():
        values = [with_spread(results[server], "serverMicros") for server in ORDER]
        rows.append([name, *values, *ratios(lambda server: median(results[server], "serverMicros"))])
    print("Server CPU µs per message; payload content connections x in flight; ± half the range over the rounds\n")
    table(["cell", *ORDER, *RATIOS], rows)


def latencies(results):
    """p50/p99/p99.9, or nothing where more than one message was in flight."""
    figures = ["p50Micros", "p99Micros", "p999Micros"]
    return "/".join(number(median(results, figure)) for figure in figures if figure in results[0])


def rate_table(cells):
    rows = []
    for name, results in cells.items():
        rates = [number(median(results[server], "perSecond")) for server in ORDER]
        generator = number(median(results["ours"], "generatorMicros"))
        rows.append([name, *rates, latencies(results["ours"]), latencies(results["beast"]), generator])
    print("Messages per second; round trip p50/p99/p99.9 in µs with one in flight; the generator's own CPU µs\n")
    table(["cell", *ORDER, "ours, round trip", "beast, round trip", "generator"], rows)


def tables(results, idle_connections):
    print()
    if results["cells"]:
        cpu_table(results["cells"])
        rate_table(results["cells"])
    connect = results["connect"]
    idle = {server: statistics.median(values) for server, values in results["idle"].items()}
    rows = [["connect, upgrade, close: server CPU µs",
             *(with_spread(connect[server], "serverMicros") for server in ORDER),
             *ratios(lambda server: median(connect[server], "serverMicros"))],
            ["connect, upgrade, close: per second",
             *(number(median(connect[server], "perSecond")) for server in ORDER), "", "", ""],
            [f"resident bytes per idle connection ({idle_connections:,})",
             *(number(idle[server]) for server in ORDER), *ratios(lambda server: max(idle[server], 1.0))]]
    print("Connections\n")
    table(["", *ORDER, *RATIOS], rows)
