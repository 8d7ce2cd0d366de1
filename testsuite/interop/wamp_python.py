"""python3-autobahn's WAMP (22.7.1, asyncio) as a session among ours."""

import asyncio
import contextlib
import urllib.parse

import harness

try:
    import autobahn
    import txaio

    txaio.use_asyncio()
    from autobahn.asyncio import rawsocket, websocket
    from autobahn.asyncio.wamp import ApplicationSession
    from autobahn.wamp import auth, serializer
    from autobahn.wamp.exception import ApplicationError
    from autobahn.wamp.types import (CallOptions, CallResult, ComponentConfig, PublishOptions, RegisterOptions,
                                     SubscribeOptions)
except ImportError as error:
    raise harness.MissingPeer(f"python3-autobahn: {error}") from error

NAME = f"python autobahn {autobahn.__version__}"
SERIALIZERS = {"json": "JsonSerializer", "msgpack": "MsgPackSerializer", "cbor": "CBORSerializer",
               "ubjson": "UBJSONSerializer"}
ALL_BYTES = bytes(range(256))
VALUES = {  # as in wamp/values.cpp
    "null": None, "true": True, "false": False, "zero": 0, "minus_one": -1, "two_to_31": 1 << 31,
    "max_safe": (1 << 53) - 1, "two_to_53": 1 << 53, "minus_two_to_53": -(1 << 53), "beyond_53": (1 << 53) + 1, "int64_max": (1 << 63) - 1,
    "int64_min": -(1 << 63), "uint64_max": (1 << 64) - 1, "half": 0.5, "huge": 1e300, "tiny": 5e-324,
    "empty_text": "", "world": "Grüße, 世界", "astral": "😀𝄞\U0010FFFD", "text_with_nul": "a\0b",
    "controls": "\x01\x1f\x7f\"\\/\t\r\n\u2028", "long_text": "é" * 40_000, "empty_bytes": b"",
    "all_bytes": ALL_BYTES, "long_bytes": ALL_BYTES * 300, "list": [1, [2, [3, []]], {}],
    "dict": {"": 1, "a b": {"c": [None, "d"]}},
}


def serializers() -> list[str]:
    """Those whose Python modules are installed."""
    return [name for name, made in SERIALIZERS.items() if hasattr(serializer, made)]


def values_of(serializer_name: str) -> list[str]:
    """The names of those that arrive as what they were: python3-ubjson makes a Decimal of 2^64-1."""
    return [name for name in VALUES if (serializer_name, name) != ("ubjson", "uint64_max")]


class Session(ApplicationSession):
    """Joins; says when, and how it ended."""

    def __init__(self, realm, authenticator=None):
        super().__init__(ComponentConfig(realm))
        loop = asyncio.get_running_loop()
        self.joined, self.left, self.disconnected = loop.create_future(), loop.create_future(), loop.create_future()
        self.user_errors, self.sleepers = [], []
        if authenticator:
            method, options = authenticator
            self.authenticator = auth.create_authenticator(method, **options)
            self.method = method
        else:
            self.authenticator = None

    def onConnect(self):
        if not self.authenticator:
            return super().onConnect()
        options = self.authenticator._args
        return self.join(self.config.realm, authmethods=[self.method], authid=options.get("authid"),
                         authextra=self.authenticator.authextra)

    def onChallenge(self, challenge):
        return self.authenticator.on_challenge(self, challenge)

    def onWelcome(self, welcome):
        return self.authenticator and self.authenticator.on_welcome(self, welcome.authextra)

    def onJoin(self, details):
        self.joined.set_result(details)

    def onLeave(self, details):
        if not self.left.done():
            self.left.set_result(details)
        if not self.joined.done():
            self.joined.set_exception(ApplicationError(details.reason, details.message))
        return super().onLeave(details)

    def onDisconnect(self):
        if not self.disconnected.done():
            self.disconnected.set_result(None)
        return super().onDisconnect()

    def onUserError(self, fail, msg):
        if not isinstance(fail.value, ApplicationError) and "something broke" not in msg:  # those are meant
            self.user_errors.append(f"{msg}: {fail}")


