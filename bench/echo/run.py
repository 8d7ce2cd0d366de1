#!/usr/bin/env python3
"""Compares echo servers: ours, Boost.Beast, websocketpp, and a bare epoll echo (the floor), interleaved in one run.

    bench/echo/run.py BIN [--rounds N] [--seconds S] [--quick | --full] [--only REGEX] [--json FILE]

BIN holds the programs. Each server runs alone on one core, the load generator on another. Every cell of the matrix is
measured for each server in turn, round after round, so that a slow minute of the machine hits all alike; what is printed
are medians over the rounds. The figure to trust is the server's CPU time per message: messages per second also depend on
the generator and on who else uses the machine.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import re
import resource
import subprocess
import sys

import report

PATIENCE = 60  # s; nothing runs for ever
PROGRAMS = {"floor": "bench_floor_echo", "ours": "echo_server", "beast": "bench_beast_echo",
            "websocketpp": "bench_websocketpp_echo"}
INTERLEAVED = ["ours", "beast", "websocketpp", "floor"]


@dataclasses.dataclass(frozen=True)
class Cell:
    payload: int
    connections: int
    in_flight: int
    content: str = "binary"

    def __str__(self):
        size = self.payload
        for unit, factor in (("MiB", 1 << 20), ("KiB", 1 << 10)):
            if size >= factor:
                return f"{size // factor} {unit} {self._rest()}"
        return f"{size} B {self._rest()}"

    def _rest(self):
        return f"{self.content} {self.connections}x{self.in_flight}"

    def options(self):
        return ["--payload", self.payload, "--connections", self.connections, "--in-flight", self.in_flight,
                "--content", self.content]


KIB, MIB = 1 << 10, 1 << 20
QUICK = [Cell(20, 1, 1), Cell(512, 50, 16), Cell(64 * KIB, 1, 16), Cell(4 * KIB, 50, 16, "cyrillic")]
TEXTS = [Cell(4 * KIB, 50, 16, content) for content in ("ascii", "cyrillic", "japanese")]
USUAL = [Cell(20, 1, 1), Cell(20, 50, 1), Cell(512, 50, 1), Cell(20, 50, 16), Cell(512, 50, 16), Cell(4 * KIB, 50, 16),
         Cell(16 * KIB, 50, 16), Cell(64 * KIB, 1, 1), Cell(64 * KIB, 1, 16), Cell(MIB, 1, 1), Cell(MIB, 50, 1), *TEXTS]
FULL = [Cell(payload, connections, in_flight)
        for payload in (20, 512, 4 * KIB, 16 * KIB, 64 * KIB, MIB)
        for connections in (1, 50) for in_flight in (1, 16) if payload * connections * in_flight <= 64 * MIB] + TEXTS


class Failure(Exception):
    pass


def pinned(core):
    return (lambda: os.sched_setaffinity(0, {core})) if core is not None else None


class Server:
    """A server process, listening, on its core."""

    def __init__(self, name, folder, core):
        self.name = name
        self.process = subprocess.Popen([folder / PROGRAMS[name], "--port", "0", "--quiet"], text=True,
                                        stdout=subprocess.PIPE, preexec_fn=pinned(core))
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            self.stop()
            raise Failure(f"{name} does not listen: {line!r}")
        self.port = int(re.search(r":(\d+)/?$", line.strip()).group(1))

    def memory(self):
        """Bytes resident."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Bench:
    def __init__(self, arguments):
        self.folder = arguments.bin
        cores = sorted(os.sched_getaffinity(0))
        self.server_core, self.generator_core = cores[:2] if len(cores) > 1 else (None, None)
        self.rounds, self.seconds = arguments.rounds, arguments.seconds

    def start(self, name):
        return Server(name, self.folder, self.server_core)

    def generator(self, server, mode, *options):
        command = [self.folder / "bench_generator", "--port", server.port, "--server-pid", server.process.pid, *options]
        if server.name == "floor":
            command.append("--raw")
        return [str(word) for word in [*command, mode]]

    def load(self, server, mode, *options):
        """One run of the generator; its figures."""
        done = subprocess.run(self.generator(server, mode, *options), text=True, capture_output=True, timeout=PATIENCE,
                              preexec_fn=pinned(self.generator_core))
        if done.returncode != 0:
            raise Failure(f"{server.name}, {mode} {' '.join(map(str, options))}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def interleaved(self, servers, mode, *options):
        """{server: [figures of each round]}"""
        window = ["--seconds", self.seconds, "--warm-up", min(0.25, self.seconds / 2)]
        results = {server.name: [] for server in servers}
        for _ in range(self.rounds):
            for server in servers:
                results[server.name].append(self.load(server, mode, *window, *options))
        return results

    def idle_bytes(self, name, connections):
        """Resident bytes that one idle connection adds, after one message each."""
        with self.start(name) as server:
            # What is allocated once, on first use, is no connection's.
            self.held(server, 16)
            before = server.memory()
            return (self.held(server, connections) - before) / connections

    def held(self, server, connections):
        """Resident bytes of the server while that many connections are open and idle."""
        command = self.generator(server, "idle", "--connections", connections)
        with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              preexec_fn=pinned(self.generator_core)) as generator:
            if generator.stdout.readline() != "ready\n":
                raise Failure(f"{server.name}: {connections} idle connections could not be opened")
            memory = server.memory()
            generator.communicate(timeout=PATIENCE)
        return memory


def measure(bench, cells, idle_connections):
    results = {"cells": {}, "idle": {}}
    servers = []
    try:
        for name in INTERLEAVED:
            servers.append(bench.start(name))
            bench.load(servers[-1], "verify")
        print("every server echoes messages of 0 B to 1 MiB, binary and text, as sent\n")
        for cell in cells:
            results["cells"][str(cell)] = bench.interleaved(servers, "echo", *cell.options())
            report.progress(str(cell), results["cells"][str(cell)])
        results["connect"] = bench.interleaved(servers, "connect", "--connections", 16)
    finally:
        for server in servers:
            server.stop()
    for name in INTERLEAVED:
        results["idle"][name] = [bench.idle_bytes(name, idle_connections) for _ in range(min(3, bench.rounds))]
    return results


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path, metavar="BIN", help="folder of the programs")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0, help="measured window per cell, server and round")
    parser.add_argument("--quick", action="store_true", help="under a minute: whether it works, not how fast it is")
    parser.add_argument("--full", action="store_true", help="the whole matrix")
    parser.add_argument("--only", default="", metavar="REGEX", help="only the cells whose name matches")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write every single figure there")
    arguments = parser.parse_args()
    arguments.bin = arguments.bin.resolve()
    for program in [*PROGRAMS.values(), "bench_generator"]:
        if not (arguments.bin / program).exists():
            parser.error(f"{arguments.bin / program} is missing: `make bench` builds it")
    if arguments.quick:
        arguments.rounds, arguments.seconds = 1, 0.2
    return arguments


def main():
    arguments = parse()
    cells = QUICK if arguments.quick else FULL if arguments.full else USUAL
    cells = [cell for cell in cells if re.search(arguments.only, str(cell))]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    idle_connections = min(200 if arguments.quick else 2000, hard - 100)
    bench = Bench(arguments)
    facts = report.facts(arguments, bench)
    print("\n".join(f"{key}: {value}" for key, value in facts.items()) + "\n")
    try:
        results = measure(bench, cells, idle_connections)
    except (Failure, subprocess.TimeoutExpired) as failure:
        sys.exit(f"run.py: {failure}")
    report.tables(results, idle_connections)
    if arguments.json:
        arguments.json.write_text(json.dumps({"facts": facts, **results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
