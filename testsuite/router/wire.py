"""WAMP on the wire, without the library under test: other people's serializers, WebSocket and RawSocket by hand."""

import asyncio
import base64
import json
import socket
import struct
import subprocess

CLOSED = object()  # the end of what a connection receives
TIMEOUT = 10  # seconds for anything that has to come

WS_TEXT, WS_BINARY, WS_CLOSE, WS_PING, WS_PONG = 1, 2, 8, 9, 10
RS_MESSAGE, RS_PING, RS_PONG = 0, 1, 2


class Codec:
    """One serializer. `dumps` and `loads` are between values and bytes."""

    def __init__(self, name: str, raw_socket_id: int, dumps, loads):
        self.name, self.raw_socket_id, self.dumps, self.loads = name, raw_socket_id, dumps, loads
        self.is_binary = name != "json"


def _json_default(value):
    return "\0" + base64.b64encode(value).decode()


def from_json(value):
    """With bytes where WAMP's JSON has "\\0" and Base64 (advanced profile, binary data in JSON)."""
    if isinstance(value, str) and value.startswith("\0"):
        return base64.b64decode(value[1:])
    if isinstance(value, list):
        return [from_json(each) for each in value]
    if isinstance(value, dict):
        return {key: from_json(each) for key, each in value.items()}
    return value


def json_codec() -> Codec:
    return Codec("json", 1, lambda value: json.dumps(value, default=_json_default, ensure_ascii=False).encode(),
                 lambda octets: from_json(json.loads(octets)))


def codecs() -> list[Codec]:
    """Those whose Python modules are installed."""
    made = [json_codec()]
    try:
        import msgpack

        made.append(Codec("msgpack", 2, msgpack.packb, msgpack.unpackb))
    except ImportError:
        print("not run: msgpack: python3-msgpack is not installed")
    try:
        import cbor2

        made.append(Codec("cbor", 3, cbor2.dumps, cbor2.loads))
    except ImportError:
        print("not run: cbor: python3-cbor2 is not installed")
    try:
        import ubjson

        made.append(Codec("ubjson", 4, ubjson.dumpb, ubjson.loadb))
    except ImportError:
        print("not run: ubjson: python3-ubjson is not installed")
    return made


class Inexpressible(Exception):
    """The serializer has no way to say this."""


class FlatBuffers(Codec):
    """By router_flatbuffers.cpp: what no schema has cannot be said."""

    def __init__(self, program):
        super().__init__("flatbuffers", 5, self._dumps, self._loads)
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        encoding="utf-8")
        self.json = json_codec()

    def _ask(self, line: str) -> str:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().rstrip("\n")
        if not answer.startswith(("> ", "< ")):
            raise Inexpressible(answer)
        return answer[2:]

    def _dumps(self, message) -> bytes:
        return bytes.fromhex(self._ask("> " + self.json.dumps(message).decode()))

    def _loads(self, octets: bytes):
        return self.json.loads(self._ask("< " + octets.hex()))

    def close(self):
        self.process.stdin.close()
        self.process.wait(TIMEOUT)
        self.process.stdout.close()


class Connection:
    """A client's transport. `received`: a queue of messages, with CLOSED at the end."""

    def __init__(self, codec: Codec):
        self.codec = codec
        self.received = asyncio.Queue()
        self.is_closed = False
        self._pongs = []

    @classmethod
    async def open(cls, port: int, codec: Codec):
        self = cls(codec)
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.wait_for(self._shake_hands(), TIMEOUT)
        self._task = asyncio.create_task(self._receive())
        return self

    async def _receive(self):
        try:
            while await self._receive_frame():
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.is_closed = True
            for each in self._pongs:
                each.set_result(None)
            self._writer.close()
            self.received.put_nowait(CLOSED)

    def _pong(self):
        if self._pongs:
            self._pongs.pop(0).set_result(None)

    def send_wire(self, octets: bytes):
        self._writer.write(octets)

    def send(self, message: list):
        self.send_octets(self.codec.dumps(message))

    async def sync(self):
        """Comes back when the router has taken all that was sent, or has hung up: it has answered a ping."""
        if self.is_closed:
            return
        self._pongs.append(asyncio.get_running_loop().create_future())
        pong = self._pongs[-1]
        self._ping()
        await asyncio.wait_for(pong, TIMEOUT)

    def abort(self):
        self._writer.transport.abort()

    def stop_reading(self):
        """Never again, nor does the operating system for it. `is_closed` then tells only when sending has failed."""
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._writer.transport.pause_reading()

    async def drop(self):
        self._writer.transport.abort()
        await self._task


class WebSocket(Connection):
    async def _shake_hands(self):
        self._writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                           b"Sec-WebSocket-Protocol: wamp.2." + self.codec.name.encode() + b"\r\n\r\n")
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head
        assert f"wamp.2.{self.codec.name}".encode() in head, head

    async def _receive_frame(self) -> bool:
        first, size = await self._reader.readexactly(2)
        assert first & 0xF0 == 0x80 and size < 128, "fragments, or a mask"
        if size == 126:
            size, = struct.unpack(">H", await self._reader.readexactly(2))
        elif size == 127:
            size, = struct.unpack(">Q", await self._reader.readexactly(8))
        payload = await self._reader.readexactly(size)
        opcode = first & 15
        if opcode in (WS_TEXT, WS_BINARY):
            assert (opcode == WS_BINARY) == self.codec.is_binary
            self.received.put_nowait(self.codec.loads(payload))
        elif opcode == WS_PONG:
            self._pong()
        elif opcode == WS_PING:
            self._frame(WS_PONG, payload)
        return opcode != WS_CLOSE

    def _frame(self, opcode: int, payload: bytes):
        size = len(payload)
        length = bytes([128 | size]) if size < 126 else struct.pack(">BH", 254, size) if size < 65536 \
            else struct.pack(">BQ", 255, size)
        self._writer.write(bytes([0x80 | opcode]) + length + bytes(4) + payload)

    def send_octets(self, payload: bytes, is_other: bool = False):
        """`is_other`: text where binary is agreed, and the reverse."""
        self._frame(WS_BINARY if self.codec.is_binary != is_other else WS_TEXT, payload)

    def _ping(self):
        self._frame(WS_PING, b"")


class RawSocket(Connection):
    async def _shake_hands(self):
        self._writer.write(bytes([0x7F, 0xF0 | self.codec.raw_socket_id, 0, 0]))
        answer = await self._reader.readexactly(4)
        assert answer[0] == 0x7F and answer[1] & 15 == self.codec.raw_socket_id and answer[2:] == b"\0\0", answer

    async def _receive_frame(self) -> bool:
        kind, *size = await self._reader.readexactly(4)
        payload = await self._reader.readexactly(int.from_bytes(bytes(size), "big"))
        if kind == RS_MESSAGE:
            self.received.put_nowait(self.codec.loads(payload))
        elif kind == RS_PING:
            self._frame(RS_PONG, payload)
        else:
            assert kind == RS_PONG, kind
            self._pong()
        return True

    def _frame(self, kind: int, payload: bytes):
        self._writer.write(bytes([kind]) + len(payload).to_bytes(3, "big") + payload)

    def send_octets(self, payload: bytes):
        self._frame(RS_MESSAGE, payload)

    def _ping(self):
        self._frame(RS_PING, b"")


TRANSPORTS = {"ws": WebSocket, "rs": RawSocket}