class RawSocketProtocol(rawsocket.WampRawSocketClientProtocol):
    """With what this version's asyncio RawSocket lacks, although its sessions ask for it at WELCOME."""

    @property
    def transport_details(self):
        return self._transport_details


@contextlib.asynccontextmanager
async def connected(url: str, serializer_name: str, realm: str = "realm1", authenticator=None, tls=None):
    """A session that has joined; leaves in the end, and looks whether that was in order."""
    session = Session(realm, authenticator)
    made = getattr(serializer, SERIALIZERS[serializer_name])()
    parts = urllib.parse.urlsplit(url)
    if parts.scheme.startswith("ws"):
        factory = websocket.WampWebSocketClientFactory(lambda: session, url=url, serializers=[made])
    else:
        factory = rawsocket.WampRawSocketClientFactory(lambda: session, made)
        factory.protocol = RawSocketProtocol
    loop = asyncio.get_running_loop()
    await loop.create_connection(factory, parts.hostname, parts.port, ssl=tls,
                                 server_hostname="localhost" if tls else None)
    try:
        await session.joined
        yield session
        if not session.left.done():
            session.leave()
            left = await session.left
            assert left.reason == "wamp.close.goodbye_and_out", left
    finally:
        with contextlib.suppress(Exception):
            session.disconnect()
        await session.disconnected
    assert not session.user_errors, session.user_errors


async def offer(session: Session, prefix: str):
    """The procedures that every peer offers: as Desk does for us."""

    def check(name, value):
        if type(value) is type(VALUES[name]) and value == VALUES[name]:
            return True
        raise ApplicationError("com.peer.error.differs", f"{name}: {value!r:.200}")

    def fail(what):
        if what == "plain":
            raise RuntimeError("something broke")
        raise ApplicationError("com.interop.error.custom", "text", 7, key=[1, 2])

    async def count(n, details):
        for i in range(n):
            details.progress(i)
        return n

    async def sleep(details):
        if details.progress:
            details.progress("asleep")
        session.sleepers.append(asyncio.get_running_loop().create_future())
        try:
            await session.sleepers[-1]
        except asyncio.CancelledError:  # as it is, it is lost in txaio, and no answer sent
            raise ApplicationError("wamp.error.canceled") from None

    details = RegisterOptions(details_arg="details")
    for name, endpoint, options in [
            ("echo", lambda *args, **kwargs: CallResult(*args, **kwargs), None),
            ("nothing", lambda: CallResult(), None),
            ("several", lambda: CallResult(1, "two", True, three=3), None),
            ("value", lambda name: VALUES[name], None),
            ("check", check, None),
            ("fail", fail, None),
            ("count", count, details),
            ("caller", lambda details: details.caller, details),
            ("sleep", sleep, details),
            ("prefix", lambda details: details.procedure, RegisterOptions(match="prefix", details_arg="details")),
            ("wild..card", lambda details: details.procedure, RegisterOptions(match="wildcard", details_arg="details")),
    ]:
        await session.register(endpoint, f"{prefix}.{name}", options)


def wake(session: Session):
    """Ends the calls of `sleep` that nobody has interrupted."""
    for sleeper in session.sleepers:
        if not sleeper.done():
            sleeper.set_result(None)


async def called(session: Session, procedure: str, *args, **kwargs):
    """(positional results, keyword results)."""
    result = await session.call(procedure, *args, **kwargs)
    if isinstance(result, CallResult):
        return list(result.results), result.kwresults
    return [result], {}


async def failure(session: Session, procedure: str, *args, **kwargs) -> ApplicationError:
    try:
        result = await session.call(procedure, *args, **kwargs)
    except ApplicationError as error:
        return error
    raise AssertionError(f"{procedure} succeeded: {result!r:.200}")


# ---- Their session calls the procedures under a prefix: ours, or another peer's.


