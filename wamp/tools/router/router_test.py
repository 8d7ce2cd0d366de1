#!/usr/bin/python3
"""Runs autobahn-router and looks at it from outside: router_test.py [NAMETest …], with the folder of the programs in
EXAMPLES_BIN. Every router listens on a port of its own, and what has to be waited for is waited for by its log."""
import asyncio
import base64
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "../../..")
sys.path[:0] = [os.path.join(ROOT, "examples"), os.path.join(ROOT, "testsuite/interop")]
from running_examples import BIN, LIMIT, Case, Program, run  # noqa: E402

ROUTER = "autobahn-router"
EVERYTHING = ["call", "register", "subscribe", "publish"]
SCREENSHOT = os.environ.get("ROUTER_PAGE_SCREENSHOT")  # a file: docs/wamp/router-page.png is made by this test

TEXT = """{
 "realms": [{
  "name": "realm1",
  "roles": [{"name": "anonymous", "permissions": [{"uri": "", "match": "prefix", "allow": ["call"]}]}],
  "authentication": {"anonymous": {"role": "anonymous"}}
 }],
 "listeners": [{
  "url": "ws://127.0.0.1:0/ws"
 }]
}
"""


def wamp(url, *arguments):
    return run("wamp", "--url", url, "--timeout", 30, *arguments)


def realm(name="realm1", *, roles=None, authentication=None, **more):
    roles = roles or {"anonymous": [{"uri": "", "match": "prefix", "allow": EVERYTHING}]}
    return {"name": name, "authentication": authentication or {"anonymous": {"role": "anonymous"}},
            "roles": [{"name": name, "permissions": rules} for name, rules in roles.items()], **more}


def config(*realms, listeners=None, **more):
    return {"realms": list(realms) or [realm()], "listeners": listeners or [{"url": "ws://127.0.0.1:0/ws"}], **more}


