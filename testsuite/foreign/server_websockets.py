#!/usr/bin/python3
"""An echo server on python3-websockets, with its defaults but for the limit of size and its own pings.

    server_websockets.py [CERTIFICATE KEY]"""

import asyncio
import contextlib
import logging
import ssl
import sys

import websockets

LIMIT = 64 << 20  # bytes of a message, as for all peers


async def echo(connection):
    with contextlib.suppress(websockets.ConnectionClosed):
        async for message in connection:
            await connection.send(message)


async def main(tls_files):
    tls = None
    if tls_files:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*tls_files)
    logging.disable(logging.ERROR)  # a traceback for each bad handshake
    async with websockets.serve(echo, "127.0.0.1", 0, ssl=tls, max_size=LIMIT, ping_interval=None) as server:
        print(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.Future()


asyncio.run(main(sys.argv[1:]))
