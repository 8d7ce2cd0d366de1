#!/usr/bin/python3
"""npm's ws as client and server against our programs. Usage: interop_node_ws.py BIN"""

import sys

import cases
import harness


async def test(setting: harness.Setting):
    import directions
    import peer_node

    peer = peer_node.Peer(setting)
    everything = cases.transports()
    await directions.against_our_server(setting, peer, "echo_server", everything, "--deflate", "takeover")
    await directions.against_our_server(setting, peer, "wstest testeeserver", everything + cases.parameters())
    await directions.our_servers_wishes(setting, peer, cases.parameters())
    await directions.against_our_client(setting, peer, everything + [cases.server_closing()] + cases.parameters())
    await directions.our_clients_wishes(setting, peer, cases.parameters())


if __name__ == "__main__":
    sys.exit(harness.main(test, sys.argv[1]))