async def echo(session, prefix, values):
    sent = [((), {}), ((1,), {}), ((1, "zwei", None, []), {}), ((), {"a": 1, "b": [True, "c"]}),
            (({"x": "y"},), {"kw": "ärgs"})]
    for args, kwargs in sent:
        results, kwresults = await called(session, f"{prefix}.echo", *args, **kwargs)
        assert (results, kwresults or {}) in ((list(args), kwargs), (list(args) or [None], kwargs)), (results, kwresults)
    return f"{len(sent)} echoes"


async def values(session, prefix, values):
    for name in values:
        value = VALUES[name]
        assert await session.call(f"{prefix}.check", name, value) is True
        for back in (await session.call(f"{prefix}.value", name), await session.call(f"{prefix}.echo", value)):
            assert type(back) is type(value) and back == value, f"{name}: {back!r:.200}"
    return f"{len(values)} values"


async def results(session, prefix, values):
    assert await called(session, f"{prefix}.several") == ([1, "two", True], {"three": 3})
    assert await session.call(f"{prefix}.nothing") is None


async def errors(session, prefix, values):
    custom = await failure(session, f"{prefix}.fail", "error")
    assert custom.error == "com.interop.error.custom", custom
    assert list(custom.args) == ["text", 7] and custom.kwargs == {"key": [1, 2]}, (custom.args, custom.kwargs)
    plain = await failure(session, f"{prefix}.fail", "plain")
    assert plain.error == "wamp.error.runtime_error" and "something broke" in str(plain), plain
    missing = await failure(session, f"{prefix}.not_there")
    assert missing.error == "wamp.error.no_such_procedure", missing


async def progress(session, prefix, values):
    seen = []
    last = await session.call(f"{prefix}.count", 5, options=CallOptions(on_progress=seen.append))
    assert seen == [0, 1, 2, 3, 4] and last == 5, (seen, last)


async def patterns(session, prefix, values):
    for name in ("prefix.some.thing", "prefix.other", "wild.any.card"):
        assert await session.call(f"{prefix}.{name}") == f"{prefix}.{name}"


async def timeout(session, prefix, values):
    await session.call("com.interop.interrupted", 0)  # forgets earlier ones
    late = await failure(session, f"{prefix}.sleep", options=CallOptions(timeout=20))
    assert late.error == "wamp.error.timeout", late
    await session.call("com.interop.interrupted", 1)


async def cancel(session, prefix, values):
    asleep = asyncio.get_running_loop().create_future()
    await session.call("com.interop.interrupted", 0)  # forgets earlier ones
    call = session.call(f"{prefix}.sleep", options=CallOptions(on_progress=asleep.set_result))
    assert await asleep == "asleep"
    call.cancel()
    assert await session.call("com.interop.interrupted", 1) == 1


CALLS = {"echo": echo, "values": values, "results": results, "errors": errors, "progress": progress,
         "patterns": patterns, "timeout": timeout, "cancel": cancel}


# ---- Publishing and subscribing.


async def identity(session):
    who = await session.call("com.interop.who")
    details = session.joined.result()
    assert who == {"session": details.session, "authid": details.authid, "authrole": details.authrole}, who


async def publish(session, values):
    """Their events to our subscriptions."""
    await session.call("com.interop.events")  # forgets earlier ones
    acknowledged = PublishOptions(acknowledge=True)
    sent = [("com.interop.topic", [], {}), ("com.interop.topic", [1, "two"], {"three": [3]}),
            ("com.interop.topics.one", ["prefix"], {}), ("com.interop.anything.changed", ["wildcard"], {})]
    sent += [("com.interop.topic", [VALUES[name]], {}) for name in values]
    for topic, args, kwargs in sent:
        publication = await session.publish(topic, *args, options=acknowledged, **kwargs)
        assert publication.id > 0
    session.publish("com.interop.topic", "not acknowledged")
    sent.append(("com.interop.topic", ["not acknowledged"], {}))
    events = await session.call("com.interop.events")
    got = [(event["topic"], event["args"], event["kwargs"]) for event in events]
    assert got == sent, f"{got!r:.500}"
    return f"{len(sent)} events"


