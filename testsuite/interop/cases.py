"""What is sent through every pair of peers. interop_client.cpp sends the same from C++."""

from dataclasses import dataclass

KIB, MIB = 1024, 1024 * 1024
SIZES = [0, 1, 125, 126, 65535, 65536, MIB, 16 * MIB]

# Characters of one to four bytes, with the first and last of most lengths (RFC 3629).
CUT_TEXT = "aß€😀z\u0080\u07ff\u0800\uffff\U00010000\U0010ffff"
PATTERN = "Grüße aus der Prüfung: € 42, 漢字, 😀. "

# What the foreign servers do besides echoing.
CUTS_COMMAND = "!cuts:"  # + text: answer with the text cut in two at every byte, then in one-byte frames
CLOSE_COMMAND = "!close"  # close with the following
CLOSE_CODE, CLOSE_REASON = 3000, "fertig – ende"


def binary(size: int) -> bytes:
    """Bytes of which a quarter does not compress."""
    block = bytearray()
    state = 0x9E3779B9 ^ size
    for _ in range(4096):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        block.append(state >> 16 & 0xFF)
    block += bytes(range(256)) * 48
    return (bytes(block) * (size // len(block) + 1))[:size]


def text(size: int) -> str:
    """Text of `size` bytes in UTF-8, most of them parts of longer characters."""
    pattern = PATTERN.encode()
    whole, rest = divmod(size, len(pattern))
    return PATTERN * whole + "." * rest


def cuts(payload: bytes) -> list[list[bytes]]:
    """The payload in two pieces, cut at every position (both ends too: empty frames), then byte by byte."""
    pieces = [[payload[:i], payload[i:]] for i in range(len(payload) + 1)]
    return pieces + [[payload[i : i + 1] for i in range(len(payload))]]


@dataclass(frozen=True)
class Deflate:
    """permessage-deflate parameters (RFC 7692 section 7.1): as a client offers or as a server demands them."""

    server_no_takeover: bool = False
    client_no_takeover: bool = False
    server_bits: int | None = None
    client_bits: int | None = None

    def check(self, agreed: str, sides=("server", "client")):
        """`agreed`: a Sec-WebSocket-Extensions value. What was demanded for `sides` must be in it."""
        assert "permessage-deflate" in agreed, f"asked for {self}, got {agreed!r}"
        found = {name.strip(): value for name, _, value in (p.partition("=") for p in agreed.split(";"))}
        for side in sides:
            if getattr(self, f"{side}_no_takeover"):
                assert f"{side}_no_context_takeover" in found, f"asked for {self}, got {agreed!r}"
            if limit := getattr(self, f"{side}_bits"):
                bits = int(found.get(f"{side}_max_window_bits") or 15)
                assert 8 <= bits <= limit, f"asked for {self}, got {agreed!r}"

    def __str__(self) -> str:
        parts = ["server_no_context_takeover"] * self.server_no_takeover
        parts += ["client_no_context_takeover"] * self.client_no_takeover
        parts += [f"server_max_window_bits={self.server_bits}"] * bool(self.server_bits)
        parts += [f"client_max_window_bits={self.client_bits}"] * bool(self.client_bits)
        return "deflate(" + ", ".join(parts) + ")"


@dataclass(frozen=True)
class Scenario:
    """One connection and what goes through it."""

    name: str
    tls: bool = False
    deflate: Deflate | None = None
    max_size: int = 16 * MIB
    server_closes: bool = False

    @property
    def scheme(self) -> str:
        return "wss" if self.tls else "ws"

    def sizes(self) -> list[int]:
        return [size for size in SIZES if size <= self.max_size]


def transports(max_size: int = 16 * MIB) -> list[Scenario]:
    """ws and wss, with and without compression, everything through each."""
    return [
        Scenario(f"{'wss' if tls else 'ws'}, {'deflate' if deflate else 'plain'}", tls, deflate, max_size)
        for tls in (False, True)
        for deflate in (None, Deflate())
    ]


def server_closing() -> Scenario:
    return Scenario("the server closes", max_size=126, server_closes=True)


def parameters(bits=range(9, 16)) -> list[Scenario]:
    """Combinations of compression parameters, with messages up to more than two windows."""
    combinations = [Deflate(server, client) for server in (False, True) for client in (False, True)][1:]
    combinations += [Deflate(client_bits=b) for b in bits]
    combinations += [Deflate(server_bits=b) for b in bits]
    combinations += [Deflate(True, True, 10, 9), Deflate(True, False, 9, 12), Deflate(False, True, 15, 9)]
    return [Scenario(str(d), False, d, 65536) for d in combinations]
