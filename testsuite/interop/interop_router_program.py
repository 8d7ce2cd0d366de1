#!/usr/bin/python3
"""Foreign WAMP clients, our session and our command `wamp` through the program autobahn-router, in each pair and both
directions. interop_wamp.py has every case of every serializer; here are the program, its configuration and its
transports. Usage: interop_router_program.py BIN"""

import asyncio
import contextlib
import json
import pathlib
import sys

import harness
import interop_wamp
import wamp_command

URLS = ("ws://127.0.0.1:0/", "rs://127.0.0.1:0", "wss://127.0.0.1:0/", "rss://127.0.0.1:0")


def configuration(setting: harness.Setting, is_salted: bool):
    """As interop_wamp.cpp has it: one realm for everybody, one for users. One way has one kind of users: WAMP-CRA is
    salted or plain."""
    everything = ["call", "register", "subscribe", "publish"]
    anybody = {"name": "anonymous", "permissions": [
        {"uri": "", "match": "prefix", "allow": everything}, {"uri": "wamp.", "match": "prefix", "allow": everything}]}
    tester = {**anybody, "name": "tester"}
    wampcra = {"salted": True, "iterations": 1000} if is_salted else {}
    secure = {
        "ticket": {"users": {"ticket-user": {"role": "tester", "ticket": "ticket-secret"}}},
        "wampcra": {**wampcra, "users": {"cra-user": {"role": "tester", "secret": "cra-secret"},
                                         "cra-salted-user": {"role": "tester", "secret": "cra-password"}}},
        "scram": {"kdf": "argon2id-13", "iterations": 512, "memory": 64,
                  "users": {"scram-user": {"role": "tester", "password": {"file": "scram-password"}}}},
        "cryptosign": {"users": {"cryptosign-user": {"role": "tester", "authorizedKeys": [public_key()]}}},
    }
    certificates = setting.certificates
    tls = {"certificate": certificates.cert, "key": certificates.key}
    listeners = [{"url": url, **({"longpoll": "/lp"} if url.startswith("ws") else {}),
                  **({"tls": tls} if "ss:" in url else {})} for url in URLS]
    return {"listeners": listeners,
            "realms": [{"name": "realm1", "roles": [anybody], "authentication": {"anonymous": {"role": "anonymous"}}},
                       {"name": "secure", "roles": [tester], "authentication": secure}]}


def public_key() -> str:
    from nacl.signing import SigningKey

    return SigningKey(bytes.fromhex("7" * 64)).verify_key.encode().hex()


async def urls_of(process, output):
    """For `harness.server`: one line of the log for each listener."""
    urls = {}
    while len(urls) < len(URLS):
        line = (await process.stdout.readline()).decode(errors="replace")
        if not line:
            raise AssertionError(f"autobahn-router ended before it listened: {''.join(output)}")
        output.append(line)
        if "listening on " in line:
            url = line.split()[-1]
            urls[url.split(":")[0]] = url
    return urls


async def ready(process, output):
    """For `harness.server`: our session is there."""
    while line := (await process.stdout.readline()).decode(errors="replace"):
        output.append(line)
        if line.strip() == "ready":
            return
    raise AssertionError(f"our session ended before it was ready: {''.join(output)}")


@contextlib.asynccontextmanager
async def router(setting: harness.Setting, scheme: str = "ws", serializer: str = "cbor", is_salted: bool = True):
    """The program, with our session joined at the listener of `scheme` (ws or rs); its URLs by scheme."""
    folder = pathlib.Path(setting.folder)
    (folder / "scram-password").write_text("scram-password\n")
    config = folder / "router.json"
    config.write_text(json.dumps(configuration(setting, is_salted)))
    async with harness.server(setting.program("autobahn-router"), "--config", config, ready=urls_of) as urls:
        session = ("--join", urls[scheme], "--serializer", serializer)
        async with harness.server(setting.program("interop_wamp"), *session, ready=ready):
            yield urls


async def python(setting: harness.Setting, urls):
    import wamp_python as peer

    for scheme, serializer in zip(urls, peer.serializers()):
        await interop_wamp.python(setting, urls, scheme, serializer)
    await interop_wamp.python_authentication(setting, urls)


async def javascript(setting: harness.Setting, urls, library: str):
    import wamp_javascript as peer

    name = peer.name(library)
    for scheme in ("ws", "rs") if library == "autobahn" else ("ws",):  # wampy has no RawSocket
        plan = peer.plan(library, "json", urls[scheme])
        await peer.on_node(setting, library, "run", f"{name}, {scheme}", plan)
        await peer.on_node(setting, library, "authenticate", f"{name}, {scheme}", plan)


