#!/usr/bin/python3
"""Runs every example as its README line says and drives it: run_examples_test.py [NAMETest …], with the folder of the
programs in EXAMPLES_BIN. Ports are ephemeral, and whatever has to be waited for is waited for by a line of output or
an event, never by time. Needs python3-websockets; without it, exits with 77 (skipped), in CI with 1."""
import asyncio
import base64
import contextlib
import glob
import http.client
import json
import os
import re
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import unittest

from running_examples import HERE, LIMIT, Case, HelpChecks, Program, run

try:
    import websockets
except ImportError:
    print("SKIPPED: python3-websockets is not installed (apt-get install python3-websockets)")
    sys.exit(1 if os.environ.get("AUTOBAHN_REQUIRE_PEERS") == "1" else 77)


def programs():
    names = ["demo", "ws"]
    for path in glob.glob(os.path.join(HERE, "websocket/*/*.cpp")):
        folder, role = os.path.basename(os.path.dirname(path)), os.path.basename(path)[: -len(".cpp")]
        if role in ("main", "server", "client"):
            names.append(folder if role == "main" else f"{folder}_{role}")
    names += ["rawsocket_echo_client", "rawsocket_echo_server"]
    return sorted(names)


def talk(url, *messages, answers=None, **options):
    """Sends messages and returns as many answers."""
    async def go():
        if url.startswith("ws+unix:"):
            connection = websockets.unix_connect(url[len("ws+unix://"):].split(":")[0], "ws://localhost/", **options)
        else:
            connection = websockets.connect(url, **options)
        async with connection as socket_:
            for message in messages:
                await socket_.send(message)
            count = len(messages) if answers is None else answers
            return [await asyncio.wait_for(socket_.recv(), LIMIT) for _ in range(count)]
    return asyncio.run(go())


def refusal(url, **options):
    """The HTTP status a connection is refused with."""
    async def go():
        try:
            async with websockets.connect(url, **options):
                return 101
        except websockets.exceptions.InvalidStatusCode as error:
            return error.status_code
    return asyncio.run(go())


