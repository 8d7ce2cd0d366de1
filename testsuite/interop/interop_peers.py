#!/usr/bin/python3
"""The foreign peers against each other: is the harness right? Not one of our programs takes part."""

import sys

import cases
import harness


async def test(setting: harness.Setting):
    import peer_autobahn
    import peer_node
    import peer_websockets

    peers = [peer_websockets, peer_autobahn, peer_node.Peer(setting)]
    scenarios = cases.transports(cases.MIB) + cases.parameters(range(9, 16, 3))
    certificates = setting.certificates
    for serving in peers:
        for connecting in peers:
            for scenario in scenarios:
                async with setting.report.case(f"{connecting.NAME} → {serving.NAME}: {scenario.name}") as note:
                    tls = certificates.server_context() if scenario.tls else None
                    async with serving.server(scenario.deflate, tls) as port:
                        tls = certificates.client_context() if scenario.tls else None
                        await connecting.client(f"{scenario.scheme}://localhost:{port}", scenario, tls, note)


if __name__ == "__main__":
    sys.exit(harness.main(test, "."))
