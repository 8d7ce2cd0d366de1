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


async def test(setting: harness.Setting):
    import wamp_python

    async with router(setting) as urls:
        for serializer in wamp_python.serializers():
            for scheme in ("ws", "rs", "wss", "rss"):
                await python(setting, urls, scheme, serializer)
        await python_authentication(setting, urls)


if __name__ == "__main__":
    sys.exit(harness.main(test, sys.argv[1]))
