#!/usr/bin/python3
"""python3-autobahn's RawSocket (asyncio) against our programs. Usage: interop_rawsocket.py BIN

Bytes only: handshake, messages, PINGs, refusals, ends. Autobahn leaves PINGs to its user and cannot say exactly 16 MiB.
"""

import asyncio
import contextlib
import sys

import cases
import harness

SERIALIZERS = ["json", "msgpack", "cbor", "ubjson", "flatbuffers"]
SIZES = [0, 1, 511, 512, 65535, 65536, cases.MIB, 16 * cases.MIB - 1]


def load():
    """The peer's module; its protocol classes are made from it."""
    try:
        import txaio

        txaio.use_asyncio()
        from autobahn.asyncio import rawsocket
    except ImportError as error:
        raise harness.MissingPeer(f"python3-autobahn: {error}") from error
    return rawsocket


def protocols(rawsocket):
    """(client class, server class) of the peer, with the blanks filled in."""

    class Link:
        def __init__(self, serializer):
            super().__init__()
            loop = asyncio.get_running_loop()
            self.serializer, self.problem = serializer, None
            self.inbox, self.pongs = asyncio.Queue(), asyncio.Queue()
            self.opened, self.closed = loop.create_future(), loop.create_future()

        def _on_handshake_complete(self):
            self.opened.set_result(None)

        def _on_connection_lost(self, exc):
            self.closed.set_result(exc)
            if not self.opened.done():
                self.opened.set_exception(ConnectionError(self.problem or "ended in the handshake"))
                self.opened.exception()  # seen, also when nobody awaits it

        def protocol_error(self, msg):
            self.problem = msg
            self.transport.close()

        def stringReceived(self, payload):
            self.inbox.put_nowait(bytes(payload))

        def frame(self, kind, payload):
            self.transport.write(bytes([kind]) + len(payload).to_bytes(3, "big") + payload)

        def ping(self, payload):
            self.frame(2, payload)

        def pong(self, payload):
            self.pongs.put_nowait(bytes(payload))

    class Client(Link, rawsocket.RawSocketClientProtocol):
        @property
        def serializer_id(self):
            return self.serializer

    class Server(Link, rawsocket.RawSocketServerProtocol):
        def supports_serializer(self, ser_id):
            return ser_id == self.serializer

        def stringReceived(self, payload):
            self.sendString(payload)

    return Client, Server


@contextlib.asynccontextmanager
async def connected(protocol, port, tls=None):
    loop = asyncio.get_running_loop()
    transport, link = await loop.create_connection(lambda: protocol, "localhost", port, ssl=tls)
    try:
        yield link
    finally:
        transport.close()


@contextlib.asynccontextmanager
async def serving(make, tls=None):
    """A server of the peer's; gives its port."""
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def their_client(setting, Client):
    """The peer's client to our server."""
    report, program = setting.report, setting.program("rawsocket_echo_server")
    for tls in (False, True):
        scheme, context = ("rss", setting.certificates.client_context()) if tls else ("rs", None)
        certificate = setting.certificates.arguments() if tls else []
        async with harness.server(program, "--url", f"{scheme}://127.0.0.1:0", *certificate) as port:
            for number, name in enumerate(SERIALIZERS, 1):
                async with report.case(f"autobahn → rawsocket_echo_server, {scheme}, {name}") as note:
                    async with connected(Client(number), port, context) as link:
                        await link.opened
                        assert link.max_length_send == 1 << 24, link.max_length_send
                        for size in SIZES if number == 1 else SIZES[:4]:
                            link.sendString(cases.binary(size))
                            assert await link.inbox.get() == cases.binary(size), f"{size} bytes differ"
                        for size in (0, 4, 125, 70000):
                            link.frame(1, cases.binary(size))
                            assert await link.pongs.get() == cases.binary(size), f"PONG of {size}"
                    assert await link.closed is None
                    note("closed by the client")


async def refused(setting, Client):
    """Their client asks for what our server does not take, or breaks the rules."""
    program = setting.program("rawsocket_echo_server")
    async with harness.server(program, "--url", "rs://127.0.0.1:0", "--max-size", 1024) as port:
        async with setting.report.case("our refusal is understood"):
            async with connected(Client(6), port) as link:
                await link.closed
                assert "serializer unsupported" in (link.problem or ""), link.problem
        async with setting.report.case("our maximum is understood, and kept"):
            async with connected(Client(1), port) as link:
                await link.opened
                assert link.max_length_send == 1024
                try:
                    link.sendString(bytes(1025))
                    raise AssertionError("Autobahn sends more than it may")
                except ValueError:
                    pass
                link.frame(0, bytes(1025))  # past its own check
                await link.closed


async def their_server(setting, Server):
    """Our client to the peer's server."""
    program = setting.program("rawsocket_echo_client")
    for tls in (False, True):
        scheme, context = ("rss", setting.certificates.server_context()) if tls else ("rs", None)
        trust = ["--ca", setting.certificates.ca] if tls else []
        for number, name in enumerate(SERIALIZERS, 1):
            async with setting.report.case(f"rawsocket_echo_client → autobahn, {scheme}, {name}") as note:
                links = []
                async with serving(lambda n=number: links.append(Server(n)) or links[-1], context) as port:
                    sizes = SIZES if number == 1 else SIZES[:4]
                    for size in sizes:
                        output = await harness.run(program, "--url", f"{scheme}://localhost:{port}", *trust,
                                                   "--serializer", name, "--count", 2, "--size", size)
                        assert "pong after" in output and output.count(f"echo of {size} bytes") == 2, output
                    note(f"{len(sizes)} sizes")
                    assert [await link.closed for link in links] == [None] * len(sizes)
    async with setting.report.case("their refusal is understood"):
        async with serving(lambda: Server(1)) as port:
            try:
                await harness.run(program, "--url", f"rs://localhost:{port}", "--serializer", "cbor")
            except AssertionError as failure:
                assert "serializer unsupported (error 1)" in str(failure), failure
            else:
                raise AssertionError("our client was not refused")


async def test(setting: harness.Setting):
    Client, Server = protocols(load())
    await their_client(setting, Client)
    await refused(setting, Client)
    await their_server(setting, Server)


if __name__ == "__main__":
    sys.exit(harness.main(test, sys.argv[1]))
