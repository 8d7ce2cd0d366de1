#!/usr/bin/python3
"""python3-websockets as client and server against our programs. Usage: interop_python_websockets.py BIN"""

import sys

import cases
import harness


async def test(setting: harness.Setting):
    import directions
    import peer_websockets as peer

    everything = cases.transports()
    await directions.against_our_server(setting, peer, "echo_server", everything, "--deflate", "takeover")
    await directions.against_our_server(setting, peer, "testee_server", everything)
    await directions.against_our_server(setting, peer, "testee_server", cases.parameters())
    await directions.against_our_server(setting, peer, "echo_server", cases.parameters([9]), "--deflate", "shared")
    await invalid_text(setting, peer)
    await directions.our_servers_wishes(setting, peer, cases.parameters())
    await directions.against_our_client(setting, peer, everything + [cases.server_closing()])
    await directions.against_our_client(setting, peer, cases.parameters())
    await directions.our_clients_wishes(setting, peer, cases.parameters())


async def invalid_text(setting, peer):
    """What is no UTF-8 ends with 1007, compressed or not, and never with an echo (RFC 6455 section 8.1)."""
    async with setting.serve("testee_server") as port:
        for deflate in (None, cases.Deflate()):
            for octets in (b"\xff", b"ok \xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"cut \xe2\x82"):
                async with setting.report.case(f"{peer.NAME} → testee_server: {octets!r} as text, {deflate}"):
                    async with peer.connected(f"ws://localhost:{port}", deflate, None) as link:
                        await link.send_raw_text(octets)
                        await link.connection.wait_closed()
                        assert link.connection.close_code == 1007, f"closed with {link.connection.close_code}"


if __name__ == "__main__":
    sys.exit(harness.main(test, sys.argv[1]))
