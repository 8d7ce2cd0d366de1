#!/usr/bin/env python3
"""Runs the modes of wstest against each other: modes_test.py [NAMETest …], with the program in WSTEST. Ports are
ephemeral; whatever has to be waited for is waited for by a line of output or by an end, never by time."""
import base64
import contextlib
import hashlib
import json
import os
import queue
import re
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
WSTEST = os.environ.get("WSTEST") or os.path.join(HERE, "../../build/release/bin/wstest")
LIMIT = 60  # seconds; for what does not happen at all


def run(*arguments, folder=None):
    """Runs wstest to its end."""
    return subprocess.run([WSTEST, *map(str, arguments)], text=True, cwd=folder, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT)


class Program:
    """wstest in the background: it is ended by a signal when the block ends, and must end with 0 then."""

    def __init__(self, *arguments, listens=True, end=signal.SIGINT, folder=None, code=0):
        self.listens, self.end, self.code, self.lines, self.seen = listens, end, code, queue.Queue(), []
        self.isTold = False
        self.process = subprocess.Popen([WSTEST, *map(str, arguments)], text=True, cwd=folder,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def wait(self, pattern):
        """The match of the next line of output that has one."""
        while True:
            line = self.lines.get(timeout=LIMIT)
            if line is None:
                raise AssertionError(f"ended without a line like {pattern!r}: {self.seen}")
            self.seen.append(line)
            if match := re.search(pattern, line):
                return match

    def tell(self):
        """The signal, once: a second one would end it at once, or, when it has just ended its run, kill it."""
        if not self.isTold and self.process.poll() is None:
            self.process.send_signal(self.end)
        self.isTold = True

    def __enter__(self):
        if self.listens:
            self.url = self.wait(r"^listening on (\S+)$")[1]
        return self

    def __exit__(self, kind, *_):
        try:
            self.tell()
            code = self.process.wait(timeout=LIMIT)
            self.reader.join(LIMIT)
            if kind is None and code != self.code:
                raise AssertionError(f"ended with {code}: {self.seen} {list(self.lines.queue)}")
        finally:
            self.process.kill()
            self.process.wait()
            self.reader.join(LIMIT)
            self.process.stdout.close()


@contextlib.contextmanager
def unused_port():
    """A port that nobody listens on, for the time of the block."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


class Case(unittest.TestCase):
    def ok(self, result, code=0):
        self.assertEqual(result.returncode, code, result.stderr + result.stdout)
        return result.stdout

    def refused(self, result, pattern):
        """Bad input: one line, exit code 2."""
        self.assertEqual(result.returncode, 2, result.stderr + result.stdout)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertRegex(result.stderr, pattern)

    def folder(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        return holder.name

    def file(self, content, name="spec.json"):
        path = os.path.join(self.folder(), name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return path


class CommandLineTest(Case):
    MODES = ("fuzzingclient", "fuzzingserver", "testeeserver", "testeeclient", "echoserver", "echoclient",
             "broadcastserver", "broadcastclient", "massconnect", "load")

    def test_overviewIsShort(self):
        out = self.ok(run())
        self.assertLess(len(out.splitlines()), 40)
        for mode in self.MODES:
            self.assertIn(f"  {mode} ", out)

    def test_helpShowsEverything(self):
        out = self.ok(run("--help"))
        for mode in self.MODES:
            self.assertIn(f"wstest {mode}: ", out)
        for option in ("--cases", "--fail-on", "--tls-ca", "--webport", "--in-flight", "--batch-delay"):
            self.assertIn(option, out)

    def test_eachModeHasHelpWithExamples(self):
        for mode in self.MODES:
            out = self.ok(run(mode, "--help"))
            self.assertRegex(out, rf"Examples:\n +wstest {mode} ws")
            self.assertEqual(out, self.ok(run("-m", mode, "--help")))
            self.assertLessEqual(max(map(len, out.splitlines())), 120, mode)

    def test_version(self):
        self.assertRegex(self.ok(run("--version")), r"^wstest \d+\.\d+\.\d+$")

    def test_badInput(self):
        self.refused(run("nonsense"), "there is no mode 'nonsense'; there are fuzzingclient, ")
        self.refused(run("-m", "wsperfcontrol"), "'load'")
        self.refused(run("-m"), "needs the name of a mode")
        self.refused(run("--quick"), "which mode")
        self.refused(run("load", "--conections", 5), "--conections")
        self.refused(run("load", "--connections", "many"), "--connections")
        self.refused(run("load", "ws://a", "ws://b"), "one URL is enough")
        self.refused(run("echoserver", "http://h"), "http")
        self.refused(run("echoserver", "--port", 0, "--tls-cert", "/no/such.pem", "--tls-key", "/no"), "such.pem")
        self.refused(run("echoclient", "ws://127.0.0.1:1", "--header", "no colon"), "Name: value")

    def test_bothForms(self):
        with Program("-m", "echoserver", "-w", "ws://127.0.0.1:0") as server:
            self.ok(run("--mode=echoclient", "--wsuri=" + server.url, "--count", 1))
            self.ok(run("-mechoclient", "-w", server.url, "--count", 1))
            self.ok(run("-w", server.url, "--count", "1", "-m", "echoclient"))
            self.ok(run(server.url, "--count", "1", "--mode", "echoclient"))
            self.assertIn("echo of 5 bytes", self.ok(run("echoclient", server.url, "--count", 1, "--message", "-mine")))


class ListTest(Case):
    def ids(self, *arguments):
        return self.ok(run("--list=ids", *arguments)).split()

    def test_theClassicOnesAreThere(self):
        ids = self.ids()
        self.assertEqual(len(ids), len(set(ids)))
        sizes = {group: len(self.ids("--cases", f"{group}.*")) for group in (1, 2, 3, 4, 5, 6, 7, 9, 10, 12, 13)}
        self.assertEqual(sizes, {1: 16, 2: 11, 3: 7, 4: 10, 5: 20, 6: 145, 7: 37, 9: 54, 10: 1, 12: 90, 13: 126})

    def test_filters(self):
        self.assertEqual(self.ids("--cases", "1.1.1,1.1.2", "--exclude", "1.1.2"), ["1.1.1"])
        servers, clients = self.ids("fuzzingclient"), self.ids("-m", "fuzzingserver")
        self.assertIn("14.1.1", servers)
        self.assertNotIn("14.1.1", clients)
        self.assertNotIn("15.1.1", servers)
        self.refused(run("--list", "--cases", "77.*"), "no case matches '77.*'")
        self.refused(run("--list", "echoserver"), "'echoserver' has no cases")

    def test_text(self):
        out = self.ok(run("--list", "--cases", "6.4.1"))
        for pattern in (r"(?m)^6  ", r"(?m)^6\.4  ", r"6\.4\.1  ", "does ", "expects ", r"section +RFC 6455",
                        r"(?m)^1 case$"):
            self.assertRegex(out, pattern)
        self.assertNotRegex(out, r"(?m)^6\.3  ")


class EchoTest(Case):
    def test_echo(self):
        with Program("echoserver", "--port", 0, end=signal.SIGTERM) as server:
            out = self.ok(run("echoclient", server.url, "--count", 3, "--interval", 0))
            self.assertEqual(out.count("echo of 13 bytes"), 3)
            out = self.ok(run("echoclient", server.url, "--count", 1, "--size", 70000, "--deflate", "takeover"))
            self.assertIn("echo of 70000 bytes", out)
            self.assertIn("permessage-deflate (", out)

    def test_tls(self):
        with Program("echoserver", "wss://localhost:0", "--quiet", "--threads", 2) as server:
            self.ok(run("echoclient", server.url, "--count", 1, "--insecure"))
            self.refused(run("echoclient", server.url, "--count", 1), "certificate")

    def test_failures(self):
        with unused_port() as port:
            self.refused(run("echoclient", f"ws://127.0.0.1:{port}"), "cannot connect.*refused")
        with Program("broadcastserver", "--port", 0, "--interval", "0.001") as server:
            result = run("echoclient", server.url, "--interval", 0)
            self.assertIn("differs", result.stderr)
            self.assertEqual(result.returncode, 1)
        with Program("echoserver", "--port", 0) as server:
            port = server.url.rsplit(":", 1)[1]
            self.refused(run("echoserver", "--port", port), "in use")

    def test_interrupted(self):
        with Program("echoserver", "--port", 0) as server:
            for end in (signal.SIGINT, signal.SIGTERM):
                with Program("echoclient", server.url, listens=False, end=end) as client:
                    client.wait("echo of 13 bytes")


class BroadcastTest(Case):
    def test_everybodyHearsAll(self):
        with Program("broadcastserver", "--port", 0, "--interval", 0, "--threads", 2) as server:
            with Program("broadcastclient", server.url, "--interval", 0, listens=False) as silent:
                # Not told when it is connected: spoken to until it hears.
                with Program("broadcastclient", server.url, "--interval", "0.01", listens=False) as speaker:
                    silent.wait(rf"received: hello from .*\[{speaker.process.pid}\]")
                    speaker.wait(rf"received: hello from .*\[{speaker.process.pid}\]")

    def test_ticks(self):
        with Program("broadcastserver", "--port", 0, "--interval", "0.01") as server:
            out = self.ok(run("broadcastclient", server.url, "--count", 3, "--interval", 0))
            ticks = [int(each) for each in re.findall(r"received: tick (\d+)", out)]
            self.assertEqual(ticks, list(range(ticks[0], ticks[0] + 3)))


class MassConnectTest(Case):
    def test_manyToSeveral(self):
        with Program("echoserver", "--port", 0, "--quiet") as one, Program("testeeserver", "--port", 0) as other:
            out = self.ok(run("massconnect", one.url, other.url, "--connections", 250, "--batch", 50, "--json"))
            found = json.loads(out)
            self.assertEqual((found["connections"], found["failed"], found["lost"]), (250, 0, 0))
            self.assertGreater(found["connectsPerSecond"], 0)
            self.assertGreaterEqual(found["connectMax"], found["connectP50"])

    def test_spec(self):
        with Program("echoserver", "--port", 0, "--quiet") as server:
            servers = [{"name": "a", "uri": server.url, "desc": ""}, {"name": "b", "uri": server.url}]
            spec = self.file({"options": {"connections": 30, "batchsize": 7, "batchdelay": 1, "retrydelay": 1},
                              "servers": servers})
            out = self.ok(run("-m", "massconnect", "-s", spec, "-o", spec + ".out"))
            self.assertRegex(out, r"(?m)^ +60  connections open$")
            with open(spec + ".out", encoding="utf-8") as file:
                self.assertEqual(json.load(file)["connections"], 60)

    def test_nobodyThere(self):
        with unused_port() as port:
            result = run("massconnect", f"ws://127.0.0.1:{port}", "--connections", 5, "--retries", 1)
            self.assertEqual(result.returncode, 1)
            self.assertRegex(result.stderr, "(?m)^10 times: .*refused")

    def test_interruptedAndLost(self):
        with Program("echoserver", "--port", 0, "--quiet") as server:
            with Program("massconnect", server.url, "--connections", 5, "--hold", 600, listens=False) as mass:
                mass.wait("holding 5 connections")
        with Program("echoserver", "--port", 0, "--quiet") as server:
            mass = Program("massconnect", server.url, "--connections", 5, "--hold", 600, listens=False, code=1)
            with mass:
                mass.wait("holding 5 connections")
                server.tell()
                mass.wait("5 +lost while held")


class LoadTest(Case):
    def test_count(self):
        with Program("echoserver", "--port", 0, "--quiet", "--threads", 2) as server:
            out = self.ok(run("load", server.url, "--count", 2000, "--connections", 9, "--in-flight", 3, "--threads", 2,
                              "--json"))
            found = json.loads(out)
            self.assertEqual(found["messages"], 2000)
            for less, more in (("P50", "P90"), ("P90", "P99"), ("P99", "P99.9"), ("P99.9", "Max")):
                self.assertLessEqual(found["latency" + less], found["latency" + more])
            out = self.ok(run("load", server.url, "--count", 100, "--text", "--size", 5000, "--deflate", "takeover"))
            self.assertRegex(out, r"(?m)^ +100  messages sent and echoed$")

    def test_duration(self):
        with Program("echoserver", "wss://127.0.0.1:0", "--quiet") as server:
            out = self.ok(run("load", server.url, "--insecure", "--duration", "0.2", "--size", 0, "--json"))
            self.assertGreater(json.loads(out)["messagesPerSecond"], 0)

    def test_failures(self):
        with unused_port() as port:
            self.refused(run("load", f"ws://127.0.0.1:{port}", "--connections", 3, "--threads", 2), "refused")
        with Program("broadcastserver", "--port", 0, "--interval", "0.01") as server:
            result = run("load", server.url)
            self.assertEqual(result.returncode, 1, result.stdout)
            # By when the first of the broadcasts comes.
            self.assertRegex(result.stderr, "wstest load: (an echo differs from what was sent|"
                                            "the server sent a message without being asked)")

    def test_interrupted(self):
        with Program("echoserver", "--port", 0) as server:
            with Program("load", server.url, "--duration", 600, listens=False, code=130) as load:
                server.wait("^open ")
            load.wait("messages sent and echoed")
            load.wait("interrupted")


class FuzzingClientTest(Case):
    def test_reports(self):
        folder = self.folder()
        with Program("testeeserver", "--port", 0, "--agent", "Mine/1") as server:
            out = self.ok(run("fuzzingclient", server.url, "--cases", "1.1.*,2.1", "--exclude", "1.1.8", "--outdir",
                              folder, "--junit", folder + "/junit.xml", "--tap", folder + "/out.tap", "--jobs", 2))
            self.assertIn("Mine/1", out)
            with open(folder + "/index.json", encoding="utf-8") as file:
                found = json.load(file)["Mine/1"]
            self.assertEqual(sorted(found), ["1.1.1", "1.1.2", "1.1.3", "1.1.4", "1.1.5", "1.1.6", "1.1.7", "2.1"])
            self.assertEqual({each["behavior"] for each in found.values()}, {"OK"})
            self.assertLessEqual({"junit.xml", "out.tap", "index.html"}, set(os.listdir(folder)))

    def test_spec(self):
        folder = self.folder()
        with Program("testeeserver", "--port", 0) as server:
            spec = self.file({"options": {"failByDrop": False}, "outdir": "out", "oops": 1, "cases": ["1.1.1", "1.2.*"],
                              "servers": [{"agent": "A", "url": server.url, "options": {"version": 18}}],
                              "exclude-cases": ["1.2.8"], "exclude-agent-cases": {"A": ["1.2.7"]}})
            result = run("-m", "fuzzingclient", "-s", spec, folder=folder)
            self.ok(result)
            self.assertRegex(result.stderr, "oops: unknown, ignored")
            with open(folder + "/out/index.json", encoding="utf-8") as file:
                self.assertEqual(sorted(json.load(file)["A"]),
                                 ["1.1.1", "1.2.1", "1.2.2", "1.2.3", "1.2.4", "1.2.5", "1.2.6"])

    def test_tls(self):
        with Program("testeeserver", "wss://127.0.0.1:0") as server:
            self.ok(run("fuzzingclient", server.url, "--cases", "1.1.1", "--insecure", "--outdir", ""))
            self.refused(run("fuzzingclient", server.url, "--cases", "1.1.1", "--outdir", ""), "certificate")

    def test_defaultSpec(self):
        folder = self.folder()
        result = run("fuzzingclient", "--cases", "77.1", folder=folder)
        self.refused(result, "77.1")
        self.assertIn("made the spec file ./fuzzingclient.json", result.stdout)
        with open(folder + "/fuzzingclient.json", encoding="utf-8") as file:
            self.assertEqual(json.load(file)["servers"][0]["url"], "ws://127.0.0.1:9001")
        self.assertIn("using the spec file", run("fuzzingclient", "--cases", "77.1", folder=folder).stdout)

    def test_badInput(self):
        def fuzz(url, *arguments):
            return run("fuzzingclient", url, "--outdir", "", *arguments)
        with unused_port() as port:
            url = f"ws://127.0.0.1:{port}"
            self.refused(fuzz(url), "refused")
            self.refused(fuzz(url, "--cases", "77.*"), "no case matches '77.*'")
            self.refused(fuzz(url, "--fail-on", "sometimes"), "sometimes")
            self.refused(fuzz(url, "--compare", "/no/such/index.json"), "/no/such/index.json")
            self.refused(run("fuzzingclient", url, "--outdir", "/dev/null/x"), "/dev/null/x")
            self.refused(run("fuzzingclient", "-s", self.file("{,}")), r"spec\.json:1:2: no JSON")
            self.refused(run("fuzzingclient", "-s", self.file({"servers": [{"url": 1}]})),
                         r"spec\.json: servers\[0\]\.url: must be a string, is a number")
            self.refused(run("fuzzingclient", "-s", "/no/such.json"), "/no/such.json: cannot read: No such file")
        self.refused(fuzz("http://127.0.0.1"), "ws://")

    def test_interrupted(self):
        folder = self.folder()
        with Program("testeeserver", "--port", 0) as server:
            arguments = "fuzzingclient", server.url, "--cases", "12.*", "--outdir", folder
            with Program(*arguments, listens=False, code=130) as client:
                client.wait("^testing ")
        self.assertIn("index.json", os.listdir(folder))

    def test_peerThatNeverAnswers(self):
        with socket.create_server(("127.0.0.1", 0)) as mute:
            url = f"ws://127.0.0.1:{mute.getsockname()[1]}"
            self.refused(run("fuzzingclient", url, "--agent", "mute", "--cases", "1.1.1", "--outdir", "", "--patience",
                             "0.2", "--fail-on", "never"), "does not answer")


class FuzzingServerTest(Case):
    def test_reports(self):
        folder = self.folder()
        cases = "1.1.*,7.1.6,15.1.*"
        with Program("fuzzingserver", "--port", 0, "--outdir", folder, "--cases", cases) as server:
            out = self.ok(run("testeeclient", server.url, "--agent", "Mine 1", "--jobs", 2))
            self.assertRegex(out, r"\d+ cases.* \d+ OK")
            self.assertIn("reports updated", out)
        with open(folder + "/index.json", encoding="utf-8") as file:
            found = json.load(file)["Mine 1"]
        ids = self.ok(run("--list=ids", "fuzzingserver", "--cases", cases)).split()
        self.assertEqual(sorted(found), sorted(ids))

    def test_tls(self):
        folder = self.folder()
        with Program("fuzzingserver", "wss://127.0.0.1:0", "--outdir", folder, "--cases", "1.1.1,19.*") as server:
            self.ok(run("testeeclient", server.url, "--tls-ca", folder + "/ca.pem", "--all"))
            self.refused(run("testeeclient", server.url), "certificate")

    def test_interrupted(self):
        # Whether the case has begun is left open: one that has is a failure of the client's.
        arguments = "fuzzingserver", "--port", 0, "--outdir", "", "--cases", "12.1.18", "--fail-on", "never"
        with Program(*arguments) as server:
            with Program("testeeclient", server.url, listens=False, code=130) as client:
                client.wait("^cases 1 to 1 ")

    def test_someCases(self):
        with Program("fuzzingserver", "--port", 0, "--outdir", "", "--cases", "1.1.*", end=signal.SIGTERM) as server:
            out = self.ok(run("testeeclient", server.url, "--first", 2, "--last", 3, "--all"))
            self.assertEqual(re.findall(r"case \d+ \(([\d.]+)\): (\w+)", out), [("1.1.2", "OK"), ("1.1.3", "OK")])
            self.refused(run("testeeclient", server.url, "--last", 99), "cases 1 to 99 are not to be had: there are 8")

    def test_defaultSpec(self):
        folder = self.folder()
        self.refused(run("fuzzingserver", "--cases", "77.1", "--webport", -1, folder=folder), "77.1|in use")
        with open(folder + "/fuzzingserver.json", encoding="utf-8") as file:
            self.assertEqual(json.load(file)["url"], "ws://127.0.0.1:9001")

    def test_badInput(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.refused(run("fuzzingserver", "--port", port, "--outdir", ""), f"{port}.*in use")
        self.refused(run("fuzzingserver", "--port", 0, "--outdir", "/dev/null/x"), "/dev/null/x")
        self.refused(run("fuzzingserver", "--port", 0, "--outdir", "", "--cases", "77.*"), "no case matches")
        self.refused(run("fuzzingserver", "-s", self.file({"url": "ws://h", "webport": -1})), "webport: must be")
        with unused_port() as port:
            self.refused(run("testeeclient", f"ws://127.0.0.1:{port}"), "cannot connect.*refused")


def handshake(connection, request=None, more=b""):
    """Does a server's part of the opening handshake and returns what was asked for; with `request` the client's."""
    if request:
        connection.sendall(request)
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(1)
    if request:
        return head
    key = re.search(rb"(?i)sec-websocket-key: *(\S+)", head)[1]
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       b"Sec-WebSocket-Accept: " + accept + b"\r\n" + more + b"\r\n")
    return head.split()[1].decode()


class OldHarness:
    """A harness that knows nothing of /getCaseInfo and /getCaseStatus, and two cases."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self.socket.getsockname()[1]}"
        self.seen = []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while not self.seen or not self.seen[-1].startswith("/updateReports"):
            connection, _ = self.socket.accept()
            with connection:
                connection.settimeout(LIMIT)
                path = handshake(connection)
                self.seen.append(path)
                if path == "/getCaseCount":
                    connection.sendall(b"\x81\x012")
                elif path.startswith("/runCase"):
                    connection.sendall(b"\x81\x07echo me")
                    head = self.read(connection, 2 + 4 + 7)
                    self.seen.append(bytes(each ^ head[2 + i % 4] for i, each in enumerate(head[6:])).decode())
                connection.sendall(b"\x88\x02\x03\xe8")
                self.read(connection, 8)

    @staticmethod
    def read(connection, size):
        data = b""
        while len(data) < size and (more := connection.recv(size - len(data))):
            data += more
        return data


class TesteeTest(Case):
    def test_server(self):
        with Program("testeeserver", "--port", 0) as server:
            for size in (0, 126, 65536, 20_000_000):
                self.ok(run("echoclient", server.url, "--count", 1, "--size", size))
            with socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1])), LIMIT) as connection:
                handshake(connection, b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
                # A reserved opcode: the code and a reason go out before the end.
                connection.sendall(b"\x83\x80\0\0\0\0")
                close = b""
                while data := connection.recv(4096):
                    close += data
            self.assertEqual((close[0], int.from_bytes(close[2:4], "big")), (0x88, 1002))

    def test_clientWithAnOldHarness(self):
        harness = OldHarness()
        out = self.ok(run("testeeclient", harness.url, "--agent", "A B"))
        harness.thread.join(LIMIT)
        harness.socket.close()
        self.assertIn("2 cases, 2 not told", out)
        self.assertEqual([each for each in harness.seen if "/getCaseI" not in each and "/getCaseS" not in each],
                         ["/getCaseCount", "/runCase?case=1&agent=A%20B", "echo me", "/runCase?case=2&agent=A%20B",
                          "echo me", "/updateReports?agent=A%20B"])

    def test_noHarness(self):
        with Program("echoserver", "--port", 0) as server:
            self.refused(run("testeeclient", server.url, "--patience", "0.2"), "does not tell how many cases")


if __name__ == "__main__":
    unittest.main(verbosity=2)
