#!/usr/bin/python3
"""Floods: hostile peers by the hundred and the thousand at a server of ours, and beside them one client that behaves.

    floods.py BIN                     every flood, a table
    floods.py BIN NAME…               some of them
    floods.py --list

Fails when that client gets a wrong answer, or none for a second; when the server ends, serves nobody afterwards, or takes more memory
than docs/security.md promises. How long answers take is told, and nothing is expected of it.

The server, the attackers and the client are processes of this machine, and compete for its cores."""
import argparse
import dataclasses
import json
import multiprocessing
import os
import pathlib
import platform
import sys
import tempfile
import time

import attackers
import bystander
import catalogue
import server

WARM_UP = 0.2  # s
PATIENCE = 30  # s for what another process has to say
EXCHANGES = 20  # of a fresh client
fork = multiprocessing.get_context("fork")


class Wrong(Exception):
    """What must not be."""


class Child:
    """A process of ours, and a pipe to it."""

    def __init__(self, body, *arguments):
        self.pipe, other = fork.Pipe()
        self.process = fork.Process(target=self.run, args=(body, *arguments, other), daemon=True)
        self.process.start()

    @staticmethod
    def run(body, *arguments):
        server.prepare_child()
        body(*arguments)

    def ask(self, seconds: float | None) -> dict:
        """What it has to say of so many seconds from now on; nothing: at last."""
        self.pipe.send(seconds)
        if not self.pipe.poll(PATIENCE + (seconds or 0)):
            raise Wrong(f"no answer in {PATIENCE} s: {self.process}")
        answer = self.pipe.recv()
        if "error" in answer:
            raise Wrong(answer["error"])
        return answer

    def end(self):
        self.process.kill()
        self.process.join()


@dataclasses.dataclass
class Row:
    flood: catalogue.Flood
    quiet: dict
    during: dict
    rate: dict
    memory: int  # octets before
    peak: int
    cpu: float  # share of a core

    def taken(self) -> int:
        return self.peak - self.memory


def command_of(flood: catalogue.Flood, folder: pathlib.Path, bin_folder: pathlib.Path) -> tuple[list, int]:
    """The server, and how many listeners it has."""
    name, *options = flood.server.split()
    if name == "echo":
        return [bin_folder / "flood_server", "--message-size", catalogue.MESSAGE, "--watermark", catalogue.WATERMARK, *options], 2
    path = folder / "router.json"
    path.write_text(json.dumps(router_configuration()))
    return [bin_folder / "autobahn-router", "--config", path], 1


