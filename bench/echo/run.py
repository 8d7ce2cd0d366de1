#!/usr/bin/env python3
"""Compares WebSocket servers and clients: ours, other libraries, and bare epoll loops (the floor), in one run.

    bench/echo/run.py BIN [--full | --smoke] [--groups echo,tls,…] [--only REGEX] [--json FILE] [--charts DIR]

BIN holds the programs. Each server runs alone on one core, the load generator on another. Every row is measured for
each server in turn, round after round, so that a slow minute of the machine hits all alike; what is printed are medians
over the rounds. The figure to trust is CPU time per message: messages per second also depend on the generator and on
who else uses the machine. A ratio is printed with ~ where not all rounds agree on which side is the larger: no claim.
"""
import argparse
import json
import pathlib
import re
import resource
import sys
import time

import charts
import goals
import measure
import report
import servers
from runner import Runner, say

DESCRIPTORS = 12000  # 10,000 connections and some more
NEEDED = ["bench_generator", "bench_floor_echo", "bench_floor_server", "bench_broadcast_server", "bench_client",
          "bench_beast_client", "echo_server"]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path, metavar="BIN", help="folder of the programs")
    parser.add_argument("--rounds", type=int, default=5, help="at least five for figures to be quoted (default: 5)")
    parser.add_argument("--seconds", type=float, default=1.0, help="measured window per row, server and round")
    parser.add_argument("--smoke", action="store_true", help="within a minute: whether it works, not how fast it is")
    parser.add_argument("--full", action="store_true", help="the whole matrix of echo, not only the cells of the goals")
    parser.add_argument("--groups", default=",".join(measure.ALL), help="some of " + ",".join(measure.ALL))
    parser.add_argument("--peers", default=",".join(servers.PEERS), help="some of " + ",".join(servers.PEERS))
    parser.add_argument("--only", type=re.compile, default=re.compile(""), metavar="REGEX",
                        help="only the rows whose name matches")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write every single figure there")
    parser.add_argument("--charts", type=pathlib.Path, metavar="DIR", help="write a chart (SVG) of each group there")
    arguments = parser.parse_args()
    arguments.bin = arguments.bin.resolve()
    arguments.groups = arguments.groups.split(",")
    arguments.peers = arguments.peers.split(",")
    for name in arguments.groups:
        if name not in measure.ALL:
            parser.error(f"no group is called {name}")
    for program in NEEDED:
        if not (arguments.bin / program).exists():
            parser.error(f"{arguments.bin / program} is missing: `make bench` builds it")
    if arguments.smoke:
        arguments.rounds, arguments.seconds = 1, 0.1
    return arguments


def allow_descriptors():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(hard, DESCRIPTORS)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
    except ValueError:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        say(f"run.py: only {hard} descriptors: 10,000 connections will fail")


def main():
    arguments = parse()
    allow_descriptors()
    runner = Runner(arguments)
    facts = report.facts(arguments, runner)
    print("\n".join(f"{key}: {value}" for key, value in facts.items()) + "\n", flush=True)
    measurements = measure.Measurements(runner, arguments)
    groups = []
    begin = time.monotonic()
    try:
        for name in arguments.groups:
            groups += getattr(measurements, name)()
    except servers.Failure as failure:
        sys.exit(f"run.py: {failure}")
    say(f"measured in {time.monotonic() - begin:.0f} s")
    for group in groups:
        report.show(group)
    verdicts = [] if arguments.smoke else goals.verdicts(groups)
    report.show_goals(verdicts)
    if arguments.json:
        arguments.json.write_text(json.dumps({"facts": facts, "goals": verdicts, **measurements.raw}, indent=1) + "\n")
    if arguments.charts:
        arguments.charts.mkdir(parents=True, exist_ok=True)
        for group in groups:
            if group.has_chart and group.rows:
                (arguments.charts / f"{group.name}.svg").write_text(charts.chart(group, facts))


if __name__ == "__main__":
    main()
