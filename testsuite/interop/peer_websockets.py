"""python3-websockets (10.4) as client and server."""

import contextlib

import cases
import exchange
import harness

try:
    import websockets
    from websockets.extensions.permessage_deflate import (ClientPerMessageDeflateFactory,
                                                          ServerPerMessageDeflateFactory)
    from websockets.frames import Opcode
    from websockets.legacy.client import connect
    from websockets.legacy.server import serve as listen
except ImportError as error:
    raise harness.MissingPeer(f"python3-websockets: {error}") from error

NAME = f"python websockets {websockets.version.version}"


class Link:
    def __init__(self, connection):
        self.connection = connection
        self.send = connection.send
        self.receive = connection.recv
        self.close = connection.close
        self.compressed = 0  # frames received with RSV1, the mark of a compressed message
        for extension in connection.extensions:
            self._watch(extension)

    def _watch(self, extension):
        decode = extension.decode

        def counting(frame, **options):
            self.compressed += frame.rsv1
            return decode(frame, **options)

        extension.decode = counting

    async def send_pieces(self, pieces, is_text: bool, ping: bool):
        # The library's own fragmenting cuts text between characters only: frame by frame, then.
        opcode = Opcode.TEXT if is_text else Opcode.BINARY
        waiters = []
        for number, piece in enumerate(pieces):
            if ping and number:
                waiters.append(await self.connection.ping())
            last = number == len(pieces) - 1
            await self.connection.write_frame(last, Opcode.CONT if number else opcode, piece)
        for waiter in waiters:
            await waiter

    async def send_raw_text(self, octets: bytes):
        await self.connection.write_frame(True, Opcode.TEXT, octets)


def _extensions(factory, deflate: cases.Deflate | None):
    if not deflate:
        return None
    client_bits = deflate.client_bits
    if factory is ClientPerMessageDeflateFactory and client_bits is None:
        client_bits = True
    return [factory(server_no_context_takeover=deflate.server_no_takeover,
                    client_no_context_takeover=deflate.client_no_takeover,
                    server_max_window_bits=deflate.server_bits, client_max_window_bits=client_bits,
                    compress_settings={"memLevel": 5})]


@contextlib.asynccontextmanager
async def connected(url: str, deflate, tls):
    async with connect(url, ssl=tls, compression=None, extensions=_extensions(ClientPerMessageDeflateFactory, deflate),
                       max_size=None, ping_interval=None, close_timeout=5) as connection:
        yield Link(connection)


async def client(url: str, scenario: cases.Scenario, tls, note=lambda text: None):
    async with connected(url, scenario.deflate, tls) as link:
        agreed = link.connection.response_headers.get("Sec-WebSocket-Extensions", "")
        note(agreed or "no extensions")
        if scenario.deflate:
            scenario.deflate.check(agreed, sides=["server"])  # the client's side is but a hint
        else:
            assert not agreed, f"nothing offered, got {agreed!r}"
        await exchange.client(link, scenario)
        assert bool(link.compressed) == bool(scenario.deflate), f"{link.compressed} compressed messages"
        await link.close(1000, "done")
        code = link.connection.close_code
        assert code == 1000, f"closed with {code} {link.connection.close_reason!r}"


@contextlib.asynccontextmanager
async def server(deflate, tls, serve=exchange.serve):
    """Gives the port."""

    async def handler(connection):
        with contextlib.suppress(websockets.ConnectionClosed):
            await serve(Link(connection))

    async with listen(handler, "127.0.0.1", 0, ssl=tls, compression=None,
                      extensions=_extensions(ServerPerMessageDeflateFactory, deflate), max_size=None,
                      ping_interval=None, close_timeout=5) as listening:
        yield listening.sockets[0].getsockname()[1]
