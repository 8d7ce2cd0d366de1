#!/usr/bin/python3
"""An echo server on python3-websockets, for bench/echo/run.py; permessage-deflate where it is offered."""

import asyncio
import contextlib

import websockets


async def echo(connection):
    with contextlib.suppress(websockets.ConnectionClosed):
        async for message in connection:
            await connection.send(message)


async def main():
    async with websockets.serve(echo, "127.0.0.1", 0, max_size=64 << 20, ping_interval=None) as server:
        print(f"listening on ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.Future()


asyncio.run(main())