def router_configuration() -> dict:
    everything = {"uri": "", "match": "prefix", "allow": ["call", "register", "subscribe", "publish"]}
    roles = [{"name": "anybody", "permissions": [everything]}]
    limits = {"subscriptions": catalogue.SUBSCRIPTIONS, "pendingCalls": catalogue.PENDING_CALLS, "maxUriSize": catalogue.URI}
    websocket = {"maxMessagePayloadSize": catalogue.MESSAGE, "sendBufferHighWatermark": catalogue.WATERMARK,
                 "sendBufferLowWatermark": catalogue.WATERMARK // 4}
    return {
        "realms": [
            {"name": "realm1", "authentication": {"anonymous": {"role": "anybody"}}, "roles": roles, "limits": limits},
            {"name": "secret", "authentication": {"ticket": {"users": {"joe": {"role": "anybody", "ticket": "right"}}}},
             "roles": roles}],
        "listeners": [{"url": "ws://127.0.0.1:0/ws", "websocket": websocket}],
        "router": {"authenticationLimits": {"limitLoopback": True}},
    }


def served_afresh(flood: catalogue.Flood, ports: dict):
    client = bystander.KINDS[flood.bystander](ports)
    for _ in range(EXCHANGES):
        client.exchange()
    client.close()


def measure(flood: catalogue.Flood, options, running: server.Server) -> Row:
    """Quiet, then the flood, then a fresh client."""
    children = [Child(bystander.stand_by, flood.bystander, running.ports, running.process.pid)]
    try:
        client = children[0]
        client.ask(WARM_UP)
        quiet = client.ask(options.quiet)
        memory, cpu, began = running.memory("VmRSS"), running.cpu(), time.monotonic()
        running.forget_peak()
        children.append(Child(attackers.attack, flood.attacks, running.ports))
        during = client.ask(options.seconds)
        cpu = (running.cpu() - cpu) / (time.monotonic() - began)
        peak = running.memory("VmHWM")
        rate = children[1].ask(None)
        served_afresh(flood, running.ports)
        client.ask(None)
        return Row(flood, quiet, during, rate, memory, peak, cpu)
    finally:
        for child in children:
            child.end()


def complaints(row: Row, is_memory_told: bool) -> list[str]:
    wrong = []
    for phase, figures in (("before", row.quiet), ("during", row.during)):
        starved = [number for number, count in enumerate(figures["windows"], 1) if count == 0]
        if starved:
            wrong.append(f"who behaves had nothing {phase} the flood in second {starved} of {len(figures['windows'])}")
    if is_memory_told and row.taken() > row.flood.bound():
        wrong.append(f"memory grew by {mib(row.taken())} MiB, and may by {mib(row.flood.bound())}: {row.flood.formula()}")
    if not row.rate["units"]:
        wrong.append("the attackers have done nothing")
    return wrong


def run(flood: catalogue.Flood, options) -> tuple[Row | None, list[str]]:
    with tempfile.TemporaryDirectory(prefix="flood-") as folder:
        command, listeners = command_of(flood, pathlib.Path(folder), options.bin)
        with server.started(command, listeners) as running:
            row, wrong = None, []
            try:
                row = measure(flood, options, running)
                wrong = complaints(row, not options.no_memory)
            except (Wrong, OSError, ValueError) as error:
                wrong.append(f"{type(error).__name__}: {error}")
                if running.process.poll() is not None:
                    wrong.append("the server has ended")
            if how := running.stop():
                wrong.append(how)
            return row, wrong


# ---- What is told

def mib(octets: float) -> str:
    return f"{octets / catalogue.MIB:.1f}"


def percentile(waits: list, share: float) -> str:
    waits = sorted(waits) or [0]
    return f"{waits[min(len(waits) - 1, int(len(waits) * share))] * 1e3:.2f}"


HEADINGS = ("flood", "connections", "per second", "server's CPU", "p50 / p99 quiet, ms", "p50 / p99 flooded, ms", "memory grew, MiB",
            "bound, MiB")


def cells(row: Row) -> list[str]:
    def latency(figures):
        return f"{percentile(figures['waits'], 0.5)} / {percentile(figures['waits'], 0.99)}"
    return [f"{row.flood.name}", f"{row.flood.connections():,}", f"{row.rate['units']:,.0f} {row.flood.unit}", f"{row.cpu:.0%}",
            latency(row.quiet), latency(row.during), mib(row.taken()), mib(row.flood.bound())]


def print_table(rows: list[Row], is_markdown: bool):
    table = [HEADINGS, *(cells(row) for row in rows)]
    if is_markdown:
        table = [[f"`{line[0]}`" if index else line[0], *line[1:]] for index, line in enumerate(table)]
        lines = ["| " + " | ".join(line) + " |" for line in table]
        lines.insert(1, "|" + "---|" * len(HEADINGS))
    else:
        widths = [max(len(line[column]) for line in table) for column in range(len(HEADINGS))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in table]
    print("\n".join(lines))
    print()
    for row in rows:
        print(f"- `{row.flood.name}`: {row.flood.what}. Bound: {row.flood.formula()}.")


def machine() -> str:
    model = next((line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release()}; {time.strftime('%Y-%m-%d')}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", nargs="?", type=pathlib.Path, help="folder of the programs")
    parser.add_argument("names", nargs="*", metavar="NAME", help="floods; all when there are none")
    parser.add_argument("--seconds", type=float, default=2.0, help="that each flood lasts (2); for figures 10")
    parser.add_argument("--quiet", type=float, default=0.2, help="seconds before (0.2); for figures 3")
    parser.add_argument("--markdown", action="store_true", help="the table for docs/security.md")
    parser.add_argument("--no-memory", action="store_true", help="do not judge memory, as of a program with sanitizers")
    parser.add_argument("--list", action="store_true", help="what there is")
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{each.name}: {each.what}" for each in catalogue.FLOODS.values()))
        return 0
    if not options.bin:
        parser.error("BIN is missing")
    if unknown := [name for name in options.names if name not in catalogue.FLOODS]:
        parser.error(f"no such flood: {' '.join(unknown)}")
    rows, has_failed = [], False
    for name in options.names or catalogue.FLOODS:
        row, wrong = run(catalogue.FLOODS[name], options)
        rows += [row] if row else []
        for each in wrong:
            print(f"FAIL  {name}: {each}", flush=True)
        has_failed |= bool(wrong)
        if not options.markdown and not wrong:
            seconds = len(row.during["windows"])
            print(f"ok    {name}" + ("" if seconds else ": but the machine has not let the server run for a second"), flush=True)
    print(machine())
    print_table(rows, options.markdown)
    return 1 if has_failed else 0


if __name__ == "__main__":
    sys.exit(main())
