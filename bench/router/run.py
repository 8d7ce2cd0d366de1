#!/usr/bin/python3
"""bench/router/run.py BIN [--rounds N] [--seconds S] [--smoke] [--json FILE]: the router's CPU time per call and per event.

Starts BIN/autobahn-router on one core, loads it from another with BIN/bench_router_load, which checks that nothing is
lost or out of order. Prints a table: the median of the rounds, what npm's fox-wamp takes in the same run (`make bench` installs it
in peer/), and the goal with what others took (measured on a machine with two cores, CPU time of the router's process,
JSON over WebSocket)."""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import threading

CALLS, EVENTS = "calls", "events"
# What, goal, and what nexus, wampcc and Crossbar.io take for it.
CELLS = (
    ("RPC, 64 in flight", CALLS, [], 4.0, "17.5 / 14.2 / 226"),
    ("event 1→1", EVENTS, [], 2.5, "10.7 / 7.7 / 170"),
    ("event 1→10, per delivered event", EVENTS, ["--subscribers", "10"], 0.8, "– / 3.5 / –"),
)
WAYS = [(serializer, isRaw) for serializer in ("json", "msgpack", "cbor") for isRaw in (False, True)]
UNRELATED = 100_000
PATIENCE = 120  # s; nothing runs for ever


def pinned(core):
    return lambda: os.sched_setaffinity(0, {core})


class Router:
    """A program that says where it listens, on a core of its own."""

    def __init__(self, command, core):
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=pinned(core))
        for line in self.process.stderr:
            if found := re.search(r"listening on ws://127\.0\.0\.1:(\d+)", line):
                self.port = int(found.group(1))
                threading.Thread(target=self.process.stderr.read, daemon=True).start()
                return
        raise SystemExit("the router does not listen")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)


PEER = pathlib.Path(__file__).parent / "peer"


class Bench:
    def __init__(self, arguments):
        self.folder, self.rounds, self.seconds = arguments.bin, arguments.rounds, arguments.seconds
        cores = sorted(os.sched_getaffinity(0))
        self.router_core, self.load_core = (cores * 2)[:2]
        self.raw = {}

    def ours(self):
        return Router([self.folder / "autobahn-router", "--port", "0"], self.router_core)

    def peer(self, mode, ours):
        """What fox-wamp takes for a call, beside ours; its events are not WAMP's, and it may not be installed."""
        if mode != CALLS or not (PEER / "node_modules").exists():
            return "–"

        def measure():
            with Router(["node", PEER / "router.js"], self.router_core) as router:
                return self.load(router, mode)
        micros = self.median(f"fox-wamp {mode}", "serverMicros", measure)
        return f"{micros:.1f} ({micros / ours:.0f} × ours)"

    def load(self, router, mode, *options):
        command = [self.folder / "bench_router_load", "--port", router.port, "--router-pid", router.process.pid,
                   "--seconds", self.seconds, *options, mode]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=PATIENCE,
                              check=False, preexec_fn=pinned(self.load_core))
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def median(self, name, figure, measure):
        """Of as many measurements as there are rounds."""
        figures = [measure()[figure] for _ in range(self.rounds)]
        self.raw[name] = figures
        return statistics.median(figures)

    def micros(self, name, router, mode, *options):
        return self.median(name, "serverMicros", lambda: self.load(router, mode, *options))

    def ways(self):
        print("| router CPU, µs | " + " | ".join(f"{s} {'rs' if raw else 'ws'}" for s, raw in WAYS)
              + " | fox-wamp, json ws | goal (json ws) | nexus / wampcc / Crossbar.io |")
        print("|---|" + "---|" * (len(WAYS) + 3))
        with self.ours() as router:
            for what, mode, options, goal, others in CELLS:
                cells = []
                for serializer, is_raw in WAYS:
                    way = ["--serializer", serializer] + (["--rawsocket"] if is_raw else [])
                    cells.append(f"{self.micros(f'{what} {way}', router, mode, *options, *way):.2f}")
                peer = self.peer(mode, float(cells[0]))
                print(f"| {what} | " + " | ".join(cells) + f" | {peer} | ≤ {goal} | {others} |", flush=True)
        print()

    def thousand(self):
        with self.ours() as router:
            one = self.micros("1→1000", router, EVENTS, "--subscribers", "1000", "--in-flight", "1")
            many = self.micros("1→1000, 64", router, EVENTS, "--subscribers", "1000", "--in-flight", "64")
        print(f"- Event 1→1000: {one:.2f} µs per delivered event with one event in flight (a system call each), "
              f"{many:.2f} with 64.")

    def unrelated(self):
        with self.ours() as router:
            for what, mode in (("call", CALLS), ("event", EVENTS)):
                alone = self.micros(f"{what} alone", router, mode)
                among = self.micros(f"{what} among", router, mode, "--unrelated", UNRELATED)
                print(f"- One {what} among {UNRELATED:,} unrelated subscriptions and as many registrations: {among:.2f} µs, "
                      f"without them {alone:.2f} ({(among / alone - 1) * 100:+.1f} %; goal: below +10 %).", flush=True)

    def sessions(self, count):
        figures = []
        for _ in range(self.rounds):
            with self.ours() as router:
                figures.append(self.load(router, "sessions", "--sessions", count))
        self.raw["sessions"] = figures
        octets = {name: statistics.median(each[name] for each in figures) for name in figures[0]}
        print(f"- An idle joined session: {octets['sessionOctets']:,.0f} octets beyond its connection's "
              f"{octets['connectionOctets']:,.0f} (goal: ≤ 4096).")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path, help="folder of the programs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="the window of each measurement")
    parser.add_argument("--smoke", action="store_true", help="once, in small: that it works, never how fast")
    parser.add_argument("--json", type=pathlib.Path, help="write every figure to this file")
    arguments = parser.parse_args()
    if arguments.smoke:
        arguments.rounds, arguments.seconds = 1, 0.05
    bench = Bench(arguments)
    bench.ways()
    bench.thousand()
    if not arguments.smoke:
        bench.unrelated()
    bench.sessions(50 if arguments.smoke else 2000)
    if arguments.json:
        arguments.json.write_text(json.dumps(bench.raw, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
