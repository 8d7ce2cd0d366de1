#!/usr/bin/python3
"""Foreign WAMP clients joined with our sessions on our router. Usage: interop_wamp.py BIN"""

import sys

import harness

OVERALL = 100  # seconds for all cases of one session
# Our session's cases (wamp/cases.cpp) against the procedures of a peer.
CALL_BACKS = ["echo", "values", "results", "errors", "progress", "identity", "patterns", "cancel", "skip", "timeout"]


def router(setting: harness.Setting, *arguments):
    """Gives its URLs by scheme."""
    return harness.server(setting.program("interop_wamp"), *setting.certificates.arguments(), *arguments,
                          ready=harness.urls_of)


async def python(setting: harness.Setting, urls, scheme: str, serializer: str):
    import wamp_python as peer

    report = setting.report
    tls = setting.certificates.client_context() if scheme in ("wss", "rss") else None
    values = peer.values_of(serializer)
    where = f"{scheme} {serializer}"
    async with report.case(f"{peer.NAME}, {where}: joins, leaves", OVERALL):
        async with peer.connected(urls[scheme], serializer, tls=tls) as session:
            await peer.offer(session, "com.peer")
            for name, case in peer.CALLS.items():
                async with report.case(f"{peer.NAME} calls us, {where}: {name}") as note:
                    note(await case(session, "com.interop", values) or "")
            for name in CALL_BACKS:
                async with report.case(f"we call {peer.NAME}, {where}: {name}") as note:
                    note(await session.call("com.interop.call_back", name, "com.peer", values))
            peer.wake(session)
            for name, case in peer.PUBSUB.items():
                async with report.case(f"{peer.NAME}, {where}: {name}") as note:
                    note(await case(session, values))
            for case in (peer.identity, peer.own_events, peer.dismissed):
                async with report.case(f"{peer.NAME}, {where}: {case.__name__}"):
                    await case(session)


async def python_authentication(setting: harness.Setting, urls):
    import wamp_python as peer

    for scheme in ("ws", "rs"):
        for authid in peer.methods():
            async with setting.report.case(f"{peer.NAME}, {scheme}: {authid} comes in"):
                await peer.authenticate(urls[scheme], "json", authid)
            async with setting.report.case(f"{peer.NAME}, {scheme}: not {authid}"):
                await peer.refused(urls[scheme], "json", authid)


async def python_everything(setting: harness.Setting):
    import wamp_python as peer

    async with router(setting) as urls:
        for serializer in peer.serializers():
            for scheme in ("ws", "rs", "wss", "rss"):
                await python(setting, urls, scheme, serializer)
        await python_authentication(setting, urls)


async def javascript(setting: harness.Setting, library: str):
    import wamp_javascript as peer

    name = peer.name(library)
    # Our session on the same wire as theirs, and on another.
    for ours in ("json", "cbor"):
        async with router(setting, "--serializer", ours) as urls:
            for serializer in peer.PLANS[library]:
                where = f"{name}, {serializer}, we {ours}"
                await peer.on_node(setting, library, "run", where, peer.plan(library, serializer, urls["ws"]))
    async with router(setting) as urls:
        await peer.on_node(setting, library, "authenticate", name, peer.plan(library, "json", urls["ws"]))


async def chromium(setting: harness.Setting):
    import wamp_javascript as peer

    async with router(setting) as urls:
        await peer.everything_in_chromium(setting, urls)


async def strangers(setting: harness.Setting):
    """Autobahn|JS calls Autobahn|Python through our router."""
    import wamp_javascript
    import wamp_python

    name = f"{wamp_javascript.name('autobahn')} calls {wamp_python.NAME}"
    async with router(setting) as urls, wamp_python.connected(urls["rs"], "msgpack") as callee:
        await wamp_python.offer(callee, "com.python")
        plan = wamp_javascript.plan("autobahn", "json", urls["ws"], prefix="com.python")
        plan["without"] = ["calls com.python: cancel"]  # counts interruptions of our own session
        await wamp_javascript.on_node(setting, "autobahn", "run", name, plan)
        wamp_python.wake(callee)


async def our_end(setting: harness.Setting):
    """The router is ended: whoever is there hears of it."""
    import wamp_python as peer

    async with setting.report.case("GOODBYE when our router ends"):
        async with router(setting) as urls:
            ends = peer.connected(urls["ws"], "cbor")
            session = await ends.__aenter__()
        left = await session.left
        assert left.reason == "wamp.close.system_shutdown", left
        await ends.__aexit__(None, None, None)


async def test(setting: harness.Setting):
    missing = []
    for peer in (python_everything, our_end, lambda s: javascript(s, "autobahn"), lambda s: javascript(s, "wampy"),
                 chromium, strangers):
        try:
            await peer(setting)
        except harness.MissingPeer as error:  # the others are worth running all the same
            print(f"not run: {error}", flush=True)
            missing.append(str(error))
    if missing:
        raise harness.MissingPeer("; ".join(dict.fromkeys(missing)))


if __name__ == "__main__":
    sys.exit(harness.main(test, sys.argv[1]))
