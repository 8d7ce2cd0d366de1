#!/usr/bin/python3
"""Runs every WAMP example against wamp_router and looks at what it prints: run_wamp_examples_test.py [NAMETest …], with
the folder of the programs in EXAMPLES_BIN. Those that have a twin in JavaScript are run with it as well, when Node and
the npm packages are there (`make interop-deps`; with AUTOBAHN_REQUIRE_PEERS=1 they must be)."""
import asyncio
import glob
import http.client
import os
import re
import shutil
import sys
import unittest

from running_examples import HERE, LIMIT, Case, HelpChecks, Program, run

INTEROP = os.path.join(HERE, "../testsuite/interop")
MODULES = os.path.join(INTEROP, "node_modules")


def programs():
    mains = glob.glob(os.path.join(HERE, "wamp/*/main.cpp")) + glob.glob(os.path.join(HERE, "wamp/*/*/main.cpp"))
    return sorted(os.path.relpath(os.path.dirname(path), HERE).replace("/", "_") for path in mains)


def missing_peers(program, *packages):
    """What is not there of a program and npm packages, in words; None when all is."""
    if not shutil.which(program):
        return f"{program} is not installed"
    missing = [name for name in packages if not os.path.isdir(os.path.join(MODULES, name))]
    return f"npm {' and '.join(missing)} not installed (make interop-deps)" if missing else None


class WampCase(Case):
    """Has a router on every transport."""

    def setUp(self):
        self.ca, key = self.certificate()
        socket = os.path.join(self.folder(), "wamp.sock")
        listeners = {"ws": "ws://127.0.0.1:0/ws", "rs": "rs://127.0.0.1:0", "wss": "wss://127.0.0.1:0/ws",
                     "rss": "rss://127.0.0.1:0", "unix": f"rs+unix://{socket}"}
        arguments = [part for url in listeners.values() for part in ("--url", url)]
        self.router = self.enterContext(Program("wamp_router", *arguments, "--tls-cert", self.ca, "--tls-key", key))
        self.urls = {name: self.router.url if name == "ws" else self.router.wait(r"listening on (\S+)")[1]
                     for name in listeners}

    def example(self, name, *patterns, over=("ws", "rs"), options=()):
        """Runs both roles together over each transport; the output must have each of the patterns."""
        for transport in over:
            with self.subTest(transport):
                trust = ("--ca", self.ca) if transport in ("wss", "rss") else ()
                self.has(self.ok(run(name, "--url", self.urls[transport], *trust, *options)), patterns)

    def has(self, out, patterns):
        for pattern in patterns:
            self.assertRegex(out, pattern)

    def needs(self, program, *packages):
        missing = missing_peers(program, *packages)
        if missing and os.environ.get("AUTOBAHN_REQUIRE_PEERS") == "1":
            self.fail(missing)
        if missing:
            self.skipTest(missing)

    def twins(self, name, *patterns, backend=()):
        """Runs the frontend of either language with the backend of the other one. `patterns` are for the frontend's
        output, `backend` for a line of the backend's."""
        self.needs("node", "autobahn", "ws")
        folder = os.path.join(HERE, name.replace("_", "/", 2))
        url, node = self.urls["ws"], shutil.which("node")
        with Program(name, "--url", url, "--role", "backend", listens=False) as program:
            program.wait("backend is ready")
            self.has(self.ok(run(node, f"{folder}/frontend.js", url)), patterns)
            for pattern in backend:
                program.wait(pattern)
        with Program(node, f"{folder}/backend.js", url, listens=False) as program:
            program.wait("backend is ready")
            self.has(self.ok(run(name, "--url", url, "--role", "frontend")), patterns)
            for pattern in backend:
                program.wait(pattern)


class WampHelpTest(HelpChecks, Case):
    programs = programs()

    def test_wrongUsage(self):
        self.fails(run("wamp_overview", "--serializer", "xml"), "xml", code=2)
        self.fails(run("wamp_overview", "--role", "spectator"), "role", code=2)
        self.fails(run("wamp_overview", "--url", "http://127.0.0.1"), "http", code=2)
        self.fails(run("wamp_router", "--url", "http://127.0.0.1"), "http", code=2)


