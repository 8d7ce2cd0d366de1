"""What attackers and bystanders write: handshakes, frames, WAMP messages."""
import json
import struct

TEXT, BINARY, PING = 1, 2, 9
CONTINUATION = 0


def ws_request(subprotocol: str = "", extensions: str = "") -> bytes:
    more = f"Sec-WebSocket-Protocol: {subprotocol}\r\n" if subprotocol else ""
    more += f"Sec-WebSocket-Extensions: {extensions}\r\n" if extensions else ""
    return (f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n").encode()


def ws_frame(opcode: int, payload: bytes, is_final: bool = True, is_compressed: bool = False) -> bytes:
    """Masked with zeros, which is a mask like others."""
    size = len(payload)
    length = bytes([128 | size]) if size < 126 else struct.pack(">BH", 254, size) if size < 65536 \
        else struct.pack(">BQ", 255, size)
    return bytes([is_final << 7 | is_compressed << 6 | opcode]) + length + bytes(4) + payload


RS_JSON = bytes([0x7F, 0xF1, 0, 0])  # up to 16 MiB, JSON
RS_MESSAGE, RS_PING = 0, 1


def rs_frame(kind: int, payload: bytes) -> bytes:
    return bytes([kind]) + len(payload).to_bytes(3, "big") + payload


ROLES = {role: {} for role in ("caller", "callee", "publisher", "subscriber")}


def wamp(*message) -> bytes:
    """A WAMP message over WebSocket, as JSON."""
    return ws_frame(TEXT, json.dumps(message, separators=(",", ":")).encode())


def wamp_hello(realm: str, **details) -> bytes:
    return wamp(1, realm, {"roles": ROLES, **details})


WAMP_REQUEST = ws_request("wamp.2.json")
