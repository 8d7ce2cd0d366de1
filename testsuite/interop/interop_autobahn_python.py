#!/usr/bin/python3
"""python3-autobahn as client and server against our programs. Usage: interop_autobahn_python.py BIN"""

import sys

import cases
import harness


async def test(setting: harness.Setting):
    import directions
    import peer_autobahn as peer

    everything = cases.transports()
    some = cases.parameters(range(9, 16, 3))
    await directions.against_our_server(setting, peer, "echo_server", everything, "--deflate", "takeover")
    await directions.against_our_server(setting, peer, "wstest testeeserver", some)
    await directions.our_servers_wishes(setting, peer, some)
    await directions.against_our_client(setting, peer, everything + [cases.server_closing()])
    # Autobahn keeps to its own stricter limits without saying so.
    await directions.against_our_client(setting, peer, some, servers_bits_are_told=False)
    await directions.our_clients_wishes(setting, peer, some)


if __name__ == "__main__":
    sys.exit(harness.main(test, sys.argv[1]))
