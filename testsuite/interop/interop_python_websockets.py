#!/usr/bin/python3
"""python3-websockets as client and server against our programs. Usage: interop_python_websockets.py BIN"""

import asyncio
import contextlib
import sys

import cases
import harness

INVALID = [b"\xff", b"ok \xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"cut \xe2\x82"]


async def test(setting: harness.Setting):
    import directions
    import peer_websockets as peer

    everything = cases.transports()
    await directions.against_our_server(setting, peer, "echo_server", everything, "--deflate", "takeover")
    await directions.against_our_server(setting, peer, "wstest testeeserver", everything)
    await directions.against_our_server(setting, peer, "wstest testeeserver", cases.parameters())
    await directions.against_our_server(setting, peer, "echo_server", cases.parameters([9]), "--deflate", "shared")
    await invalid_text(setting, peer)
    await many_at_once(setting, peer)
    await directions.our_servers_wishes(setting, peer, cases.parameters())
    await directions.against_our_client(setting, peer, everything + [cases.server_closing()])
    await directions.against_our_client(setting, peer, cases.parameters())
    await directions.our_clients_wishes(setting, peer, cases.parameters())


async def invalid_text(setting, peer):
    """What is no UTF-8 ends with 1007, compressed or not, and never with an echo (RFC 6455 section 8.1)."""
    async with setting.report.case("wstest testeeserver runs and ends"), setting.serve("wstest testeeserver") as port:
        for deflate in (None, cases.Deflate()):
            for octets in INVALID:
                async with setting.report.case(f"{peer.NAME} → testeeserver: {octets!r} as text, {deflate}"):
                    async with peer.connected(f"ws://localhost:{port}", deflate, None) as link:
                        await link.send_raw_text(octets)
                        await link.connection.wait_closed()
                        assert link.connection.close_code == 1007, f"closed with {link.connection.close_code}"
    for deflate in (None, cases.Deflate()):
        for octets in INVALID:
            async with setting.report.case(f"{peer.NAME} to interop_client: {octets!r} as text, {deflate}"):
                seen = await _closed_by_our_client(setting, peer, deflate, octets)
                assert seen == 1007, f"closed with {seen}"


async def _closed_by_our_client(setting, peer, deflate, octets):
    """The code with which our client closes when it is sent `octets` as text."""
    seen = asyncio.get_running_loop().create_future()

    async def bad_answer(link):
        await link.receive()
        await link.send_raw_text(octets)
        await link.connection.wait_closed()
        seen.set_result(link.connection.close_code)

    async with peer.server(deflate, None, bad_answer) as port:
        with contextlib.suppress(AssertionError):  # it tells that the connection failed: as it should
            await harness.run(setting.program("interop_client"), "--url", f"ws://localhost:{port}", "--deflate",
                              "on" if deflate else "off")
            raise RuntimeError("interop_client took it for a success")
        return await seen


async def many_at_once(setting, peer):
    """Connections dealt to two loops do not mix up their messages or compression contexts."""
    clients = 16
    for mode in ("takeover", "shared"):
        async with setting.report.case(f"{clients} × {peer.NAME} → echo_server --threads 2 --deflate {mode}"):
            async with setting.serve("echo_server", "--threads", 2, "--deflate", mode) as port:
                scenarios = [cases.Scenario("", False, (None, cases.Deflate())[n % 2], cases.MIB) for n in range(clients)]
                async with asyncio.TaskGroup() as group:
                    for scenario in scenarios:
                        group.create_task(peer.client(f"ws://localhost:{port}", scenario, None))


if __name__ == "__main__":
    sys.exit(harness.main(test, sys.argv[1]))