async def subscribe(session, values):
    """Our events to their subscriptions: exact, prefix, wildcard, retained; then unsubscribed."""
    queue = asyncio.Queue()

    def handler(*args, details, **kwargs):
        queue.put_nowait((details.topic, list(args), kwargs, details.publisher, bool(details.retained)))

    subscriptions = []
    for topic, match in (("com.peer.topic", "exact"), ("com.peer.topics.", "prefix"), ("com.peer..changed", "wildcard")):
        options = SubscribeOptions(match=match, details_arg="details")
        subscriptions.append(await session.subscribe(handler, topic, options))
    sent = [("com.peer.topic", [], {}), ("com.peer.topic", [1, "two"], {"three": [3]}),
            ("com.peer.topics.one", ["prefix"], {}), ("com.peer.any.changed", ["wildcard"], {})]
    sent += [("com.peer.topic", [VALUES[name]], {}) for name in values]
    for topic, args, kwargs in sent:
        await session.call("com.interop.publish", topic, args, kwargs, {})
        assert await queue.get() == (topic, args, kwargs, None, False)
    await session.call("com.interop.publish", "com.peer.topic", [], {}, {"disclose_me": True})
    publisher = (await queue.get())[3]
    assert isinstance(publisher, int) and publisher != session.joined.result().session, publisher
    me = session.joined.result().session
    for options in ({"exclude": [me]}, {"eligible": [publisher]}, {"eligible": [me]}):
        await session.call("com.interop.publish", "com.peer.topic", [str(options)], {}, options)
    assert (await queue.get())[1] == [str({"eligible": [me]})], "excluded, or not eligible"
    for subscription in subscriptions:
        await subscription.unsubscribe()
    await session.call("com.interop.publish", "com.peer.topic", ["kept"], {}, {"retain": True})
    await session.subscribe(handler, "com.peer.topic", SubscribeOptions(get_retained=True, details_arg="details"))
    topic, args, _, _, retained = await queue.get()
    assert (args, retained) == (["kept"], True), (topic, args, retained)
    assert queue.empty()
    return f"{len(sent)} events"


async def own_events(session):
    """A publisher gets its own event when it says so, and not otherwise."""
    queue = asyncio.Queue()
    await session.subscribe(queue.put_nowait, "com.peer.own")
    for exclude_me in (True, False, None):
        await session.publish("com.peer.own", str(exclude_me),
                              options=PublishOptions(acknowledge=True, exclude_me=exclude_me))
    assert await queue.get() == "False"
    assert queue.empty()


PUBSUB = {"publish": publish, "subscribe": subscribe}


# ---- Ends, and who may come in.


async def dismissed(session):
    """The router's GOODBYE."""
    with contextlib.suppress(ApplicationError):  # when GOODBYE comes before the answer
        await session.call("com.interop.dismiss")
    left = await session.left
    assert (left.reason, left.message) == ("com.interop.close.dismissed", "you may go"), left


SECRETS = {  # authid: method, and how to prove it (interop_wamp.cpp). This version's SCRAM fails with PBKDF2.
    "ticket-user": ("ticket", {"ticket": "ticket-secret"}),
    "cra-user": ("wampcra", {"secret": "cra-secret"}),
    "cra-salted-user": ("wampcra", {"secret": "cra-password"}),
    "scram-user": ("scram", {"password": "scram-password"}),
    "cryptosign-user": ("cryptosign", {"privkey": "7" * 64}),
}


def methods() -> list[str]:
    return [authid for authid, (method, _) in SECRETS.items() if method != "scram" or auth.HAS_ARGON]


async def authenticate(url, serializer_name, authid):
    method, proof = SECRETS[authid]
    async with connected(url, serializer_name, "secure", (method, {"authid": authid, **proof})) as session:
        details = session.joined.result()
        assert (details.authid, details.authrole, details.authmethod) == (authid, "tester", method), details


async def refused(url, serializer_name, authid):
    """With the wrong secret."""
    method, proof = SECRETS[authid]
    wrong = {name: "8" * 64 for name in proof}
    try:
        async with connected(url, serializer_name, "secure", (method, {"authid": authid, **wrong})):
            raise AssertionError("let in")
    except ApplicationError as error:
        assert error.error == "wamp.error.authentication_failed", error
