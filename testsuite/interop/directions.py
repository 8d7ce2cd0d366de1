"""A foreign peer against our programs, as client and as server."""

import contextlib

import cases
import harness


async def against_our_server(setting: harness.Setting, peer, program: str, scenarios, *arguments):
    """The peer's client through every scenario to one of our servers."""
    async with contextlib.AsyncExitStack() as stack:
        ports = {}
        for tls in sorted({scenario.tls for scenario in scenarios}):
            ports[tls] = await stack.enter_async_context(setting.serve(program, *arguments, tls=tls))
        for scenario in scenarios:
            command = " ".join([program, *arguments])
            async with setting.report.case(f"{peer.NAME} → {command}: {scenario.name}") as note:
                tls = setting.certificates.client_context() if scenario.tls else None
                await peer.client(f"{scenario.scheme}://localhost:{ports[scenario.tls]}", scenario, tls, note)


async def against_our_client(setting: harness.Setting, peer, scenarios, servers_bits_are_told=True):
    """Our client through every scenario to the peer's server, which demands the scenario's parameters."""
    for scenario in scenarios:
        async with setting.report.case(f"interop_client → {peer.NAME}, server's wish: {scenario.name}") as note:
            sides = ("server", "client") if servers_bits_are_told else ("client",)
            await _our_client(setting, peer, scenario, scenario.deflate, [], sides, note)


async def our_clients_wishes(setting: harness.Setting, peer, scenarios):
    """Our client offers the scenario's parameters to a server that takes what comes."""
    for scenario in scenarios:
        wish = scenario.deflate
        offer = ["--request-no-takeover"] * wish.server_no_takeover + ["--no-takeover"] * wish.client_no_takeover
        if wish.server_bits:
            offer += ["--request-window", wish.server_bits]
        if wish.client_bits:
            offer += ["--window", wish.client_bits]
        async with setting.report.case(f"interop_client → {peer.NAME}, client's wish: {scenario.name}") as note:
            await _our_client(setting, peer, scenario, cases.Deflate(), offer, ("server",), note)


async def _our_client(setting, peer, scenario, servers_wish, offer, sides, note):
    tls = setting.certificates.server_context() if scenario.tls else None
    async with peer.server(servers_wish, tls) as port:
        ca = ["--ca", setting.certificates.ca] if scenario.tls else []
        output = await harness.run(
            setting.program("interop_client"), "--url", f"{scenario.scheme}://localhost:{port}", *ca, *offer,
            "--deflate", "on" if scenario.deflate else "off", "--max-size", scenario.max_size,
            *["--server-closes"] * scenario.server_closes)
        agreed = output.split("negotiated: ")[1].splitlines()[0]
        note(f"{output.count('ok ')} messages, {agreed or 'no extensions'}")
        if scenario.deflate:
            scenario.deflate.check(agreed, sides)
        else:
            assert not agreed, f"nothing offered, got {agreed!r}"
