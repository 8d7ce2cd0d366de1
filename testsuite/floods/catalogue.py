"""The floods: what attackers do, at which server, and how much memory docs/security.md ("Memory") lets it take."""
import dataclasses
import itertools
import json
import os
import random
import zlib

import octets
from attackers import Attack

KIB, MIB = 1 << 10, 1 << 20

# What the servers here are told; less than the defaults, so that what goes past them shows soon.
MESSAGE = MIB        # maxMessagePayloadSize
WATERMARK = 256 * KIB  # sendBufferHighWatermark
SUBSCRIPTIONS = 1000  # limits.subscriptions
PENDING_CALLS = 1000  # limits.pendingCalls
URI = 200  # limits.maxUriSize
# What docs/security.md promises, whatever is set.
HEAD = 16 * KIB  # maxHandshakeSize
CONNECTION, SESSION = KIB, 8 * KIB  # a connection itself, one with a joined session
WAITING_INPUT = MIB + 64 * KIB  # input that waits during a pause
LOOP = 33 * MIB + 64 * KIB  # a loop's receive buffer, and its used message buffers
INFLATER, COMPRESSOR = 39 * KIB, 256 * KIB
FRAGMENTS = 65536  # maxFramesPerMessage
COMPONENTS, COMPONENT = 32, 256  # of wildcards: how many at most, and what one takes


@dataclasses.dataclass(frozen=True)
class Flood:
    """One flood. `bound` is made of parts with their names: one for the loop, and those of each connection."""
    name: str
    what: str
    unit: str  # of which the attackers' rate is told
    attacks: list
    server: str  # "echo", "echo --deflate", "router"
    bystander: str  # of bystander.KINDS
    each: dict  # octets for each connection of the attackers
    all: dict = dataclasses.field(default_factory=dict)  # octets besides

    def connections(self) -> int:
        return sum(attack.connections for attack in self.attacks)

    def bound(self) -> int:
        return LOOP + sum(self.all.values()) + self.connections() * sum(self.each.values())

    def formula(self) -> str:
        each = " + ".join(f"{size_text(size)} {name}" for name, size in self.each.items())
        parts = ["loop"] + [f"{size_text(size)} {name}" for name, size in self.all.items()]
        return " + ".join(parts) + f" + {self.connections():,} × ({each})"


def size_text(size: float) -> str:
    return f"{size / MIB:.1f} MiB" if size >= MIB else f"{size / KIB:.0f} KiB" if size >= KIB else f"{size:.0f}"


FLOODS: dict[str, Flood] = {}


def flood(*arguments, **named):
    made = Flood(*arguments, **named)
    FLOODS[made.name] = made


# ---- Handshakes

def an_octet_at_a_time(text: bytes):
    """Endless: the last octet goes on."""
    def pieces():
        for octet in text:
            yield bytes([octet]), 1
        yield from itertools.repeat((b"a", 1))
    return pieces


def at_once(text: bytes, units: int = 1):
    """Once, then the connection ends."""
    return lambda: iter([(text, units)])


def again_and_again(opening: bytes, text: bytes, units: int):
    def pieces():
        yield opening, 0
        yield from itertools.repeat((text, units))
    return pieces


flood("ws_slow_handshakes", "2,000 handshakes of an octet a second each", "octets",
      [Attack("ws", 2000, an_octet_at_a_time(octets.ws_request().rstrip() + b"\r\nX: "), pause=1)], "echo", "ws",
      {"head": HEAD, "itself": CONNECTION})
flood("rs_slow_handshakes", "2,000 RawSocket handshakes of an octet in two seconds each", "octets",
      [Attack("rs", 2000, an_octet_at_a_time(octets.RS_JSON[:3]), pause=2)], "echo", "rs", {"itself": CONNECTION})
flood("ws_churn", "connections that are opened, and dropped without a Close", "connections",
      [Attack("ws", 64, at_once(octets.ws_request()))], "echo", "ws", {"head": HEAD, "itself": CONNECTION})

# ---- Control frames and fragments

PINGS = octets.ws_frame(octets.PING, bytes(125)) * 500
UNREAD = {"waiting input": WAITING_INPUT, "output": WATERMARK, "a message": MESSAGE, "itself": CONNECTION}
flood("ws_pings", "pings of 125 octets, pongs are read", "pings",
      [Attack("ws", 100, again_and_again(octets.ws_request(), PINGS, 500))], "echo", "ws", UNREAD)
flood("ws_pings_unread", "pings of 125 octets, pongs are not read", "pings",
      [Attack("ws", 100, again_and_again(octets.ws_request(), PINGS, 500), reads=False)], "echo", "ws", UNREAD)
flood("rs_pings", "RawSocket PINGs of 64 KiB, half of the peers read", "PINGs",
      [Attack("rs", 50, again_and_again(octets.RS_JSON, octets.rs_frame(octets.RS_PING, bytes(65536)), 1), reads=reads)
       for reads in (True, False)], "echo", "rs", UNREAD | {"a message": 3 * MESSAGE})