def get(port, path, method="GET", body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
    with contextlib.closing(connection):
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, response.read().decode(), response.headers


def handshake(path="/"):
    return (f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode()


class TcpServer:
    """A TCP server on a thread: `handle(socket)` for each connection."""

    def __init__(self, handle):
        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                self.request.settimeout(LIMIT)
                handle(self.request)
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def pipe(one, other):
    """Copies both ways until both are at their end."""
    def copy(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
    back = threading.Thread(target=copy, args=(other, one), daemon=True)
    back.start()
    copy(one, other)
    back.join(LIMIT)


class HelpTest(HelpChecks, Case):
    programs = programs()

    def test_wrongUrlIsWrongUsage(self):
        self.fails(run("echo_client", "--url", "http://127.0.0.1/"), "http", code=2)


class EchoTest(Case):
    def test_clients(self):
        with Program("echo_server", "--port", 0) as server:
            self.assertIn("echo of 13 bytes", self.ok(run("echo_client", "--url", server.url)))
            for deflate in "off", "shared", "takeover":
                self.ok(run("echo_client", "--url", server.url, "--count", 3, "--size", 100000, "--deflate", deflate))
            self.assertEqual(talk(server.url, "Grüße", b"\0\xff"), ["Grüße", b"\0\xff"])

    def test_sharedCompression(self):
        with Program("echo_server", "--port", 0, "--deflate", "shared") as server:
            out = self.ok(run("echo_client", "--url", server.url, "--deflate", "takeover", "--count", 3))
            self.assertRegex(out, "server window 15 bits, no context takeover; client window 15 bits, no context")

    def test_tls(self):
        certificate, key = self.certificate()
        with Program("echo_server", "--port", 0, "--tls-cert", certificate, "--tls-key", key) as server:
            self.ok(run("echo_client", "--url", server.url, "--ca", certificate))
            self.ok(run("echo_client", "--url", server.url, "--insecure"))
            self.fails(run("echo_client", "--url", server.url), "certificate")

    def test_unixSocketAndQuiet(self):
        path = os.path.join(self.folder(), "echo.sock")
        with Program("echo_server", "--unix", path, "--quiet") as server:
            self.ok(run("echo_client", "--url", server.url))
            self.assertEqual(talk(server.url, "x"), ["x"])
            server.stop()
            self.assertEqual(server.seen, [f"listening on {server.url}"])
        self.assertFalse(os.path.exists(path))

    def test_threads(self):
        with Program("echo_server", "--port", 0, "--threads", 3) as server:
            for _ in range(6):
                self.assertEqual(talk(server.url, "x"), ["x"])

    def test_failures(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
            self.fails(run("echo_client", "--url", f"ws://127.0.0.1:{port}"), "(?i)refused")
        with Program("echo_server", "--port", 0) as server:
            self.fails(run("echo_server", "--port", server.port), "(?i)in use")


class RawsocketEchoTest(Case):
    def test_clients(self):
        with Program("rawsocket_echo_server", "--url", "rs://127.0.0.1:0") as server:
            out = self.ok(run("rawsocket_echo_client", "--url", server.url, "--count", 3, "--serializer", "cbor"))
            self.assertRegex(out, "(?s)cbor, at most 16777216 bytes.*pong after.*echo of 13 bytes")
            self.ok(run("rawsocket_echo_client", "--url", server.url, "--size", 16 * 1024 * 1024))

    def test_tls(self):
        certificate, key = self.certificate()
        with Program("rawsocket_echo_server", "--url", "rss://127.0.0.1:0", "--tls-cert", certificate,
                     "--tls-key", key) as server:
            self.ok(run("rawsocket_echo_client", "--url", server.url, "--ca", certificate, "--size", 100000))
            self.ok(run("rawsocket_echo_client", "--url", server.url, "--insecure"))
            self.fails(run("rawsocket_echo_client", "--url", server.url), "certificate")

    def test_unixSocketAndQuiet(self):
        path = os.path.join(self.folder(), "echo.sock")
        with Program("rawsocket_echo_server", "--url", f"rs+unix://{path}", "--quiet") as server:
            self.ok(run("rawsocket_echo_client", "--url", f"rs://unix:{path}"))
            server.stop()
            self.assertEqual(server.seen, [f"listening on {server.url}"])
        self.assertFalse(os.path.exists(path))

    def test_failures(self):
        with Program("rawsocket_echo_server", "--url", "rs://127.0.0.1:0", "--max-size", 1024) as server:
            self.fails(run("rawsocket_echo_client", "--url", server.url, "--size", 1025), "up to 1024 bytes")
        self.fails(run("rawsocket_echo_client", "--url", server.url), "(?i)refused")
        self.fails(run("rawsocket_echo_client", "--url", "ws://h"), "scheme 'ws'", 2)
        self.fails(run("rawsocket_echo_client", "--serializer", "xml"), "xml", 2)
        self.fails(run("rawsocket_echo_server", "--url", "rss://127.0.0.1:0"), "certificate")
        self.fails(run("rawsocket_echo_server", "--max-size", 1000), "maxMessagePayloadSize", 2)


class EchoTlsTest(Case):
    def test_trustAndReload(self):
        certificate, key = self.certificate()
        with Program("echo_tls_server", "--port", 0, "--tls-cert", certificate, "--tls-key", key) as server:
            first = self.ok(run("echo_tls_client", "--url", server.url, "--ca", certificate))
            self.assertRegex(first, r"(?s)TLSv1\.3.*CN=localhost.*echo: over TLS")
            self.fails(run("echo_tls_client", "--url", server.url), "certificate")
            script = os.path.join(HERE, "websocket/echo_tls/make_cert.sh")
            subprocess.run([script, os.path.dirname(certificate)], check=True, stdout=subprocess.DEVNULL)
            server.process.send_signal(signal.SIGHUP)
            server.wait("certificates reloaded")
            second = self.ok(run("echo_tls_client", "--url", server.url, "--ca", certificate))
            self.assertNotEqual(re.search("SHA-256 .*", first)[0], re.search("SHA-256 .*", second)[0])


class EchoCompressedTest(Case):
    def test_ratio(self):
        with Program("echo_compressed_server", "--port", 0) as server:
            out = self.ok(run("echo_compressed_client", "--url", server.url))
            self.assertIn("server window 12 bits", out)
            for ratio in re.findall(r"ratio ([\d.]+)", out):
                self.assertLess(float(ratio), 0.2)
            self.assertEqual(talk(server.url, "hello", b"raw"), ["hello", b"raw"])


class EchoVariantsTest(Case):
    def test_everyVariantArrives(self):
        out = self.ok(run("echo_variants"))
        for line in ("binary: 4 bytes binary in 1 frame", "moved: 1000000 bytes text in 1 frame",
                     "fragmented: 30 bytes text in 3 frames", "streamed: 14 bytes"):
            self.assertIn(line, out)


class EchoHttpheadersTest(Case):
    def test_bothWays(self):
        with Program("echo_httpheaders_server", "--port", 0) as server:
            out = self.ok(run("echo_httpheaders_client", "--url", server.url, "--user", "carol"))
            self.assertIn("X-Greeting: hello carol", out)
            self.assertIn("X-Service: echo", out)
            self.assertEqual(out.count("Set-Cookie:"), 2)
            self.assertIn("carol said: hello", out)


class ChatTest(Case):
    def test_page(self):
        with Program("chat", "--port", 0) as server:
            server.wait(f"http://127.0.0.1:{server.port}/")
            status, body, headers = get(server.port, "/")
            self.assertEqual((status, headers.get_content_type()), (200, "text/html"))
            for identifier in "log", "text", "send", "status":
                self.assertIn(f'id="{identifier}"', body)
            self.assertEqual(get(server.port, "/chat.js")[0], 200)
            self.assertEqual(get(server.port, "/../main.cpp")[0], 404)

    def test_everybodySeesEverything(self):
        async def go(url):
            async with websockets.connect(url) as one, websockets.connect(url) as other:
                await one.send("one: hi")
                for peer in one, other:
                    while await asyncio.wait_for(peer.recv(), LIMIT) != "one: hi":
                        pass
        with Program("chat", "--port", 0, "--threads", 2) as server:
            asyncio.run(go(server.url + "/chat"))
            self.assertEqual(refusal(server.url + "/elsewhere"), 404)


class SlowsquareTest(Case):
    def test_squares(self):
        with Program("slowsquare_server", "--port", 0, "--delay", 5) as server:
            lines = self.ok(run("slowsquare_client", "--url", server.url, "2", "1.5", '"ten"')).splitlines()
            self.assertEqual([json.loads(line) for line in lines[:2]],
                             [{"x": 2, "square": 4}, {"x": 1.5, "square": 2.25}])
            self.assertIn("error", json.loads(lines[2]))
            self.assertIn("error", json.loads(talk(server.url, "{}")[0]))

    def test_leavingWhileItThinks(self):
        with Program("slowsquare_server", "--port", 0, "--delay", 600000) as server:
            talk(server.url, '{"x": 1}', answers=0)
            self.assertEqual(server.stop(), 0)


class PingpongKeepaliveTest(Case):
    def test_silentPeersAreDropped(self):
        with Program("pingpong_keepalive", "--port", 0, "--interval", 30, "--timeout", 30) as server:
            with socket.create_connection(("127.0.0.1", server.port), LIMIT) as silent:
                silent.sendall(handshake())
                server.wait("lost .*")
                with contextlib.suppress(ConnectionResetError):
                    while silent.recv(4096):
                        pass

    def test_answersKeepTheConnection(self):
        async def go(server):
            async with websockets.connect(server.url) as connection:
                for _ in range(3):
                    await asyncio.get_running_loop().run_in_executor(None, server.wait, "pong from .* ms")
                await connection.send("still here")
                self.assertEqual(await connection.recv(), "still here")
        with Program("pingpong_keepalive", "--port", 0, "--interval", 20, "--timeout", 20000) as server:
            asyncio.run(go(server))


class MultiprotoTest(Case):
    def test_paths(self):
        with Program("multiproto", "--port", 0) as server:
            self.assertEqual(talk(server.url + "/upper", "abc é"), ["ABC é"])
            self.assertEqual(talk(server.url + "/reverse", "abc"), [b"cba"])
            numbered = talk(server.url + "/reverse", "abc", "d", subprotocols=["other", "numbered"])
            self.assertEqual(numbered, [b"1 cba", b"2 d"])
            self.assertEqual(refusal(server.url + "/nothing"), 404)


class StreamingTest(Case):
    def test_constantMemory(self):
        with Program("streaming_server", "--port", 0) as server:
            out = self.ok(run("streaming_client", "--url", server.url, "--size", 200_000_000))
            digests = re.findall("[0-9a-f]{64}", out)
            self.assertEqual(digests[0], digests[1])
            with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
                peak = int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1])
            if not os.environ.get("EXAMPLES_SANITIZED"):  # whose shadow memory counts
                self.assertLess(peak, 100_000)

    def test_foreignClient(self):
        async def go(url):
            async with websockets.connect(url) as connection:
                async def pieces():
                    for _ in range(1000):
                        yield b"piece"
                await connection.send(pieces())
                return await connection.recv()
        import hashlib
        with Program("streaming_server", "--port", 0) as server:
            self.assertEqual(asyncio.run(go(server.url)), hashlib.sha256(b"piece" * 1000).hexdigest())


class EchoMulticoreTest(Case):
    def test_severalThreadsServe(self):
        with Program("echo_multicore", "--port", 0, "--threads", 3) as server:
            threads = {re.match(r"thread (\S+),", talk(server.url, "who are you?")[0])[1] for _ in range(6)}
            self.assertEqual(len(threads), 3)
            self.assertEqual(talk(server.url, "abc"), ["abc"])


class ReconnectingTest(Case):
    def test_serverComesBack(self):
        with Program("echo_server", "--port", 0, "--quiet") as server:
            url, port = server.url, server.port
            client = self.enterContext(Program("reconnecting", "--url", url, "--first-delay", 10, "--retries", -1,
                                               listens=False))
            client.wait("got hello again")
        client.wait("closed|lost")
        client.wait("unreachable")
        with Program("echo_server", "--port", port, "--quiet"):
            client.wait("got hello again")
            client.stop()

    def test_givesUp(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"ws://127.0.0.1:{unused.getsockname()[1]}"
            result = run("reconnecting", "--url", url, "--first-delay", 1, "--retries", 2)
            self.fails(result, "gave up")
            self.assertEqual(result.stdout.count("unreachable"), 3)

    def test_theHookStopsIt(self):
        with Program("echo_server", "--port", 0, "--quiet") as server:
            client = self.enterContext(Program("reconnecting", "--url", server.url, "--stop-when-closed",
                                               listens=False))
            client.wait("got")
        self.assertEqual(client.process.wait(LIMIT), 0)


class WrappingTest(Case):
    def test_throughBoth(self):
        def shout(connection):
            while data := connection.recv(65536):
                connection.sendall(data.upper())
        data = b"abcdefghij" * 200_000
        with TcpServer(shout) as service, \
             Program("wrapping_server", "--port", 0, "--to-port", service.port) as server, \
             Program("wrapping_client", "--port", 0, "--url", server.url) as client, \
             socket.create_connection(("127.0.0.1", client.port), LIMIT) as connection:
            sender = threading.Thread(target=connection.sendall, args=(data,), daemon=True)
            sender.start()
            received = b""
            while len(received) < len(data):
                received += connection.recv(65536)
            sender.join(LIMIT)
            self.assertEqual(received, data.upper())

    def test_noService(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            with Program("wrapping_server", "--port", 0, "--to-port", unused.getsockname()[1]) as server:
                self.assertEqual(refusal(server.url), 502)


class UnixSocketTest(Case):
    def test_echo(self):
        folder = self.folder()
        self.assertRegex(self.ok(run("unix_socket", folder=folder)), "unix:.* says: no port needed")
        self.assertEqual(os.listdir(folder), [])


class BehindProxyTest(Case):
    def test_forwardedFor(self):
        header = {"X-Forwarded-For": "198.51.100.7, 192.0.2.1"}
        with Program("behind_proxy_server", "--port", 0, "--trusted", 1) as server:
            self.assertEqual(talk(server.url, answers=1, extra_headers=header), ["you are 192.0.2.1"])
        with Program("behind_proxy_server", "--port", 0) as server:
            self.assertRegex(talk(server.url, answers=1, extra_headers=header)[0], "you are tcp4:127.0.0.1:")

    def test_proxyHeader(self):
        with Program("behind_proxy_server", "--port", 0, "--proxy-protocol") as server:
            with socket.create_connection(("127.0.0.1", server.port), LIMIT) as connection:
                connection.sendall(b"PROXY TCP4 198.51.100.7 127.0.0.1 4321 80\r\n" + handshake())
                received = b""
                while b"you are" not in received:
                    data = connection.recv(4096)
                    self.assertTrue(data, received)
                    received += data
                self.assertIn(b"you are tcp4:198.51.100.7:4321", received)

    def test_httpConnect(self):
        seen = []

        def proxy(connection):
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(1)
            seen.append(head.decode())
            host, port = head.split()[1].decode().rsplit(":", 1)
            with socket.create_connection((host, int(port)), LIMIT) as target:
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                pipe(connection, target)
        with Program("behind_proxy_server", "--port", 0) as server, TcpServer(proxy) as through:
            arguments = "behind_proxy_client", "--url", server.url, "--proxy"
            out = self.ok(run(*arguments, f"http://me:secret@127.0.0.1:{through.port}"))
            self.assertIn("you are tcp4:", out)
            self.assertIn(base64.b64encode(b"me:secret").decode(), seen[0])
            self.fails(run(*arguments, "ftp://127.0.0.1"), "socks5", code=2)

    def test_socks5(self):
        seen = []

        def proxy(connection):
            file = connection.makefile("rb")
            _, count = file.read(2)
            file.read(count)
            connection.sendall(b"\5\0")
            _, command, _, kind = file.read(4)
            address = socket.inet_ntoa(file.read(4)) if kind == 1 else file.read(file.read(1)[0]).decode()
            port = int.from_bytes(file.read(2), "big")
            seen.append((command, address, port))
            with socket.create_connection((address, port), LIMIT) as target:
                connection.sendall(b"\5\0\0\1\0\0\0\0\0\0")
                pipe(connection, target)
        with Program("behind_proxy_server", "--port", 0) as server, TcpServer(proxy) as through:
            out = self.ok(run("behind_proxy_client", "--url", server.url, "--proxy",
                              f"socks5://127.0.0.1:{through.port}"))
            self.assertIn("you are tcp4:", out)
            self.assertEqual(seen, [(1, "127.0.0.1", server.port)])


class BesideHttpTest(Case):
    def test_allOnOnePort(self):
        async def go(server):
            async with websockets.connect(server.url + "/changes") as connection:
                loop = asyncio.get_running_loop()
                async def rest(*arguments):
                    return (await loop.run_in_executor(None, get, server.port, *arguments))[:2]
                self.assertEqual((await rest("/notes/a%20b", "PUT", "text"))[0], 201)
                self.assertEqual(await connection.recv(), "added a b")
                self.assertEqual(await rest("/notes/a%20b"), (200, "text"))
                self.assertEqual(await rest("/notes"), (200, "a b\n"))
                self.assertEqual((await rest("/notes/a%20b", "DELETE"))[0], 204)
                self.assertEqual(await connection.recv(), "removed a b")
                self.assertEqual((await rest("/notes/a%20b"))[0], 404)
                self.assertEqual((await rest("/notes/x", "PATCH", "y"))[0], 405)
                self.assertIn("<h1>Notes</h1>", (await rest("/"))[1])
        with Program("beside_http", "--port", 0) as server:
            asyncio.run(go(server))

    def test_tls(self):
        import ssl
        certificate, key = self.certificate()
        with Program("beside_http", "--port", 0, "--tls-cert", certificate, "--tls-key", key) as server:
            trust = ssl.create_default_context(cafile=certificate)
            connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=LIMIT, context=trust)
            with contextlib.closing(connection):
                connection.request("GET", "/notes.js")
                self.assertEqual(connection.getresponse().status, 200)
            talk(server.url + "/changes", ssl=trust)


class AuthenticationTest(Case):
    def test_whoGetsIn(self):
        with Program("authentication_server", "--port", 0) as server:
            arguments = "authentication_client", "--url", server.url
            self.assertIn("welcome, alice", self.ok(run(*arguments, "--token", "token-of-alice")))
            self.assertIn("welcome, bob", self.ok(run(*arguments, "--session", "session-of-bob")))
            self.fails(run(*arguments), "401")
            self.fails(run(*arguments, "--token", "token-of-mallory"), "401")
            cookie = {"Cookie": "lang=en; session=session-of-bob"}
            self.assertEqual(talk(server.url, answers=1, extra_headers=cookie, origin="http://localhost:8000"),
                             ["welcome, bob"])
            self.assertEqual(refusal(server.url, extra_headers=cookie, origin="http://evil.example"), 403)


class ServiceTest(Case):
    def test_drainsOnTerm(self):
        async def go(server):
            async with websockets.connect(server.url) as connection:
                await connection.send("x")
                await connection.recv()
                server.process.send_signal(signal.SIGHUP)
                await asyncio.get_running_loop().run_in_executor(None, server.wait, "certificates reloaded")
                server.process.send_signal(signal.SIGTERM)
                with self.assertRaises(websockets.ConnectionClosed):
                    await asyncio.wait_for(connection.recv(), LIMIT)
                self.assertEqual(connection.close_code, 1001)
        with Program("service", "--port", 0, end=signal.SIGTERM) as server:
            asyncio.run(go(server))
            server.wait("draining")
            server.wait("ended")
            self.assertEqual(server.process.wait(LIMIT), 0)

    def test_unitFile(self):
        with open(os.path.join(HERE, "websocket/service/autobahn-echo.service"), encoding="utf-8") as file:
            self.assertIn("ExecStart=", file.read())


class AnyEndpointTest(Case):
    def test_threeKinds(self):
        certificate, key = self.certificate()
        path = os.path.join(self.folder(), "x.sock")
        with Program("echo_server", "--port", 0) as plain, Program("echo_server", "--unix", path) as unix, \
             Program("echo_server", "--port", 0, "--tls-cert", certificate, "--tls-key", key) as secure:
            out = self.ok(run("any_endpoint", "--ca", certificate, plain.url, secure.url, unix.url))
            self.assertRegex(out, r"(?s)tcp4:.*: hello\n.*TLSv1\.3.*: hello\nunix:.*: hello")


class TickerTest(Case):
    def test_ticksAndFigures(self):
        with Program("ticker", "--port", 0, "--interval", 5, "--threads", 2) as server:
            first, second = talk(server.url, answers=2)
            self.assertEqual(int(second.split()[1]), int(first.split()[1]) + 1)
            server.wait(r"\([1-9]\d* so far\), messages sent [1-9]")


class WsTest(Case):
    def setUp(self):
        self.server = self.enterContext(Program("echo_server", "--port", 0))

    def test_oneShot(self):
        out = self.ok(run("ws", self.server.url, "-m", "one", "-m", "two", "--binary", "00 ff"))
        self.assertEqual(out, "one\ntwo\nbinary 2: 00ff\n")

    def test_interactive(self):
        result = run("ws", self.server.url, stdin="hello\n//slash\n/close 3000 bye\nnever sent\n")
        self.ok(result)
        self.assertIn("closed", result.stderr)
        self.server.wait("closed .* 3000 bye")

    def test_frames(self):
        result = run("ws", self.server.url, "--frames", "--deflate", "takeover", "-m", "hello hello hello")
        self.ok(result)
        self.assertRegex(result.stderr, r"(?m)^> text \d+ fin( rsv1)? masked\n< text \d+ fin")

    def test_pings(self):
        out = self.ok(run("ws", self.server.url, "--ping", 3))
        self.assertRegex(out, r"3 pings: min [\d.]+ ms, average [\d.]+ ms, max [\d.]+ ms")

    def test_headersAndSubprotocol(self):
        with Program("echo_httpheaders_server", "--port", 0) as server:
            self.assertIn("dave said: x", self.ok(run("ws", server.url, "-H", "X-User: dave", "-m", "x")))
        with Program("multiproto", "--port", 0) as server:
            result = run("ws", server.url + "/reverse", "-s", "numbered", "-m", "x")
            self.assertIn("binary 3: 312078", self.ok(result))
            self.assertIn("subprotocol numbered", result.stderr)

    def test_wait(self):
        with Program("ticker", "--port", 0, "--interval", 5) as server:
            self.assertEqual(len(self.ok(run("ws", server.url, "--wait", 3)).splitlines()), 3)

    def test_failures(self):
        self.fails(run("ws", self.server.url, "--wait", 1, "--timeout", 0.05), "timeout")
        self.fails(run("ws", self.server.url, "-m", "x", "-H", "no colon"), "Name: value", code=2)
        self.fails(run("ws", self.server.url, "--binary", "abc"), "hex", code=2)
        with Program("authentication_server", "--port", 0) as server:
            self.fails(run("ws", server.url, "--wait", 1), "401")


class DemoTest(Case):
    def test_transcript(self):
        out = self.ok(run("demo"))
        self.assertEqual(out.count("identical"), 12)
        self.assertEqual(out.count("closed       cleanly"), 4)
        self.assertIn("TLSv1.3", out)
        self.assertIn("permessage-deflate (", out)
        self.assertNotIn("DIFFERENT", out)

    def test_keepsServersUp(self):
        with Program("demo", "--keep", listens=False) as demo:
            url = demo.wait(r"ws (ws://\S+)")[1]
            self.assertEqual(talk(url, "still there"), ["still there"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
