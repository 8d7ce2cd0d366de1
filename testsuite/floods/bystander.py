"""Who behaves: one exchange after the other, beside a flood."""
import contextlib
import json
import pathlib
import select
import socket
import struct
import time

import octets

TIMEOUT = 20  # s for anything that has to come
PAUSE = 0.002  # s between exchanges
TICK = 0.02  # s


class Awake:
    """The time in which the machine has let the server run, or the server has had nothing to do. When somebody has stopped the
    whole test for a while, or others take the cores, that tells nothing of the server."""

    def __init__(self):
        self.seconds, self.last, self.delay = 0.0, time.monotonic(), 0.0
        self.threads: list[pathlib.Path] = []

    def watch(self, pid: int):
        self.threads = list(pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"))
        self.delay = self.waited()

    def waited(self) -> float:
        """Seconds that the server's threads have waited for a core."""
        with contextlib.suppress(OSError, IndexError):  # it has ended, or the kernel does not tell
            return sum(int(each.read_text().split()[1]) for each in self.threads) / 1e9
        return self.delay

    def look(self) -> float:
        now, delay = time.monotonic(), self.waited()
        # What it has waited is told when it runs again, which is before it answers.
        self.seconds += min(now - self.last, 5 * TICK) - (delay - self.delay)
        self.last, self.delay = now, delay
        return self.seconds


AWAKE = Awake()


class Peer:
    """A connection that blocks."""

    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = bytearray()

    def send(self, data: bytes):
        self.socket.sendall(data)

    def take(self, count: int) -> bytes:
        deadline = AWAKE.look() + TIMEOUT
        while len(self.received) < count:
            while not select.select([self.socket], [], [], TICK)[0]:
                if AWAKE.look() > deadline:
                    raise TimeoutError(f"no answer for {TIMEOUT} s")
            data = self.socket.recv(1 << 16)
            if not data:
                raise ConnectionError("the server has ended the connection of somebody who behaves")
            self.received += data
        taken = bytes(self.received[:count])
        del self.received[:count]
        return taken

    def close(self):
        self.socket.close()


class WebSocketPeer(Peer):
    def __init__(self, port: int, subprotocol: str = ""):
        super().__init__(port)
        self.send(octets.ws_request(subprotocol))
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.take(1)
        if not head.startswith(b"HTTP/1.1 101 "):
            raise ConnectionError(f"refused: {head[:200]!r}")

    def message(self) -> bytes:
        while True:
            first, size = self.take(2)
            if size == 126:
                size, = struct.unpack(">H", self.take(2))
            elif size == 127:
                size, = struct.unpack(">Q", self.take(8))
            payload = self.take(size)
            if first in (0x81, 0x82):
                return payload
            if first != 0x89:  # a ping, which may rest here: `received` is a sign of life, too
                raise ConnectionError(f"a frame that begins with {first:#x}: {payload!r}")


class WebSocketEcho:
    """A message of 100 octets, its echo."""

    def __init__(self, ports: dict[str, int]):
        self.peer, self.number = WebSocketPeer(ports["ws"]), 0

    def exchange(self):
        self.number += 1
        payload = str(self.number).encode().ljust(100, b"*")
        self.peer.send(octets.ws_frame(octets.BINARY, payload))
        answer = self.peer.message()
        if answer != payload:
            raise ValueError(f"{answer!r} is not the echo of {payload!r}")

    def close(self):
        self.peer.close()


class RawSocketEcho:
    """The same over RawSocket."""

    def __init__(self, ports: dict[str, int]):
        self.peer, self.number = Peer(ports["rs"]), 0
        self.peer.send(octets.RS_JSON)
        if self.peer.take(4)[:1] != b"\x7f":
            raise ConnectionError("no RawSocket handshake")

    def exchange(self):
        self.number += 1
        frame = octets.rs_frame(octets.RS_MESSAGE, str(self.number).encode().ljust(100, b"*"))
        self.peer.send(frame)
        answer = self.peer.take(len(frame))
        if answer != frame:
            raise ValueError(f"{answer!r} is not the echo of {frame!r}")

    def close(self):
        self.peer.close()


class WampCall:
    """A call from one session to another, and its result."""

    serial = 0

    def __init__(self, ports: dict[str, int]):
        WampCall.serial += 1
        self.procedure = f"com.bystander.{WampCall.serial}.{time.monotonic_ns()}"
        self.caller, self.callee = (self.joined(ports["ws"]) for _ in range(2))
        self.number = 0
        self.callee.send(octets.wamp(64, 1, {}, self.procedure))
        self.heard(self.callee, 65)

    @staticmethod
    def joined(port: int) -> WebSocketPeer:
        peer = WebSocketPeer(port, "wamp.2.json")
        peer.send(octets.wamp_hello("realm1"))
        WampCall.heard(peer, 2)
        return peer

    @staticmethod
    def heard(peer: WebSocketPeer, code: int) -> list:
        message = json.loads(peer.message())
        if message[0] != code:
            raise ValueError(f"{message} where {code} was to come")
        return message

    def exchange(self):
        self.number += 1
        arguments = [self.number, "*" * 80]
        self.caller.send(octets.wamp(48, self.number, {}, self.procedure, arguments))
        invocation = self.heard(self.callee, 68)
        self.callee.send(octets.wamp(70, invocation[1], {}, invocation[4]))
        result = self.heard(self.caller, 50)
        if result[1] != self.number or result[3] != arguments:
            raise ValueError(f"{result} is not the result of call {self.number}")

    def close(self):
        self.caller.close()
        self.callee.close()


KINDS = {"ws": WebSocketEcho, "rs": RawSocketEcho, "wamp": WampCall}


class Figures:
    """Of one phase: how long exchanges took, and how many each second had."""

    def __init__(self):
        self.waits: list[float] = []
        self.windows = [0]
        self.began = AWAKE.look()

    def window(self) -> int:
        index = max(len(self.windows) - 1, int(AWAKE.look() - self.began))
        self.windows += [0] * (index + 1 - len(self.windows))
        return index

    def add(self, wait: float):
        self.windows[self.window()] += 1
        self.waits.append(wait)

    def result(self) -> dict:
        """Of windows those that have passed."""
        return {"waits": self.waits, "windows": self.windows[:self.window()]}


def stand_by(kind: str, ports: dict[str, int], pid: int, pipe) -> None:
    """The body of the bystander's process. A number that comes through the pipe is a phase of so many seconds, of which the figures
    go back; None is the end. `pid`: the server's."""
    try:
        AWAKE.watch(pid)
        client = KINDS[kind](ports)
        while (seconds := pipe.recv()) is not None:
            figures, latest = Figures(), time.monotonic() + max(10, 2 * seconds)
            while AWAKE.look() < figures.began + seconds and time.monotonic() < latest:
                began = time.perf_counter()
                client.exchange()
                figures.add(time.perf_counter() - began)
                time.sleep(PAUSE)
            pipe.send(figures.result())
        client.close()
        pipe.send({})
    except Exception as error:  # whatever it is, it is what has gone wrong
        pipe.send({"error": f"{type(error).__name__}: {error}"})