class WampRouterTest(WampCase):
    def test_refusals(self):
        url = self.urls["ws"]
        self.fails(run("wamp_overview", "--url", url, "--realm", "nowhere"), "no_such_realm")
        self.fails(run("wamp_overview", "--url", url, "--realm", "auth"), "wamp.error.no_matching_auth_method")
        self.fails(run("wamp_overview", "--url", self.urls["wss"]), "certificate")
        self.fails(run("wamp_router", "--url", url), "(?i)in use")
        self.router.stop()
        self.fails(run("wamp_overview", "--url", url), "(?i)refused")

    def test_itGoesAway(self):
        arguments = "--url", self.urls["rs"], "--role", "backend"
        with self.assertRaisesRegex(AssertionError, "ended with 1"):
            with Program("wamp_pubsub_basic", *arguments, listens=False) as backend:
                backend.wait("backend is ready")
                self.router.stop()
                backend.wait("wamp.close.system_shutdown")
                backend.process.wait(LIMIT)


class WampPagesTest(WampCase):
    def setUp(self):
        super().setUp()
        library = os.path.join(MODULES, "autobahn-browser")
        folders = [os.path.join(HERE, "wamp")] + ([library] if os.path.isdir(library) else [])
        arguments = [part for folder in folders for part in ("--directory", folder)]
        pages = self.enterContext(Program("wamp_router", "--url", "ws://127.0.0.1:0", "--http-port", 0, *arguments))
        self.port = int(pages.wait(r"pages at http://127.0.0.1:(\d+)/")[1])

    def test_theyAreServed(self):
        for path, status in (("/pubsub/basic/index.html", 200), ("/rpc/arguments/index.html", 200),
                             ("/overview/index.html", 200), ("/page.js", 200), ("/page.css", 200), ("/none", 404)):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
            connection.request("GET", path)
            self.assertEqual(connection.getresponse().status, status, path)
            connection.close()

    def test_inABrowser(self):
        self.needs("chromium", "autobahn-browser")
        sys.path.insert(0, INTEROP)
        import browser

        async def go():
            async with browser.launch(self.folder()) as chromium:
                for name, last in (("pubsub/basic", "got event: "), ("rpc/arguments", "arglen: 3,2"),
                                   ("overview", "the page was told: hello to you too")):
                    program = "wamp_" + name.replace("/", "_")
                    with Program(program, "--url", self.urls["ws"], "--role", "backend", listens=False) as backend:
                        backend.wait("backend is ready")
                        address = f"http://127.0.0.1:{self.port}/{name}/index.html?url={self.urls['ws']}"
                        tab = await chromium.tab(address)
                        await tab.until(f"document.getElementById('log').textContent.includes('{last}')", name)
                        await tab.close()
        asyncio.run(go())


class WampFirstTest(WampCase):
    def test_overview(self):
        self.example("wamp_overview", "frontend has joined realm1", "2 \\+ 3 = 5",
                     "backend was told: hello from the frontend", "frontend was told: hello to you too",
                     over=("ws", "rs", "wss", "rss", "unix"))

    def test_serializers(self):
        for serializer in "json", "msgpack", "cbor", "ubjson", "flatbuffers":
            self.example("wamp_overview", "2 \\+ 3 = 5", options=("--serializer", serializer))

    def test_hello(self):
        self.example("wamp_hello", r"frontend: add2\((\d+), 1\) = \d+", r"backend: mul2\(\d+, 3\) = \d+",
                     "backend: event 'onhello': hello from the frontend")

    def test_calculator(self):
        self.example("wamp_calculator", r"/ 8 - 1 = 1\.5", "1.5 / 0: nothing can be divided by zero")

    def test_keyvalue(self):
        self.example("wamp_keyvalue", r'address is now \{"city": "Erlangen", "zip": 91054\}', "answer is now 42",
                     "2 keys", "in Erlangen", "answer is now null")

    def test_rawsocket(self):
        self.example("wamp_rawsocket", r"connected by rawsocket to \S+, \w+\nRAW SOCKETS", over=("rs", "rss", "unix"))
        self.example("wamp_rawsocket", "connected by rawsocket to .*, cbor", over=("rs",),
                     options=("--serializer", "cbor"))

    def test_component(self):
        self.example("wamp_component", "(?s)no/such/socket is unreachable, on to the next.*add2: 5"
                     ".*the connection was lost.*add2: 5")

    def test_subscribeUponCall(self):
        self.example("wamp_subscribe_upon_call",
                     "(?s)^backend subscribes.*seen: in time.*frontend knows that it was seen: in time")


