"""Runs servers and loads on their cores, round after round."""
import json
import os
import subprocess
import sys

import servers
from servers import Failure, Server, pinned

PATIENCE = 120  # s; nothing runs for ever


class Runner:
    def __init__(self, arguments):
        self.folder = arguments.bin
        cores = sorted(os.sched_getaffinity(0))
        self.third_core = cores[2] if len(cores) > 2 else None
        self.server_core, self.generator_core = cores[:2] if len(cores) > 1 else (None, None)
        self.rounds, self.seconds = arguments.rounds, arguments.seconds
        wanted = [name for name in servers.PEERS if name in ("floor", "ours") or name in arguments.peers]
        self.skipped = {}
        for name in wanted:
            reason = servers.PEERS[name].missing(self.folder)
            if reason:
                self.skipped[name] = reason
        self.peers = {name: servers.PEERS[name] for name in wanted if name not in self.skipped}

    def able(self, feature):
        return [peer.name for peer in self.peers.values() if feature in peer.does]

    def start(self, name, *options, program=None, cores=None):
        """A peer, or another program of ours under any name."""
        peer = self.peers.get(name)
        command = [self.folder / program] if program else peer.command(self.folder)
        if program or not peer.is_slow:
            command += ["--port", "0", "--quiet", *options]
        return Server(name, command, cores or self.core_of_servers())

    def core_of_servers(self):
        return {self.server_core} if self.server_core is not None else None

    def cores_of_loops(self):
        """For a server with two loops: never the generator's, with which one of them would have to share."""
        if self.third_core is None:
            return self.core_of_servers()
        return {self.server_core, self.third_core}

    def core_of_generator(self):
        return {self.generator_core} if self.generator_core is not None else None

    def window(self):
        return ["--seconds", self.seconds, "--warm-up", min(0.25, self.seconds / 2)]

    def generator(self, server, mode, *options):
        """The command line of the generator."""
        command = [self.folder / "bench_generator", *options]
        if server:
            command += ["--port", server.port, "--server-pid", server.process.pid]
        if server and server.name == "floor":
            command.append("--raw")
        return [str(word) for word in [*command, mode]]

    def figures(self, command, cores):
        """One run of a program that prints its figures."""
        command = [str(word) for word in command]
        try:
            done = subprocess.run(command, text=True, capture_output=True, timeout=PATIENCE, check=False,
                                  preexec_fn=pinned(cores))
        except subprocess.TimeoutExpired as late:
            raise Failure(f"{' '.join(command)}: not done after {late.timeout} s") from late
        if done.returncode != 0:
            raise Failure(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")
        return json.loads(done.stdout)

    def load(self, server, mode, *options):
        return self.figures(self.generator(server, mode, *options), self.core_of_generator())

    def interleaved(self, what):
        """`what`: {series: function that gives figures}. Returns {series: [figures of each round]}."""
        results = {series: [] for series in what}
        for _ in range(self.rounds):
            for series, measure in what.items():
                results[series].append(measure())
        return results

    def loads(self, all_servers, mode, *options):
        """The same load on each server in turn, again and again."""
        def on(server):
            return lambda: self.load(server, mode, *self.window(), *options)
        return self.interleaved({server.name: on(server) for server in all_servers})

    def idle_bytes(self, start, connections, *options):
        """Resident bytes that one idle connection adds to a fresh server, after one message each."""
        with start() as server:
            # What is allocated once, on first use, is no connection's.
            self.held(server, 16, *options)
            before = server.memory()
            return {"bytes": (self.held(server, connections, *options) - before) / connections}

    def held(self, server, connections, *options):
        """Resident bytes of the server while that many connections are open and idle."""
        command = self.generator(server, "idle", "--connections", connections, *options)
        with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              preexec_fn=pinned(self.core_of_generator())) as generator:
            if generator.stdout.readline() != "ready\n":
                raise Failure(f"{server.name}: {connections} idle connections could not be opened")
            memory = server.memory()
            generator.communicate(timeout=PATIENCE)
        return memory


def say(text):
    """Where it is, for who waits."""
    print(text, file=sys.stderr, flush=True)
