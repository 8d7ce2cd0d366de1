#!/usr/bin/python3
"""An echo server on python3-autobahn and asyncio: with the options of its own testee.

    server_autobahn.py [CERTIFICATE KEY]"""

import asyncio
import ssl
import sys

import txaio

txaio.use_asyncio()
from autobahn.asyncio.websocket import WebSocketServerFactory, WebSocketServerProtocol  # noqa: E402
from autobahn.websocket.compress import PerMessageDeflateOffer, PerMessageDeflateOfferAccept  # noqa: E402

LIMIT = 64 << 20  # bytes of a message, as for all peers


class Echo(WebSocketServerProtocol):
    def onMessage(self, payload, isBinary):
        self.sendMessage(payload, isBinary)


def accept(offers):
    for offer in offers:
        if isinstance(offer, PerMessageDeflateOffer):
            return PerMessageDeflateOfferAccept(offer)
    return None


async def main(tls_files):
    tls = None
    if tls_files:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*tls_files)
    factory = WebSocketServerFactory()
    factory.protocol = Echo
    factory.setProtocolOptions(failByDrop=False, tcpNoDelay=True, maxMessagePayloadSize=LIMIT,
                               maxFramePayloadSize=LIMIT, perMessageCompressionAccept=accept)
    server = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0, ssl=tls)
    print(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Future()


asyncio.run(main(sys.argv[1:]))