class RouterCase(Case):
    def write(self, content, path=None):
        path = path or os.path.join(self.folder(), "router.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content, indent=1))
        return path

    def router(self, content=None, *arguments, **options):
        """Starts a router, of the embedded default without `content`."""
        where = ("--config", self.write(content)) if content is not None else ("--port", 0)
        router = self.enterContext(Program(ROUTER, *where, *arguments, end=signal.SIGTERM, **options))
        router.file = where[1]
        port = re.search(r":(\d+)", router.url)
        router.port = int(port[1]) if port else None
        return router

    def reload(self, router, content):
        self.write(content, router.file)
        router.process.send_signal(signal.SIGHUP)

    def get(self, router, path, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", router.port, timeout=LIMIT)
        self.addCleanup(connection.close)
        connection.request(method, path)
        response = connection.getresponse()
        return response, response.read().decode()

    def needs(self, found, what):
        if not found and os.environ.get("AUTOBAHN_REQUIRE_PEERS") == "1":
            self.fail(f"{what} is not installed")
        if not found:
            self.skipTest(f"{what} is not installed")


def activated(sockets, names, *arguments):
    """What starts a router with sockets at 3, 4, … and the variables that tell of them, as systemd does it."""
    start = ("import fcntl, os, sys\n"
             "given = [fcntl.fcntl(int(each), fcntl.F_DUPFD, 100) for each in sys.argv[1].split(',')]\n"
             "for i, each in enumerate(given): os.dup2(each, 3 + i)\n"
             "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(given)), LISTEN_FDNAMES=sys.argv[2])\n"
             "os.execv(sys.argv[3], sys.argv[3:])\n")
    for each in sockets:
        each.set_inheritable(True)
    return (sys.executable, "-c", start, ",".join(str(each.fileno()) for each in sockets), ":".join(names),
            os.path.join(BIN, ROUTER), *arguments)


class RouterCommandLineTest(RouterCase):
    def test_helpAndVersion(self):
        self.assertRegex(self.ok(run(ROUTER, "--help")), "(?s)--config.*--check.*SIGHUP.*Exit codes")
        self.assertRegex(self.ok(run(ROUTER, "--version")), r"^\d+\.\d+\.\d+\n$")

    def test_usageIsCodeTwo(self):
        for wrong in (["--none"], ["--log-level", "loud"], ["--log-format", "xml"], ["--port", "70000"], ["--no-ports"],
                      ["--config", "x.json", "--port", "1"], ["--config", "/no/such/file"]):
            with self.subTest(wrong):
                self.fails(run(ROUTER, *wrong), wrong[-1] if len(wrong) == 2 else ".", code=2)

    def test_theDefaultConfigurationIsOne(self):
        text = self.ok(run(ROUTER, "--print-default-config"))
        self.assertIn("// What autobahn-router does", text)
        path = self.write(text)
        self.assertEqual(self.ok(run(ROUTER, "--config", path, "--check", "--no-ports")), f"{path} is in order\n")


class RouterCheckTest(RouterCase):
    def check(self, content, *arguments):
        path = self.write(content)
        return path, run(ROUTER, "--config", path, "--check", *arguments)

    def test_whatIsRight(self):
        path, result = self.check(config())
        self.assertEqual(self.ok(result), f"{path} is in order\n")

    def test_whatIsBroken(self):
        # One of each kind; the rest of what can be wrong is in router_config_test.
        busy = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(busy.close)
        port = busy.getsockname()[1]
        secure = '"wss://127.0.0.1:0/ws", "tls": {"certificate": "none.pem", "key": "none.pem"}'
        url = '"ws://127.0.0.1:0/ws"'
        for old, new, line, key, what in (
                ('"name": "realm1",', "", 2, "realms[0]", "`name` is missing"),
                ('"name": "realm1"', '"name": 1', 3, "realms[0].name", "must be a string, is a number"),
                ('"listeners"', '"listners"', 7, "listners", "is unknown .did you mean `listeners`"),
                ('"url"', '"rawsokcet": true, "url"', 8, "listeners[0].rawsokcet", "is unknown .*`rawsocket`"),
                ('"uri": ""', '"uri": "a b"', 4, "realms[0].roles[0].permissions[0].uri", 'is no URI: "a b"'),
                (url, secure, 8, "listeners[0].tls.certificate", "cannot read .*none.pem: No such file"),
                (url, f'"ws://127.0.0.1:{port}"', 8, "listeners[0].url", "Address already in use")):
            with self.subTest(what):
                self.assertIn(old, TEXT)
                path, result = self.check(TEXT.replace(old, new))
                self.fails(result, f"^autobahn-router: {re.escape(path)}:{line}: {re.escape(key)}: .*{what}", code=2)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)

    def test_aCertificateThatIsNone(self):
        folder = self.folder()
        for name in "cert.pem", "key.pem":
            self.write("no PEM", os.path.join(folder, name))
        path = self.write(config(listeners=[{"url": "wss://127.0.0.1:0", "tls": {
            "certificate": "cert.pem", "key": "key.pem"}}]), os.path.join(folder, "router.json"))
        self.fails(run(ROUTER, "--config", path, "--check"), r":\d+: listeners\[0\].tls.certificate: .*cert.pem", code=2)

    def test_portsCanBeLeftAlone(self):
        router = self.router(config())
        content = config(listeners=[{"url": router.url}])
        self.fails(self.check(content)[1], "in use", code=2)
        self.ok(self.check(content, "--no-ports")[1])

    def test_theExampleIsInOrder(self):
        path = os.path.join(ROOT, "examples/router/production.json")
        self.fails(run(ROUTER, "--config", path, "--check", "--no-ports"), "no ROUTER_ADMIN_TICKET", code=2)
        os.environ["ROUTER_ADMIN_TICKET"] = "secret"
        self.addCleanup(os.environ.pop, "ROUTER_ADMIN_TICKET")
        self.ok(run(ROUTER, "--config", path, "--check", "--no-ports"))

    def test_startingIsRefusedInTheSameWay(self):
        router = self.router(config())
        result = run(ROUTER, "--config", self.write(config(listeners=[{"url": router.url}])))
        self.fails(result, r"router.json:\d+: listeners\[0\].url: .*in use", code=2)
        self.assertEqual(len([line for line in result.stderr.splitlines() if "in use" in line]), 1)


class RouterDefaultTest(RouterCase):
    def test_callsAndEvents(self):
        router = self.router()
        with Program("wamp", "--url", router.url, "register", "--echo", "com.example.echo", listens=False) as callee:
            callee.wait("registered")
            self.assertEqual(self.ok(wamp(router.url, "call", "com.example.echo", "7")), "7\n")
        with Program("wamp", "--url", router.url, "subscribe", "com.example.topic", listens=False) as subscriber:
            subscriber.wait("subscribed")
            self.ok(wamp(router.url, "publish", "com.example.topic", "hello", "--acknowledge"))
            subscriber.wait("hello")

    def test_rawSocketOnTheSamePort(self):
        router = self.router()
        self.assertEqual(self.ok(wamp(f"rs://127.0.0.1:{router.port}", "call", "wamp.session.count")), "1\n")

    def test_longPollOnTheSamePort(self):
        router = self.router()

        def post(path, body, headers=()):
            connection = http.client.HTTPConnection("127.0.0.1", router.port, timeout=LIMIT)
            self.addCleanup(connection.close)
            connection.request("POST", path, body, dict(headers))
            response = connection.getresponse()
            return response.status, response.read()
        status, answer = post("/lp/open", '{"protocols": ["wamp.2.json"]}')
        self.assertEqual(status, 200, answer)
        transport = "/lp/" + json.loads(answer)["transport"]
        post(transport + "/send", '[1, "realm1", {"roles": {"caller": {}}}]')
        self.assertEqual(json.loads(post(transport + "/receive", "")[1])[0], 2)
        self.assertEqual(post("/lp/open", '{"protocols": ["wamp.2.json"]}', {"Origin": "http://evil.example"})[0], 403)

    def test_itSaysWhatItIsFor(self):
        self.router().wait("WARNING.*DEVELOPMENT ONLY")

    def test_pythonAutobahn(self):
        script = os.path.join(HERE, "router_test_client.py")
        found = run("/usr/bin/python3", "-c", "import autobahn.asyncio.wamp").returncode == 0
        self.needs(found, "python3-autobahn")
        self.assertEqual(self.ok(run("/usr/bin/python3", script, self.router().url)), "5\n['event']\n")

    def test_foreignPagesAreKeptOut(self):
        router = self.router()
        for origin, status in (("http://evil.example", 403), ("null", 403), ("http://localhost:5000", 101)):
            connection = http.client.HTTPConnection("127.0.0.1", router.port, timeout=LIMIT)
            self.addCleanup(connection.close)
            connection.request("GET", "/ws", headers={
                "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Origin": origin,
                "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(), "Sec-WebSocket-Protocol": "wamp.2.json"})
            self.assertEqual(connection.getresponse().status, status, origin)


class RouterEndTest(RouterCase):
    def test_sessionsAreToldToLeave(self):
        router = self.router()
        with self.assertRaisesRegex(AssertionError, "ended with 1"):
            with Program("wamp", "--url", router.url, "subscribe", "com.example.topic", listens=False) as subscriber:
                subscriber.wait("subscribed")
                self.assertEqual(router.stop(), 0)
                subscriber.wait("wamp.close.system_shutdown")
                subscriber.process.wait(LIMIT)

    def deaf(self, router):
        """A client that has joined and does nothing more."""
        client = socket.create_connection(("127.0.0.1", router.port), timeout=LIMIT)
        self.addCleanup(client.close)
        client.sendall(b"\x7f\xf1\x00\x00")
        self.assertEqual(client.recv(4, socket.MSG_WAITALL)[:1], b"\x7f")
        hello = json.dumps([1, "realm1", {"roles": {"caller": {}}}]).encode()
        client.sendall(len(hello).to_bytes(4, "big") + hello)
        self.assertIn(b"[2,", client.recv(4096))
        return client

    def test_theDeadlineEndsWhoDoesNotLeave(self):
        content = config(listeners=[{"url": "rs://127.0.0.1:0"}], drainDeadline=50, router={"goodbyeTimeout": 3600000})
        router = self.router(content)
        client = self.deaf(router)
        self.assertEqual(router.stop(), 0)
        self.assertIn(b"wamp.close.system_shutdown", client.recv(4096))

    def test_theSecondSignalEndsAtOnce(self):
        content = config(listeners=[{"url": "rs://127.0.0.1:0"}], drainDeadline=3600000,
                         router={"goodbyeTimeout": 3600000})
        with tempfile.TemporaryDirectory() as folder:
            path = self.write(content, os.path.join(folder, "router.json"))
            with self.assertRaisesRegex(AssertionError, "ended with 1"):
                with Program(ROUTER, "--config", path) as router:
                    self.deaf(router)
                    router.process.send_signal(signal.SIGTERM)
                    router.wait("ending all sessions")
                    self.assertEqual(router.stop(), 1)


class RouterUsersTest(RouterCase):
    """Every way to get in, with secrets from all places."""

    def test_methods(self):
        key = self.write(bytes(range(32)).hex())
        users = {"joe": {"role": "user"}}
        with_ = lambda **more: {"users": {"joe": {**users["joe"], **more}}}  # noqa: E731
        router = self.router(config(realm(
            roles={"user": [{"uri": "wamp.", "match": "prefix", "allow": ["call"]}]},
            authentication={
                "ticket": with_(ticket="the ticket"),
                "wampcra": {**with_(secret={"file": self.write("the password\n")}), "salted": True, "iterations": 1000},
                "scram": {**with_(password="the password"), "kdf": "pbkdf2", "iterations": 4096},
                "cryptosign": with_(authorizedKeys=[
                    "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"])})))
        secret = {"ticket": "the ticket", "wampcra": "the password", "scram": "the password"}
        for method in "ticket", "wampcra", "scram", "cryptosign":
            proof = ("--private-key", key) if method == "cryptosign" else ("--secret", secret[method])
            for authid, right in ("joe", True), ("jim", False):
                with self.subTest(method, authid=authid):
                    result = wamp(router.url, "--authmethod", method, "--authid", authid, *proof, "call",
                                  "wamp.session.count")
                    if right:
                        self.assertEqual(self.ok(result), "1\n")
                    else:
                        self.fails(result, "wamp.error.authentication_failed")
        self.fails(wamp(router.url, "call", "wamp.session.count"), "no_matching_auth_method")
        self.fails(wamp(router.url, "--authmethod", "ticket", "--authid", "joe", "--secret", "the ticket", "publish",
                        "com.example.topic", "--acknowledge"), "not_authorized")

    def test_realmsOnDemand(self):
        router = self.router(config(realm("tenant.", match="prefix")))
        self.assertEqual(self.ok(wamp(router.url, "--realm", "tenant.a", "call", "wamp.session.count")), "1\n")
        self.fails(wamp(router.url, "--realm", "other", "call", "wamp.session.count"), "no_such_realm")


class RouterAccessTest(RouterCase):
    """Procedures that say who may join and do what, written as for Crossbar.io."""

    def setUp(self):
        super().setUp()
        self.needs(run("/usr/bin/python3", "-c", "import autobahn.asyncio.wamp").returncode == 0, "python3-autobahn")

    def test_procedures(self):
        asked = {"dynamic": {"procedure": "com.example.authenticate", "realm": "access"}}
        protected = realm(authentication={"ticket": asked, "wampcra": {**asked, "salted": True}})
        protected["roles"] = [{"name": "user", "authorizer": {"procedure": "com.example.authorize", "realm": "access"}}]
        router = self.router(config(realm("access"), protected))

        def call(procedure, method="ticket", authid="joe", secret="the ticket"):
            return wamp(router.url, "--authmethod", method, "--authid", authid, "--secret", secret, "call", procedure)

        self.fails(call("wamp.session.count"), "the router cannot find out who you are")
        script = os.path.join(HERE, "router_test_access.py")
        application = subprocess.Popen(["/usr/bin/python3", script, router.url], stdout=subprocess.PIPE, text=True)
        self.addCleanup(application.stdout.close)
        self.addCleanup(application.wait)
        self.addCleanup(application.kill)
        self.assertEqual(application.stdout.readline(), "ready\n")
        self.assertEqual(self.ok(call("wamp.session.count")), "1\n")
        for authid, secret in ("joe", "the password"), ("ann", "secret1"):
            self.assertEqual(self.ok(call("wamp.session.count", "wampcra", authid, secret)), "1\n")
        for method in "ticket", "wampcra":
            for authid, secret in ("joe", "wrong"), ("jim", "the ticket"):
                with self.subTest(method, authid=authid):
                    self.fails(call("wamp.session.count", method, authid, secret),
                               "wamp.error.authentication_failed.*the proof is wrong")
        self.fails(call("com.example.other"), "wamp.error.not_authorized")
        self.fails(call("com.example.broken"), "wamp.error.authorization_failed")
        # Both outlive a reload.
        self.reload(router, config(realm("access"), protected))
        router.wait("the configuration was read again")
        self.assertEqual(self.ok(call("wamp.session.count")), "1\n")


class RouterHistoryTest(RouterCase):
    def test_whatWasAcknowledgedSurvives(self):
        file = os.path.join(self.folder(), "realm1.history")
        path = self.write(config(realm(history={"topics": [{"uri": "com.app.", "match": "prefix"}],
                                                "file": {"name": file}})))
        with self.assertRaisesRegex(AssertionError, "ended with -9"), Program(ROUTER, "--config", path) as router:
            for number in range(3):
                self.ok(wamp(router.url, "publish", "com.app.x", number, "--acknowledge", "--retain"))
            self.fails(run(ROUTER, "--config", path, "--check"),
                       r"router.json:\d+: realms\[0\].history.file: .*locked", code=2)
            self.ok(run(ROUTER, "--config", path, "--check", "--no-ports"))
            router.stop(signal.SIGKILL)
        with Program(ROUTER, "--config", path, end=signal.SIGTERM) as router:
            lookup = self.ok(wamp(router.url, "call", "wamp.subscription.lookup", "com.app.", '{"match": "prefix"}'))
            events = json.loads(self.ok(wamp(router.url, "call", "wamp.subscription.get_events", lookup.strip(),
                                             "--kwarg", "reverse=true")))
            self.assertEqual([event["args"] for event in events], [[2], [1], [0]])


class RouterReloadTest(RouterCase):
    def rules(self, *allowed):
        return {"anonymous": [{"uri": "wamp.session.count", "allow": list(allowed)}]}

    def test_whatChangesAtRunTime(self):
        count = "call", "wamp.session.count"
        router = self.router(config(realm(roles=self.rules())))
        self.fails(wamp(router.url, *count), "not_authorized")
        users = {"joe": {"ticket": "secret", "role": "anonymous"}}
        self.reload(router, config(realm(roles=self.rules("call")), realm("realm2", authentication={
            "ticket": {"users": users}}), log={"level": "debug"}))
        router.wait("the configuration was read again")
        self.assertEqual(self.ok(wamp(router.url, *count)), "1\n")
        joe = "--realm", "realm2", "--authmethod", "ticket", "--authid", "joe", "--secret"
        self.assertEqual(self.ok(wamp(router.url, *joe, "secret", *count)), "1\n")
        users["joe"]["ticket"] = "changed"
        self.reload(router, config(realm(roles=self.rules("call")), realm("realm2", authentication={
            "ticket": {"users": users}})))
        router.wait("the configuration was read again")
        self.fails(wamp(router.url, *joe, "secret", *count), "authentication_failed")
        self.assertEqual(self.ok(wamp(router.url, *joe, "changed", *count)), "1\n")

    def test_whatNeedsARestart(self):
        router = self.router(config(realm(), realm("realm2")))
        self.reload(router, config(realm(allowDiscloseMe=False), listeners=[{"url": "rs://127.0.0.1:0"}],
                                   router={"agent": "x"}))
        router.wait("WARNING.* a restart is needed for: listener rs://127.0.0.1:0; listener ws://127.0.0.1:0/ws as it "
                    "was; router; limits and options of realm realm1")

    def test_realmsThatAreGone(self):
        router = self.router(config(realm(), realm("realm2")))
        waiting = subprocess.Popen([os.path.join(BIN, "wamp"), "--url", router.url, "--realm", "realm2", "subscribe", "x"],
                                   text=True, stderr=subprocess.PIPE)
        self.enterContext(waiting)
        self.addCleanup(waiting.kill)
        self.assertIn("subscribed", waiting.stderr.readline())
        self.reload(router, config(realm()))
        router.wait("the configuration was read again")
        self.assertIn("wamp.close.close_realm", waiting.communicate(timeout=LIMIT)[1])
        self.fails(wamp(router.url, "--realm", "realm2", "call", "wamp.session.count"), "no_such_realm")
        self.reload(router, config(realm(), realm("realm2")))
        router.wait("the configuration was read again")
        self.assertEqual(self.ok(wamp(router.url, "--realm", "realm2", "call", "wamp.session.count")), "1\n")

    def test_aBrokenOneChangesNothing(self):
        router = self.router(config(realm()))
        self.reload(router, "{\n\"realms\": 5\n}")
        router.wait(r"ERROR .*nothing is changed: .*router.json:2: realms: must be a list, is a number")
        self.assertEqual(self.ok(wamp(router.url, "call", "wamp.session.count")), "1\n")

    def test_certificates(self):
        folder = self.folder()

        def renew():
            for name, path in zip(("cert.pem", "key.pem"), self.certificate()):
                shutil.copy(path, os.path.join(folder, name))
        renew()
        listener = {"url": "wss://localhost:0/ws", "tls": {"certificate": f"{folder}/cert.pem", "key": f"{folder}/key.pem"}}
        router = self.router(config(listeners=[listener]))
        first = ssl.get_server_certificate(("127.0.0.1", router.port))
        with Program("wamp", "--url", router.url, "--insecure", "subscribe", "com.example.topic",
                     listens=False) as subscriber:
            subscriber.wait("subscribed")
            renew()
            router.process.send_signal(signal.SIGHUP)
            router.wait("the configuration was read again")
            self.assertNotEqual(ssl.get_server_certificate(("127.0.0.1", router.port)), first)
            # Who is connected has noticed nothing.
            self.ok(wamp(router.url, "--insecure", "publish", "com.example.topic", "still there", "--acknowledge"))
            subscriber.wait("still there")


class RouterSystemTest(RouterCase):
    def test_systemdIsTold(self):
        path = os.path.join(self.folder(), "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(path)
            listener.settimeout(LIMIT)
            os.environ["NOTIFY_SOCKET"] = path
            self.addCleanup(os.environ.pop, "NOTIFY_SOCKET", None)
            router = self.router()
            self.assertEqual(listener.recv(1000), b"READY=1")
            router.process.send_signal(signal.SIGHUP)
            self.assertRegex(listener.recv(1000), rb"^RELOADING=1\nMONOTONIC_USEC=\d+$")
            self.assertEqual(listener.recv(1000), b"READY=1")
            router.stop()
            self.assertEqual(listener.recv(1000), b"STOPPING=1")

    def test_socketsOfSystemd(self):
        names = "web", "raw", "other", "web"
        sockets = [self.enterContext(socket.create_server(("127.0.0.1", 0))) for _ in names]
        ports = [each.getsockname()[1] for each in sockets]
        file = self.write(config(listeners=[{"url": "ws://127.0.0.1/ws", "rawsocket": True, "socket": "web"},
                                            {"url": "rs://127.0.0.1", "socket": "raw"}]))
        router = self.enterContext(Program(*activated(sockets, names, "--config", file), end=signal.SIGTERM,
                                           close_fds=False))
        self.assertEqual(router.url, f"ws://127.0.0.1:{ports[0]}/ws")
        for url in (router.url, f"ws://127.0.0.1:{ports[3]}/ws", f"rs://127.0.0.1:{ports[0]}",
                    f"rs://127.0.0.1:{ports[1]}"):
            self.assertEqual(self.ok(wamp(url, "call", "wamp.session.count")), "1\n", url)
        self.assertRegex("\n".join(router.seen), "not used: no listener names it.*other")

    def test_socketsThatAreNone(self):
        file = self.write(config(listeners=[{"url": "ws://127.0.0.1/ws", "socket": "web"}]))
        none = r'router.json:\d+: listeners\[0\].url: no socket named "web" is handed over'
        self.fails(run(ROUTER, "--config", file), none, code=2)
        deaf = self.enterContext(socket.socket())
        for names, what in ((["other"], none), (["web"], "cannot listen on the socket 3: Invalid argument")):
            result = subprocess.run(activated([deaf], names, "--config", file), close_fds=False, timeout=LIMIT, text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            self.assertRegex(result.stdout, what)
            self.assertEqual(result.returncode, 2)

    def test_logLinesForMachines(self):
        router = self.router(None, "--log-format", "json")
        self.assertEqual(router.stop(), 0)
        router.reader.join(LIMIT)
        lines = [json.loads(line) for line in router.seen + [each for each in router.lines.queue if each]]
        self.assertIn("ending all sessions", [each["message"] for each in lines])
        self.assertIn({"signal": signal.SIGTERM}, [each.get("fields") for each in lines])

    def test_unixSocket(self):
        path = os.path.join(self.folder(), "wamp.sock")
        content = config(listeners=[{"url": f"ws+unix://{path}", "unixMode": "0660"}])
        router = self.router(content)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o660)
        self.assertEqual(self.ok(wamp(router.url, "call", "wamp.session.count")), "1\n")


class RouterWebTest(RouterCase):
    def test_health(self):
        response, body = self.get(self.router(), "/health")
        self.assertEqual((response.status, response.getheader("Content-Type")), (200, "application/json"))
        self.assertEqual(json.loads(body)["status"], "ok")

    def test_metrics(self):
        router = self.router()
        self.ok(wamp(router.url, "call", "wamp.session.count"))
        self.fails(wamp(router.url, "call", "wamp.session.kill_all"), "not_authorized")
        response, body = self.get(router, "/metrics")
        self.assertTrue(response.getheader("Content-Type").startswith("text/plain; version=0.0.4"))
        for line in ('autobahn_router_joins_total{realm="realm1",method="anonymous",outcome="granted"} 2',
                     'autobahn_router_requests_total{realm="realm1",action="call",outcome="granted"} 1',
                     'autobahn_router_requests_total{realm="realm1",action="call",outcome="refused"} 1'):
            self.assertIn(line + "\n", body)
        for line in ('autobahn_router_messages_total{realm="realm1",kind="WELCOME",direction="sent"} 2',
                     'autobahn_router_calls_total{realm="realm1",outcome="refused"} 1',
                     'autobahn_router_sessions{realm="realm1"} 0',
                     f'autobahn_router_listener_opened_total{{listener="{router.url}"}} 2',
                     f'autobahn_router_listener_closed_total{{listener="{router.url}",code="1000"}} 2'):
            self.assertIn(line + "\n", body)
        for line in body.splitlines():  # the format
            self.assertRegex(line, r'^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? -?[\d.e+-]+)$')

    def test_thePageLoadsNothingFromElsewhere(self):
        router = self.router()
        for path in ("/", "/page.js", "/page.css", "/wamp.js", "/chart.js", "/tables.js", "/hand.js", "/icon.svg"):
            response, body = self.get(router, path)
            self.assertEqual(response.status, 200, path)
            self.assertIn("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';", response.getheader("Content-Security-Policy"))
            self.assertNotRegex(body.replace("http://www.w3.org/2000/svg", ""), r"https?://")
        for path in ("/nothing", "/default.json", "/../default.json", "/main.cpp"):
            self.assertEqual(self.get(router, path)[0].status, 404, path)
        self.assertEqual(self.get(router, "/", "POST")[0].status, 405)
        head, body = self.get(router, "/", "HEAD")
        self.assertEqual((head.status, body), (200, ""))

    def test_pathsAsConfigured(self):
        folder = self.folder()
        self.write("hello", os.path.join(folder, "hello.txt"))
        web = {"page": "/status/", "health": True, "static": [{"path": "/files/", "directory": folder}]}
        router = self.router(config(listeners=[{"url": "ws://127.0.0.1:0", "paths": ["/a", "/b"], "web": web}]))
        for path, status in (("/status/", 200), ("/status/page.js", 200), ("/health", 200), ("/files/hello.txt", 200),
                             ("/", 404), ("/metrics", 404), ("/files/router.json", 404)):
            self.assertEqual(self.get(router, path)[0].status, status, path)
        self.assertEqual(json.loads(self.get(router, "/status/status.json")[1])["webSocketPath"], "/a")


class RouterPageTest(RouterCase):
    def test_inABrowser(self):
        import browser
        self.needs(shutil.which("chromium"), "chromium")
        router = self.router()

        async def go():
            async with browser.launch(self.folder(), "--window-size=1180,1000") as chromium:
                with Program("wamp", "--url", router.url, "register", "--echo", "com.example.echo",
                             listens=False) as callee:
                    callee.wait("registered")
                    tab = await chromium.tab(f"http://127.0.0.1:{router.port}/")
                    await self.look(tab)
                    if SCREENSHOT:
                        await self.picture(tab, router)
                    await tab.close()
        asyncio.run(go())

    def test_whoOneIs(self):
        import browser
        self.needs(shutil.which("chromium"), "chromium")
        joe = {"role": "user"}
        router = self.router(config(
            realm(roles={"user": [{"uri": "", "match": "prefix", "allow": EVERYTHING}]}, authentication={
                "ticket": {"users": {"joe": {**joe, "ticket": "the ticket"}}},
                "wampcra": {"salted": True, "iterations": 1000, "users": {"joe": {**joe, "secret": "the password"}}}}),
            listeners=[{"url": "ws://127.0.0.1:0/ws", "web": {"page": True}}]))

        async def go():
            async with browser.launch(self.folder()) as chromium:
                tab = await chromium.tab(f"http://127.0.0.1:{router.port}/")
                problem = "document.getElementById('problem').textContent.includes({})".format
                await tab.until(problem("'no_matching_auth_method'"), "anonymous is refused")
                for method, secret, expected in (
                        ("ticket", "wrong", problem("'authentication_failed'")),
                        ("ticket", "the ticket", "document.getElementById('whoami').textContent === 'joe (user)'"),
                        ("wampcra", "wrong", problem("'authentication_failed'")),
                        ("wampcra", "the password", "document.getElementById('whoami').textContent === 'joe (user)'")):
                    await tab.script("document.getElementById('problem').textContent = ''")
                    await self.fill(tab, method=method, authid="joe", secret=secret)
                    await tab.script("document.getElementById('join').requestSubmit()")
                    await tab.until(expected, f"{method} with {secret}")
                await tab.close()
        asyncio.run(go())

    async def look(self, tab):
        has = "document.getElementById('{}').textContent.includes({})".format
        await tab.until(has("state", "'joined'"), "the page joins")
        await tab.until("document.querySelectorAll('#sessions tr').length === 2", "both sessions")
        await tab.until(has("registrations", "'com.example.echo'"), "the registration")
        await self.fill(tab, subscribeTopic="com.example.topic")
        await tab.click("#subscribe button:not(.quiet)")
        await tab.until(has("log", "'subscribed com.example.topic'"), "the subscription")
        await tab.until(has("subscriptions", "'com.example.topic'"), "the subscription in the table")
        await self.fill(tab, publishTopic="com.example.topic", publishArgs='["by hand"]')
        await tab.click("#publish button")
        await tab.until(has("log", "'event com.example.topic [\"by hand\"]'"), "the event")
        await self.fill(tab, procedure="com.example.echo", callArgs="[2, 3]", callKwargs='{"color": "red"}')
        await tab.click("#call button")
        await tab.until(has("log", "'com.example.echo [2,3] {\"color\":\"red\"}'"), "the result")
        await self.fill(tab, procedure="com.example.none")
        await tab.click("#call button")
        await tab.until(has("log", "'wamp.error.no_such_procedure'"), "the error")
        await tab.until("document.querySelector('#chartLatency b').textContent.endsWith('ms')", "the latency")
        errors = [each for each in tab.events if each[0] in ("Runtime.exceptionThrown", "Log.entryAdded")]
        self.assertEqual(errors, [])

    async def fill(self, tab, **fields):
        for name, text in fields.items():
            await tab.script(f"document.getElementById('{name}').value = {json.dumps(text)}")

    async def picture(self, tab, router):
        """With something to see: calls and events in waves."""
        for repeat in 300, 2000, 700, 3000:
            call = await asyncio.create_subprocess_exec(
                os.path.join(BIN, "wamp"), "--url", router.url, "call", "com.example.echo", "5",
                "--repeat", str(repeat), stdout=asyncio.subprocess.DEVNULL)
            for _ in range(repeat // 100):
                await tab.click("#publish button")
            await call.wait()
            points = await tab.script("(document.querySelector('#chartCalls path:not(.area)').getAttribute('d') || '')")
            await tab.until("(document.querySelector('#chartCalls path:not(.area)').getAttribute('d') || '')"
                            f".split('L').length > {points.count('L') + 4}", "more of the chart")
        picture = await tab.browser.call("Page.captureScreenshot", tab.session, format="png")
        with open(SCREENSHOT, "wb") as file:
            file.write(base64.b64decode(picture["data"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