class WampPubsubTest(WampCase):
    def test_basic(self):
        events = r"got event: \d+\n" * 5 + "$"
        self.example("wamp_pubsub_basic", "^" + events, over=("ws", "rs", "wss", "rss", "unix"))
        self.twins("wamp_pubsub_basic", events)

    def test_complex(self):
        event = r"event \d+: shape (\d+), red, 2 points to x = \1"
        self.example("wamp_pubsub_complex", "heartbeat", event)
        self.twins("wamp_pubsub_complex", "heartbeat", event)

    def test_options(self):
        event = r"frontend: event (\d+), publication (\d+), published by a session that says so on com.myapp.topic1"
        self.example("wamp_pubsub_options", event, r"published (\d+) as (\d+)\n",
                     r"backend's own event (\d+), publication \d+", "backend's own event -1")
        self.twins("wamp_pubsub_options", event)
        out = self.ok(run("wamp_pubsub_options", "--url", self.urls["ws"]))
        for counter, publication in re.findall(r"frontend: event (\d+), publication (\d+)", out):
            self.assertIn(f"backend's own event {counter}, publication {publication}", out)
        self.assertNotIn("frontend: event -1", out)

    def test_retained(self):
        self.example("wamp_pubsub_retained", r"^published to nobody\nweather: sunny \(retained\)\n$")

    def test_unsubscribe(self):
        run_ = r"subscribed\n(got event: \d+\n){3}unsubscribed, 0 handlers left\n"
        self.example("wamp_pubsub_unsubscribe", f"^{run_}{run_}$")
        self.twins("wamp_pubsub_unsubscribe", f"{run_}{run_}$")

    def test_decorators(self):
        self.example("wamp_pubsub_decorators", r"topic1: (\d+)\n", r"topic2: tick \d+\n")

    def test_tls(self):
        self.example("wamp_pubsub_tls", r"TLSv1\.3, TLS\w+, certificate of CN=localhost\n(got event: \d+\n){3}$",
                     over=("wss", "rss"))
        self.fails(run("wamp_pubsub_tls", "--url", self.urls["ws"]), "no_tls")


class WampRpcTest(WampCase):
    def test_timeservice(self):
        now = r"current time from the time service: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
        self.example("wamp_rpc_timeservice", now)
        self.twins("wamp_rpc_timeservice", now)

    def test_slowsquare(self):
        order = (r"com\.math\.square of 3: 9 after [\d.e-]+ s\n"
                 r"com\.math\.slowsquare of 3: 9 after (0\.[45]|[1-9])[\d.]* s\n$")
        self.example("wamp_rpc_slowsquare", "^" + order)
        self.twins("wamp_rpc_slowsquare", order)

    def test_arguments(self):
        lines = ("pinged", "add2: 5", "stars: somebody starred 0x", "stars: Homer starred 0x",
                 "stars: somebody starred 5x", "stars: Homer starred 5x", "order: coffee 2",
                 "arglen: 3 positional, 2 by keyword")
        self.example("wamp_rpc_arguments", *lines, over=("ws", "rs", "wss", "rss", "unix"))
        self.twins("wamp_rpc_arguments", *lines)

    def test_complex(self):
        lines = r"sum: 6 \+ 8i", "forename: Homer, surname: Simpson", r"product: -7 \+ 22i"
        self.example("wamp_rpc_complex", *lines)
        self.twins("wamp_rpc_complex", *lines)

    def test_errors(self):
        lines = (r"sqrt\(4\) = 2", r"sqrt\(0\): wamp\.error\.runtime_error: don't ask silly questions",
                 r"sqrt\(-4\): NegativeNumber, no root of a negative number", "foo: com.myapp.error.reserved",
                 r'a: com\.myapp\.error\.invalid_length \{"max": ?10, ?"min": ?3\}', "hello is fine",
                 r'sqrt\("four"\): wamp\.error\.invalid_argument')
        self.example("wamp_rpc_errors", *lines)
        self.twins("wamp_rpc_errors", *lines)

    def test_progress(self):
        lines = "got progress: 0\ngot progress: 1\ngot progress: 2\ngot result: 3\n$"
        self.example("wamp_rpc_progress", "^" + lines)
        self.twins("wamp_rpc_progress", lines)

    def test_options(self):
        lines = ("squared 2 = 4", "squared 0 = 0", "squared -2 = 4", "you called com.myapp.say.hello.world",
                 "no answer in time: wamp.error.timeout")
        self.example("wamp_rpc_options", *lines, r"(?s)^(?!.*must not be seen)(called by a session that says so\n.*){3}")
        self.twins("wamp_rpc_options", *lines, "(?s)^(?!.*must not be seen)",
                   backend=("called by a session that says so",))

    def test_cancel(self):
        self.example("wamp_rpc_cancel", "(?s)backend is falling asleep: cancelled.*backend was interrupted.*"
                     "the call has ended: wamp.error.canceled")

    def test_decorators(self):
        self.example("wamp_rpc_decorators", "price 21, hello homer, version 1.0",
                     "article seven: wamp.error.invalid_uri", "log of sales.today: three articles")

    def test_authorize(self):
        self.example("wamp_rpc_authorize", "joe is a frontend\nadd2: 5\nadmin.shutdown: wamp.error.not_authorized\n"
                     "registering sub2: wamp.error.not_authorized\n$")


