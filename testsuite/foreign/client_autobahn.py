#!/usr/bin/python3
"""A client on python3-autobahn and asyncio, walking through the cases.

    client_autobahn.py URL AGENT [CA]"""

import asyncio
import ssl
import sys

import txaio

txaio.use_asyncio()
import walk  # noqa: E402
from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol  # noqa: E402
from autobahn.websocket.compress import (PerMessageDeflateOffer, PerMessageDeflateResponse,  # noqa: E402
                                         PerMessageDeflateResponseAccept)

LIMIT = 64 << 20  # bytes of a message, as for all peers


class Visit(WebSocketClientProtocol):
    def __init__(self, is_echoing):
        super().__init__()
        self.is_echoing = is_echoing
        self.last = b""
        self.ended = asyncio.get_running_loop().create_future()

    def onMessage(self, payload, isBinary):
        if self.is_echoing:
            self.sendMessage(payload, isBinary)
        else:
            self.last = payload

    def onClose(self, wasClean, code, reason):
        if not self.ended.done():
            self.ended.set_result(reason)


def accept(response):
    return PerMessageDeflateResponseAccept(response) if isinstance(response, PerMessageDeflateResponse) else None


async def main(url, agent, ca=None):
    tls = ssl.create_default_context(cafile=ca) if ca else None

    async def visit(to, is_echoing):
        factory = WebSocketClientFactory(to)
        factory.protocol = lambda: Visit(is_echoing)
        factory.setProtocolOptions(failByDrop=False, tcpNoDelay=True, maxMessagePayloadSize=LIMIT,
                                   maxFramePayloadSize=LIMIT, perMessageCompressionOffers=[PerMessageDeflateOffer()],
                                   perMessageCompressionAccept=accept)
        transport, protocol = await asyncio.get_running_loop().create_connection(
            factory, factory.host, factory.port, ssl=tls)
        try:
            await protocol.ended
        finally:
            transport.abort()
        return protocol.last.decode()

    await walk.walk(url, agent, lambda to: visit(to, False), lambda to: visit(to, True))


asyncio.run(main(*sys.argv[1:]))