async def command(setting: harness.Setting, urls):
    """With our session."""
    await wamp_command.everything(setting, urls)


async def command_and_python(setting: harness.Setting, urls):
    import wamp_python as peer

    for scheme in ("ws", "rs"):
        wamp = wamp_command.Command(setting, urls[scheme])
        other = "rs" if scheme == "ws" else "ws"
        async with peer.connected(urls[other], "msgpack") as session:
            queue = asyncio.Queue()
            await peer.offer(session, "com.python")
            await session.subscribe(lambda *args, **kwargs: queue.put_nowait((args, kwargs)), "com.python.topic")
            where = f"wamp {scheme} and {peer.NAME} {other}"
            async with setting.report.case(f"{where}: calls of both"):
                assert await wamp.value("call", "com.python.echo", "1", "--kwarg", "k=2") == {
                    "args": [1], "kwargs": {"k": 2}}
                async with wamp.serving("register", "--echo", "com.wamp.echo", ready="registered"):
                    assert await peer.called(session, "com.wamp.echo", 1, k=2) == ([1], {"k": 2})
            async with setting.report.case(f"{where}: events of both"):
                await wamp.run("publish", "com.python.topic", "1", "--kwarg", "k=2", "--acknowledge")
                assert await queue.get() == ((1,), {"k": 2})
                async with wamp.serving("subscribe", "com.wamp.topic", ready="subscribed") as subscriber:
                    session.publish("com.wamp.topic", "from python", k=1)
                    event = json.loads(await subscriber.stdout.readline())
                    assert (event["args"], event["kwargs"]) == (["from python"], {"k": 1}), event


async def command_and_javascript(setting: harness.Setting, urls, library: str):
    import wamp_javascript as peer

    wamp = wamp_command.Command(setting, urls["rs"])
    name = f"wamp rs and {peer.name(library)}"
    plan = peer.plan(library, "json", urls["ws"], echo="com.wamp.echo", topic="com.wamp.topic")

    async def meet():
        async with (wamp.serving("register", "--echo", "com.wamp.echo", ready="registered"),
                    wamp.serving("subscribe", "com.wamp.topic", ready="subscribed") as subscriber):
            served = asyncio.create_task(peer.on_node(setting, library, "serve", name, plan))
            event = json.loads(await subscriber.stdout.readline())
            assert (event["args"], event["kwargs"]) == (["from js"], {"k": 1}), event
            assert await wamp.value("call", "com.js.echo", "1", "--kwarg", "k=2") == {"args": [1], "kwargs": {"k": 2}}
            await wamp.run("call", "com.js.begin")
            await wamp.run("publish", "com.js.topic", "1", "--kwarg", "k=2", "--acknowledge")
            assert await wamp.value("call", "com.js.end") == [[[1], {"k": 2}]]
            await served

    async with setting.report.case(f"{name}: calls and events of both"):
        await meet()


async def plain_wampcra(setting: harness.Setting):
    """The same users, not salted."""
    import wamp_javascript
    import wamp_python

    async with router(setting, "rs", "msgpack", is_salted=False) as urls:
        for authid in ("cra-user", "cra-salted-user"):
            async with setting.report.case(f"{wamp_python.NAME}: {authid}, plain"):
                await wamp_python.authenticate(urls["ws"], "cbor", authid)
                await wamp_python.refused(urls["ws"], "cbor", authid)
        for library in ("autobahn", "wampy"):
            plan = wamp_javascript.plan(library, "json", urls["ws"])
            name = f"{wamp_javascript.name(library)}, WAMP-CRA plain"
            await wamp_javascript.on_node(setting, library, "authenticate", name, plan)


async def chromium(setting: harness.Setting, urls):
    import wamp_javascript as peer

    await peer.everything_in_chromium(setting, urls, serializers=("json",))


async def test(setting: harness.Setting):
    missing = []

    async def attempt(run, *arguments):
        try:
            await run(setting, *arguments)
        except harness.MissingPeer as error:  # the others are worth running all the same
            print(f"not run: {error}", flush=True)
            missing.append(str(error))

    async with router(setting) as urls:
        for run in (python, command, command_and_python, chromium):
            await attempt(run, urls)
        for library in ("autobahn", "wampy"):
            await attempt(javascript, urls, library)
            await attempt(command_and_javascript, urls, library)
    await attempt(plain_wampcra)
    if missing:
        raise harness.MissingPeer("; ".join(dict.fromkeys(missing)))


if __name__ == "__main__":
    sys.exit(harness.main(test, sys.argv[1]))
