"""The messages of a scenario through one connection, and a server's part: the same for every Python peer.

A link has: send(str or bytes) · send_pieces(pieces, is_text, ping) · receive() → str or bytes ·
close(code, reason).
"""

import asyncio

import cases


async def round_trip(link, message, what: str):
    # Sending and receiving side by side: echoing servers may not take all before we read.
    sending = asyncio.ensure_future(link.send(message))
    try:
        echo = await link.receive()
        await sending
    finally:
        sending.cancel()
    assert type(echo) is type(message), f"{what}: sent {type(message).__name__}, got {type(echo).__name__}"
    assert echo == message, f"{what}: the echo of {len(message)} differs ({len(echo)})"


async def client(link, scenario: cases.Scenario):
    """All sizes, binary and text, then text cut at every byte, with a ping between the pieces."""
    for size in scenario.sizes():
        await round_trip(link, cases.binary(size), f"{size} bytes binary")
        await round_trip(link, cases.text(size), f"{size} bytes text")
    payload = cases.CUT_TEXT.encode()
    for pieces in cases.cuts(payload):
        await link.send_pieces(pieces, is_text=True, ping=True)
        echo = await link.receive()
        assert echo == cases.CUT_TEXT, f"cut as {[len(p) for p in pieces]}: got {echo!r}"
    blob = cases.binary(65536)
    await link.send_pieces([blob[:1], b"", blob[1:40000], blob[40000:]], is_text=False, ping=False)
    assert await link.receive() == blob, "a fragmented binary message came back different"


async def serve(link):
    """Echoes until the connection ends; obeys the commands of interop_client."""
    while True:
        message = await link.receive()
        if isinstance(message, str) and message.startswith(cases.CUTS_COMMAND):
            for pieces in cases.cuts(message.removeprefix(cases.CUTS_COMMAND).encode()):
                await link.send_pieces(pieces, is_text=True, ping=True)
        elif message == cases.CLOSE_COMMAND:
            await link.close(cases.CLOSE_CODE, cases.CLOSE_REASON)
        else:
            await link.send(message)
