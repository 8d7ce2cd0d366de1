"""A foreign peer against our programs, as client and as server."""

import contextlib
import dataclasses

import cases
import harness

OVERALL = 240  # seconds for all connections to one server together


async def against_our_server(setting: harness.Setting, peer, program: str, scenarios, *arguments):
    """The peer's client through every scenario to one of our servers."""
    command = " ".join([program, *arguments])
    # A case of its own: the server starts, and ends well in the end.
    async with setting.report.case(f"{command} runs and ends", OVERALL), contextlib.AsyncExitStack() as stack:
        ports = {}
        for tls in sorted({scenario.tls for scenario in scenarios}):
            ports[tls] = await stack.enter_async_context(setting.serve(program, *arguments, tls=tls))
        for scenario in scenarios:
            async with setting.report.case(f"{peer.NAME} → {command}: {scenario.name}") as note:
                tls = setting.certificates.client_context() if scenario.tls else None
                await peer.client(f"{scenario.scheme}://localhost:{ports[scenario.tls]}", scenario, tls, note)


async def our_servers_wishes(setting: harness.Setting, peer, scenarios):
    """The peer's client offers what it can to our server, which demands the scenario's parameters."""
    for scenario in scenarios:
        wish = scenario.deflate
        demand = ["--no-takeover"] * wish.server_no_takeover + ["--request-no-takeover"] * wish.client_no_takeover
        if wish.server_bits:
            demand += ["--window", wish.server_bits]
        if wish.client_bits:
            demand += ["--request-window", wish.client_bits]
        async with setting.report.case(f"{peer.NAME} → interop_server, server's wish: {scenario.name}") as note:
            async with setting.serve("interop_server", *demand) as port:
                open_offer = dataclasses.replace(scenario, deflate=cases.Deflate())
                agreed = []
                await peer.client(f"ws://localhost:{port}", open_offer, None, agreed.append)
                note(agreed[0])
                wish.check(agreed[0])


async def against_our_client(setting: harness.Setting, peer, scenarios, servers_bits_are_told=True):
    """Our client through every scenario to the peer's server, which demands the scenario's parameters."""
    for scenario in scenarios:
        async with setting.report.case(f"interop_client → {peer.NAME}, server's wish: {scenario.name}") as note:
            sides = ("server", "client") if servers_bits_are_told else ("client",)
            hint = ["--hint-no-takeover"] * bool(scenario.deflate and scenario.deflate.client_no_takeover)
            await _our_client(setting, peer, scenario, scenario.deflate, hint, sides, note)


async def our_clients_wishes(setting: harness.Setting, peer, scenarios):
    """Our client offers the scenario's parameters to a server that takes what comes."""
    for scenario in scenarios:
        wish = scenario.deflate
        offer = ["--request-no-takeover"] * wish.server_no_takeover + ["--no-takeover"] * wish.client_no_takeover
        offer += ["--hint-no-takeover"] * wish.client_no_takeover
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
