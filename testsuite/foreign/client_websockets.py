#!/usr/bin/python3
"""A client on python3-websockets, walking through the cases.

    client_websockets.py URL AGENT [CA]"""

import asyncio
import contextlib
import ssl
import sys

import walk
import websockets

LIMIT = 64 << 20


async def main(url, agent, ca=None):
    tls = ssl.create_default_context(cafile=ca) if ca else None

    def connect(to):
        return websockets.connect(to, ssl=tls, max_size=LIMIT, ping_interval=None)

    async def ask(to):
        async with connect(to) as connection:
            with contextlib.suppress(websockets.ConnectionClosed):
                return await connection.recv()

    async def run(to):
        async with connect(to) as connection:
            async for message in connection:
                await connection.send(message)

    await walk.walk(url, agent, ask, run)


asyncio.run(main(*sys.argv[1:]))
