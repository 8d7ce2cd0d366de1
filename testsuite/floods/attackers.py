"""What floods: one process that keeps many connections busy by epoll, and begins anew those that the server ends."""
import dataclasses
import errno
import os
import random
import select
import socket
import struct
import time
from collections.abc import Callable, Iterator

IN, OUT = select.EPOLLIN, select.EPOLLOUT
GONE = select.EPOLLHUP | select.EPOLLERR


@dataclasses.dataclass(frozen=True)
class Attack:
    """What one kind of attacker does. `octets()` are the pieces that one connection sends, one after the other; when there are
    no more, it is dropped and begun anew. Each piece is so many units of what the flood is made of."""
    scheme: str
    connections: int
    octets: Callable[[], Iterator[tuple[bytes, int]]]
    reads: bool = True
    pause: float = 0  # s between pieces
    addresses: bool = False  # each connection comes from another one of 127.0.0.0/8
    stays: bool = False  # when there are no more pieces, the connection is kept
    until: bytes = b""  # what ends it when it comes


class Connection:
    """One connection of an attack, from connecting to its end."""

    def __init__(self, attack: Attack, port: int):
        self.attack = attack
        self.socket = socket.socket()
        self.socket.setblocking(False)
        if not attack.reads:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # Ends without FIN and leaves no port in TIME_WAIT.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if attack.addresses:
            self.socket.bind((f"127.{random.randint(1, 254)}.{random.randint(0, 255)}.{random.randint(1, 254)}", 0))
        self.pieces = attack.octets()
        self.piece, self.units = memoryview(b""), 0
        self.is_done = False
        self.socket.connect_ex(("127.0.0.1", port))

    def fileno(self):
        return self.socket.fileno()

    def fill(self) -> bool:
        """Whether there is something to send."""
        if not self.piece and not self.is_done:
            octets, self.units = next(self.pieces, (b"", 0))
            self.piece, self.is_done = memoryview(octets), not octets
        return bool(self.piece)

    def send(self, most: int) -> int:
        """Returns the units that have gone out whole."""
        sent, budget = 0, most
        while budget > 0 and self.fill():
            count = self.socket.send(self.piece)
            self.piece, budget = self.piece[count:], budget - count
            if self.piece:
                break
            sent += self.units
            if self.attack.pause:
                break
        return sent


class Attackers:
    """All connections of some attacks."""

    TURN = 1 << 18  # octets that one connection sends or receives before others have their turn

    def __init__(self, attacks: list[Attack], ports: dict[str, int]):
        self.attacks, self.ports = attacks, ports
        self.epoll = select.epoll()
        self.all: dict[int, Connection] = {}
        self.units = self.begun = 0
        self.slow: list[Connection] = []  # those that pause, in the order of their turns
        self.buffer = bytearray(self.TURN)

    def begin(self, attack: Attack):
        try:
            connection = Connection(attack, self.ports[attack.scheme])
        except OSError as error:
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EADDRINUSE):
                raise
            return self.begin(attack)
        self.begun += 1
        self.all[connection.fileno()] = connection
        if attack.pause:
            self.slow.append(connection)
        # Who does not send all the time is asked in its turn.
        self.epoll.register(connection, (IN if attack.reads else 0) | (0 if attack.pause else OUT))
        return connection

    def end(self, connection: Connection, is_renewed: bool = True):
        self.all.pop(connection.fileno(), None)
        connection.socket.close()
        if is_renewed:
            self.begin(connection.attack)

    def handle(self, connection: Connection, events: int):
        try:
            if events & GONE:
                return self.end(connection)
            if events & IN and self.has_ended(connection):
                return self.end(connection)
            if events & OUT:
                self.units += connection.send(self.TURN)
                if connection.is_done and connection.attack.stays:
                    self.epoll.modify(connection, IN if connection.attack.reads else 0)
                elif connection.is_done:
                    self.end(connection)
        except BlockingIOError:
            pass
        except OSError:
            self.end(connection)

    def has_ended(self, connection: Connection) -> bool:
        count = connection.socket.recv_into(self.buffer)
        until = connection.attack.until
        return count == 0 or bool(until) and until in self.buffer[:count]

    def take_turns(self, now: float):
        """Of those that pause, each has its turn after its pause; the turns are spread over time."""
        while self.slow:
            connection = self.slow[0]
            if connection.fileno() < 0:
                self.slow.pop(0)
                continue
            if getattr(connection, "next", 0) > now:
                return
            self.slow.append(self.slow.pop(0))
            connection.next = now + connection.attack.pause
            self.handle(connection, OUT)

    def run(self, stopped) -> None:
        for attack in self.attacks:
            for _ in range(attack.connections):
                self.begin(attack)
        while not stopped():
            for number, events in self.epoll.poll(0.02, 256):
                if connection := self.all.get(number):
                    self.handle(connection, events)
            self.take_turns(time.monotonic())
        for connection in list(self.all.values()):
            self.end(connection, is_renewed=False)


def attack(attacks: list[Attack], ports: dict[str, int], pipe) -> None:
    """The body of the attackers' process: floods until something comes through the pipe; then tells what it has done."""
    os.nice(5)  # real ones take no time of this machine's cores
    attackers = Attackers(attacks, ports)
    began = time.monotonic()
    attackers.run(pipe.poll)
    took = time.monotonic() - began
    pipe.send({"units": attackers.units / took, "begun": attackers.begun / took})
