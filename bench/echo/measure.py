"""The groups: which servers under which loads."""
import contextlib
import pathlib
import subprocess
import tempfile

import cells
import servers
from groups import Group
from runner import say

CPU = "server CPU µs per message"


class Measurements:
    """Each method measures one group and returns its tables. `self.raw` keeps every figure."""

    def __init__(self, runner, arguments):
        self.runner = runner
        self.is_smoke = arguments.smoke
        self.arguments = arguments
        self.raw = {}

    def wanted(self, rows):
        """Those that --only selects."""
        return [row for row in rows if self.arguments.only.search(str(row))]

    @contextlib.contextmanager
    def running(self, names, *options, program=None):
        with contextlib.ExitStack() as stack:
            yield [stack.enter_context(self.runner.start(name, *options, program=program)) for name in names]

    def record(self, group, row, results, figure="serverMicros"):
        self.raw.setdefault(group.name, {})[str(row)] = results
        group.add(str(row), results, figure)
        medians = [f"{series} {number(group.median(str(row), series))}" for series in group.rows[str(row)]]
        say(f"{group.name}, {row}: {', '.join(medians)}")

    def echo(self):
        group = Group("echo", "Echo", CPU, base="floor")
        rates = Group("rates", "Echo: messages per second", "messages/s", has_chart=False, has_ratios=False)
        trips = [Group(f"p{name}", f"Echo: round trip with one in flight, p{text}", "µs", has_chart=False,
                       has_ratios=False) for name, text in (("50", "50"), ("99", "99"), ("999", "99.9"))]
        load = Group("generator", "Echo: the generator's own CPU", "µs per message", has_chart=False, has_ratios=False)
        chosen = cells.SMOKE if self.is_smoke else cells.FULL if self.arguments.full else cells.USUAL
        with self.running(self.runner.peers) as all_servers:
            for server in all_servers:
                self.runner.load(server, "verify")
            say("every server echoes messages of 0 B to 1 MiB, binary and text, as sent")
            for cell in self.wanted(chosen):
                fit = [server for server in all_servers
                       if cell in cells.FOR_SLOW or not self.runner.peers[server.name].is_slow]
                results = self.runner.loads(fit, "echo", *cell.options())
                self.record(group, cell, results)
                rates.add(str(cell), results, "perSecond")
                load.add(str(cell), results, "generatorMicros")
                for trip in trips if cell.in_flight == 1 else []:
                    trip.add(str(cell), results, trip.name + "Micros")
        return [group, rates, *trips, load]

    def compression(self):
        group = Group("compression", "permessage-deflate, echo of JSON-like text", CPU, base="zlib",
                      aside=("floor",),
                      note="zlib: inflating and deflating the same messages in a loop, without any network. floor: the "
                      "same compressed bytes echoed without looking.")
        size = Group("compressed", "permessage-deflate: what comes back", "bytes per message", base="zlib",
                     has_chart=False)
        with self.running(self.runner.able("deflate")) as all_servers:
            for cell in self.wanted(cells.SMOKE_COMPRESSED if self.is_smoke else cells.COMPRESSED):
                fit = [server for server in all_servers
                       if cell.payload == 4 * cells.KIB or not self.runner.peers[server.name].is_slow]
                options = [*self.runner.window(), *cell.options()]
                zlib = self.runner.generator(None, "zlib", *options)
                what = {"zlib": lambda zlib=zlib: self.runner.figures(zlib, self.runner.core_of_servers())}
                for server in fit:
                    what[server.name] = (lambda server=server, options=options:
                                         self.runner.load(server, "echo", *options))
                results = self.runner.interleaved(what)
                self.record(group, cell, results)
                del results["floor"]
                size.add(str(cell), results, "bytesBack")
        return [group, size]

    def tls(self):
        group = Group("tls", "TLS 1.3, echo", CPU)
        with certificate() as files, self.running(self.runner.able("tls"), *files) as all_servers:
            for server in all_servers:
                self.runner.load(server, "verify", "--tls")
            for cell in self.wanted(cells.SECURE):
                self.record(group, cell, self.runner.loads(all_servers, "echo", "--tls", *cell.options()))
        return [group]

    def connections(self):
        group = Group("connections", "Connections", "server CPU µs", base="floor")
        rates = Group("connects", "Connections per second", "1/s", has_chart=False, has_ratios=False)
        with self.running(self.runner.peers) as all_servers:
            for row in self.wanted(["connect, upgrade, close"]):
                results = self.runner.loads(all_servers, "connect", "--connections", 16)
                self.record(group, row, results)
                rates.add(row, results, "perSecond")
        return [group, rates]

    def memory(self):
        count = 200 if self.is_smoke else 10000
        group = Group("memory", f"Resident memory per idle connection, {count:,} open", "bytes", base="floor",
                      note="After one message each; the kernel's memory is not counted.")
        json = ["--content", "json", "--payload", 512]
        with certificate() as files:
            for kind, options, starting in (("plain", [], []), ("deflate", ["--takeover", "off", *json], []),
                                            ("deflate with takeover", ["--takeover", "on", *json], []),
                                            ("TLS", ["--tls"], files)):
                for row in self.wanted([f"idle, {kind}"]):
                    names = [peer.name for peer in self.runner.peers.values() if not peer.is_slow
                             and (kind == "plain" or kind.lower().split()[0] in peer.does)
                             and (kind == "plain" or peer.name != "floor")]
                    # Without takeover: agreed on for both directions, where a server has to be told to ask for it.
                    asks = {name: self.runner.peers[name].asks if kind == "deflate" else () for name in names}
                    what = {name: lambda name=name: self.runner.idle_bytes(
                        lambda: self.runner.start(name, *starting, *asks[name]), count, *options) for name in names}
                    self.record(group, row, self.runner.interleaved(what), "bytes")
        return [group]

    def broadcast(self):
        group = Group("broadcast", "Broadcast of 512 B", "server CPU µs per delivered message", base="floor",
                      note="floor: one send() of a prebuilt frame for each subscriber. Deflated: compressed once.")
        for count in (100, 300) if self.is_smoke else (1000, 10000):
            options = ["--payload", 512, "--connections", count]
            for row in self.wanted([f"to {count:,}"]):
                with self.running(["floor"], "--payload", "512") as floors, \
                        self.running(["ours"], program="bench_broadcast_server") as ours:
                    self.record(group, row, self.runner.loads(floors + ours, "broadcast", *options))
            for row in self.wanted([f"to {count:,}, JSON, deflated"]):
                with self.running(["ours"], program="bench_broadcast_server") as ours:
                    more = ["--content", "json", "--takeover", "on"]
                    self.record(group, row, self.runner.loads(ours, "broadcast", *options, *more))
        return [group]

    def client(self):
        group = Group("client", "Clients, against a floor server", "client CPU µs per message", base="floor",
                      note="floor: the generator, copying what comes back.")
        programs = {"ours": "bench_client", "beast": "bench_beast_client"}
        chosen = [name for name in programs if name in self.runner.peers]
        for cell in self.wanted(cells.AS_CLIENT[:1] if self.is_smoke else cells.AS_CLIENT):
            with self.runner.start("target", "--payload", cell.payload, program="bench_floor_server",
                                   cores=self.runner.core_of_generator()) as server:
                options = [*self.runner.window(), *cell.shape()]
                what = {"floor": self.runner.generator(server, "echo", "--copy", *options)}
                for name in chosen:
                    what[name] = [self.runner.folder / programs[name], "--port", server.port, *options]
                results = self.runner.interleaved({
                    name: lambda command=command: self.runner.figures(command, self.runner.core_of_servers())
                    for name, command in what.items()})
            for one in results["floor"]:
                one["clientMicros"] = one["generatorMicros"]
            self.record(group, cell, results, "clientMicros")
        return [group]

    def loops(self):
        group = Group("loops", "Two loops beside one", CPU, base="one loop", subject="two loops",
                      note="The server has two cores, or one where the generator needs the other.")
        split = Group("split", "Two loops: the busier one's part of the CPU time", "%", subject="two loops",
                      has_chart=False, has_ratios=False)
        counts = {"one loop": 1, "two loops": 2}
        with contextlib.ExitStack() as stack:
            started = {name: stack.enter_context(self.runner.start("ours", "--threads", threads,
                                                                   cores=self.runner.cores_of_loops()))
                       for name, threads in counts.items()}
            for cell in self.wanted(cells.LOOPS[:1] if self.is_smoke else cells.LOOPS):
                results = self.runner.interleaved({
                    name: lambda server=server, cell=cell: self.shared(server, cell)
                    for name, server in started.items()})
                self.record(group, cell, results)
                split.add(str(cell), {"two loops": results["two loops"]}, "busiestPercent")
        return [group, split]

    def shared(self, server, cell):
        """An echo, and how the server's threads shared it."""
        before = server.thread_times()
        figures = self.runner.load(server, "echo", *self.runner.window(), *cell.options())
        spent = [after - before.get(thread, 0) for thread, after in server.thread_times().items()]
        return {**figures, "busiestPercent": 100 * max(spent) / max(1, sum(spent))}


ALL = ["echo", "compression", "tls", "connections", "memory", "broadcast", "client", "loops"]


@contextlib.contextmanager
def certificate():
    """Options of a server for a certificate made on the spot."""
    script = servers.HERE.parent.parent / "examples" / "websocket" / "echo_tls" / "make_cert.sh"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([script, folder], check=True, capture_output=True)
        path = pathlib.Path(folder)
        yield ["--tls-cert", path / "cert.pem", "--tls-key", path / "key.pem"]


def number(value):
    return f"{value:.3g}" if value < 100 else f"{value:,.0f}"