FRAGMENT = octets.ws_frame(octets.CONTINUATION, b"", is_final=False)
TINY = octets.ws_frame(octets.CONTINUATION, b"a", is_final=False)
flood("ws_fragments", "messages of endless fragments, empty or of one octet", "fragments",
      [Attack("ws", 50, again_and_again(octets.ws_request() + octets.ws_frame(octets.BINARY, b"", is_final=False), piece * 5000,
                                        5000)) for piece in (FRAGMENT, TINY)],
      "echo", "ws", {"a message, doubled": 2 * FRAGMENTS, "waiting input": WAITING_INPUT, "itself": CONNECTION})


# ---- Messages

def bomb(size: int) -> bytes:
    deflate = zlib.compressobj(9, wbits=-15)
    text = deflate.compress(bytes(size)) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return octets.ws_frame(octets.BINARY, text[:-4], is_compressed=True)


DEFLATING = octets.ws_request(extensions="permessage-deflate")
flood("ws_bombs", "deflate bombs: 64 KiB that would become 64 MiB", "bombs",
      [Attack("ws", 50, at_once(DEFLATING + bomb(64 * MIB)), stays=True)], "echo --deflate", "ws",
      {"a message, doubled": 2 * MESSAGE, "inflater": INFLATER, "waiting input": WAITING_INPUT, "itself": CONNECTION})
flood("ws_bombs_within_limits", "messages of 1 KiB that become 1 MiB, whose echo nobody reads", "bombs",
      [Attack("ws", 20, again_and_again(DEFLATING, bomb(MESSAGE), 1), reads=False)], "echo --deflate", "ws",
      {"a message, doubled": 2 * MESSAGE, "inflater": INFLATER, "compressor": COMPRESSOR, "waiting input": WAITING_INPUT,
       "output": WATERMARK, "a message": MESSAGE, "itself": CONNECTION})
flood("ws_unread_echoes", "messages of 1 MiB, whose echo nobody reads", "messages",
      [Attack("ws", 50, again_and_again(octets.ws_request(), octets.ws_frame(octets.BINARY, bytes(MESSAGE)), 1), reads=False)],
      "echo", "ws", {"a message, doubled": 2 * MESSAGE, "waiting input": WAITING_INPUT, "output": WATERMARK,
                     "a message": MESSAGE, "itself": CONNECTION})


# ---- WAMP

def joined(*messages: bytes) -> bytes:
    return octets.WAMP_REQUEST + octets.wamp_hello("realm1") + b"".join(messages)


def requests(make, count: int = 200, opening: bytes = joined()):
    """Endless requests: `make(number)`, so many in a piece."""
    def pieces():
        yield opening, 0
        for first in itertools.count(1, count):
            yield b"".join(make(number) for number in range(first, first + count)), count
    return pieces


def wrong_ticket():
    authid = f"user{random.getrandbits(40)}"
    hello = octets.wamp_hello("secret", authmethods=["ticket"], authid=authid)
    yield octets.WAMP_REQUEST + hello + octets.wamp(5, "wrong", {}), 1


flood("router_hellos", "sessions that give a wrong ticket, from many addresses and for many names", "HELLOs",
      [Attack("ws", 100, wrong_ticket, addresses=True, stays=True, until=b"[3,{")], "router", "wamp",
      {"head": HEAD, "itself": SESSION}, {"limits of attempts": 4 * 6 * MIB})


def subscribe(number: int) -> bytes:
    """A wildcard subscription as deep as may be, which shares nothing with others."""
    topic = f"{number}x{random.getrandbits(32)}." + "a." * (COMPONENTS - 2) + "a"
    return octets.wamp(32, number, {"match": "wildcard"}, topic)


flood("router_subscriptions", "deep wildcard subscriptions up to the limit of sessions, and beyond", "SUBSCRIBEs",
      [Attack("ws", 20, requests(subscribe))], "router", "wamp",
      {f"{SUBSCRIPTIONS:,} subscriptions": SUBSCRIPTIONS * (KIB + 2 * URI + COMPONENTS * COMPONENT), "waiting input": WAITING_INPUT,
       "output": WATERMARK, "a message": MESSAGE, "itself": SESSION})

HOLE = f"com.flood.{os.getpid()}"
callee = Attack("ws", 1, lambda: iter([(joined(octets.wamp(64, 1, {}, HOLE)), 0)]), stays=True)
CALL = KIB + 2 * URI
flood("router_calls", "calls of a callee that never answers", "CALLs",
      [callee, Attack("ws", 20, requests(lambda number: octets.wamp(48, number, {}, HOLE, ["*" * 100])))],
      "router", "wamp", {f"{PENDING_CALLS:,} calls": PENDING_CALLS * CALL, "waiting input": WAITING_INPUT, "output": WATERMARK, "a message": MESSAGE, "itself": SESSION})

def publications():
    text = json.dumps("*" * (64 * KIB))
    return requests(lambda number: octets.ws_frame(octets.TEXT, f'[16,{number},{{}},"com.flood.events",[{text}]]'.encode()), 4)()


listen = joined(octets.wamp(32, 1, {}, "com.flood.events"))
flood("router_unread_events", "events of 64 KiB for subscribers that do not read", "events",
      [Attack("ws", 50, again_and_again(listen, octets.ws_frame(octets.PING, b""), 0), reads=False, pause=0.2),
       Attack("ws", 1, publications)], "router", "wamp",
      {"waiting input": WAITING_INPUT, "output": WATERMARK, "a message": MESSAGE, "itself": SESSION})