class WampSessionTest(WampCase):
    def test_series(self):
        for transport in "ws", "rs":
            out = self.ok(run("wamp_session_series", "--url", self.urls[transport]))
            ours = "\n".join(line for line in out.splitlines() if not line.startswith("backend"))
            self.assertEqual(ours, "\n".join(f"session {n} has joined realm1\nsession {n} has left: "
                                             "wamp.close.goodbye_and_out" for n in (1, 2, 3)) + "\ndisconnected")
            self.assertIn("backend: session of anonymous has joined", out)


class WampAuthTest(WampCase):
    def users(self, method, *, wrong="secret-of-nobody", refused="authentication_failed", by=None):
        name, joe = f"wamp_auth_{method}", rf"joined as joe by {by or method}\nthe backend says: joe, frontend\n"
        self.example(name, joe, over=("ws", "rs", "wss", "rss"))
        url = self.urls["ws"]
        with Program(name, "--url", url, "--role", "backend", listens=False) as backend:
            backend.wait("backend is ready")
            arguments = name, "--url", url, "--role", "frontend"
            self.fails(run(*arguments, "--secret", wrong), refused)
            self.fails(run(*arguments, "--authid", "mallory"), refused)

    def test_ticket(self):
        self.users("ticket")
        self.twins("wamp_auth_ticket", "the backend says: joe, frontend")

    def test_wampcra(self):
        self.users("wampcra")
        self.example("wamp_auth_wampcra", r"joined as peter by wampcra\nthe backend says: peter, frontend",
                     options=("--authid", "peter", "--secret", "secret-of-peter"))
        self.twins("wamp_auth_wampcra", "the backend says: joe, frontend")

    def test_scram(self):
        self.users("scram", by="(wamp-)?scram")

    def test_cryptosign(self):
        self.users("cryptosign", wrong="0" * 64)
        self.twins("wamp_auth_cryptosign", "the backend says: joe, frontend")

    def test_tls(self):
        (ca, key), (ours, ourKey), (others, othersKey) = (self.certificate() for _ in range(3))
        for scheme in "wss", "rss":
            with Program("wamp_router", "--url", f"{scheme}://127.0.0.1:0", "--tls-cert", ca, "--tls-key", key,
                         "--client-ca", ours) as router:
                arguments = "wamp_auth_tls", "--url", router.url, "--ca", ca
                out = self.ok(run(*arguments, "--tls-cert", ours, "--tls-key", ourKey))
                self.assertEqual(out, "joined as localhost by tls\nthe backend says: localhost, certified\n")
                self.fails(run(*arguments), "authentication_failed")
                self.fails(run(*arguments, "--tls-cert", others, "--tls-key", othersKey), "connection ended")


if __name__ == "__main__":
    unittest.main(verbosity=2)
