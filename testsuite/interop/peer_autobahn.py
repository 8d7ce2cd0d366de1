"""python3-autobahn (22.7.1) on asyncio, as client and server."""

import asyncio
import contextlib

import cases
import exchange
import harness

try:
    import autobahn
    import txaio

    txaio.use_asyncio()
    from autobahn.asyncio import websocket as ab
    from autobahn.websocket.compress import (PerMessageDeflateOffer, PerMessageDeflateOfferAccept,
                                             PerMessageDeflateResponseAccept)
except ImportError as error:
    raise harness.MissingPeer(f"python3-autobahn: {error}") from error

NAME = f"python autobahn {autobahn.__version__}"


class Closed(Exception):
    """The connection ended."""


class _Link:
    """Autobahn's callbacks as a link (exchange.py)."""

    def __init__(self):
        super().__init__()
        self.inbox = asyncio.Queue()
        self.opened = asyncio.get_running_loop().create_future()
        self.closed = asyncio.get_running_loop().create_future()
        self.pongs = 0
        self.pings = 0

    def onOpen(self):
        self.opened.set_result(None)

    def onMessage(self, payload, isBinary):
        self.inbox.put_nowait(payload if isBinary else payload.decode())

    def onPong(self, payload):
        self.pongs += 1

    def onClose(self, wasClean, code, reason):
        if not self.opened.done():
            self.opened.set_exception(Closed(f"{code} {reason}"))
        self.closed.set_result((wasClean, code, reason))
        self.inbox.put_nowait(Closed(f"{code} {reason}"))

    async def send(self, message):
        is_binary = isinstance(message, bytes)
        self.sendMessage(message if is_binary else message.encode(), isBinary=is_binary)

    async def send_pieces(self, pieces, is_text: bool, ping: bool):
        self.beginMessage(isBinary=not is_text)
        for number, piece in enumerate(pieces):
            if ping and number:
                self.pings += 1
                self.sendPing(b"%d" % self.pings)
            self.sendMessageFrame(piece)
        self.endMessage()

    async def receive(self):
        message = await self.inbox.get()
        if isinstance(message, Closed):
            raise message
        return message

    async def close(self, code, reason):
        self.sendClose(code, reason)


class _Client(_Link, ab.WebSocketClientProtocol):
    pass


class _Server(_Link, ab.WebSocketServerProtocol):
    def onOpen(self):
        super().onOpen()
        self.task = asyncio.ensure_future(self._serve())

    async def _serve(self):
        with contextlib.suppress(Closed):
            await exchange.serve(self)


def _common(**more):
    # 0: no limit
    return dict(maxMessagePayloadSize=0, maxFramePayloadSize=0, failByDrop=False, tcpNoDelay=True, **more)


async def client(url: str, scenario: cases.Scenario, tls, note=lambda text: None):
    deflate = scenario.deflate
    offers, accept = [], None
    if deflate:
        offers = [PerMessageDeflateOffer(request_no_context_takeover=deflate.server_no_takeover,
                                         request_max_window_bits=deflate.server_bits or 0)]

        def accept(response):
            bits = min(deflate.client_bits or 15, response.client_max_window_bits or 15)
            return PerMessageDeflateResponseAccept(
                response, window_bits=bits,
                no_context_takeover=deflate.client_no_takeover or response.client_no_context_takeover)

    factory = ab.WebSocketClientFactory(url)
    factory.protocol = _Client
    factory.setProtocolOptions(**_common(perMessageCompressionOffers=offers, perMessageCompressionAccept=accept,
                                         serverConnectionDropTimeout=5))
    loop = asyncio.get_running_loop()
    _, link = await loop.create_connection(factory, "127.0.0.1", factory.port, ssl=tls,
                                           server_hostname="localhost" if tls else None)
    try:
        await link.opened
        agreed = link.http_headers.get("sec-websocket-extensions", "")
        note(agreed or "no extensions")
        if deflate:
            deflate.check(agreed, sides=["server"])
        else:
            assert not agreed, f"nothing offered, got {agreed!r}"
        await exchange.client(link, scenario)
        assert link.pongs == link.pings > 0, f"{link.pings} pings, {link.pongs} pongs"
        await link.close(1000, "done")
        clean, code, reason = await link.closed
        assert clean and code == 1000, f"closed with {code} {reason!r}, clean: {clean}"
    finally:
        if link.transport:
            link.transport.abort()


@contextlib.asynccontextmanager
async def server(deflate, tls):
    """Gives the port."""

    def accept(offers):
        for offer in offers:
            if deflate and isinstance(offer, PerMessageDeflateOffer):
                return PerMessageDeflateOfferAccept(
                    offer, request_no_context_takeover=deflate.client_no_takeover,
                    request_max_window_bits=deflate.client_bits or 0,
                    no_context_takeover=deflate.server_no_takeover or None, window_bits=deflate.server_bits)

    factory = ab.WebSocketServerFactory()
    factory.protocol = _Server
    factory.setProtocolOptions(**_common(perMessageCompressionAccept=accept))
    listening = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0, ssl=tls)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        await listening.wait_closed()
