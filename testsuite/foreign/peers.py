"""Who is tested: one line for each server and client, over ws and wss."""

import dataclasses
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
PYTHON = "/usr/bin/python3"  # Debian's, which its packages are for


@dataclasses.dataclass(frozen=True)
class Run:
    name: str  # of the implementation, a key of TITLES
    role: str  # "server" or "client"
    scheme: str
    program: tuple[str, ...]  # a script of this folder, or a program of BIN, and its first arguments
    deadly: tuple[str, ...] = ()  # cases that kill the server: run alone
    jobs: int = 2  # cases at a time, of a server

    @property
    def key(self):
        return f"{self.name}-{self.role}-{self.scheme}"

    @property
    def agent(self):
        return f"{self.name}-{self.role}"

    @property
    def is_server(self):
        return self.role == "server"

    @property
    def is_secure(self):
        return self.scheme == "wss"

    def command(self, programs: pathlib.Path):
        program, *more = self.program
        if program.endswith(".py"):
            return [PYTHON, "-B", HERE / program, *more]
        if program.endswith(".js"):
            return ["node", HERE / program, *more]
        return [programs / program, *more]

    def tls_arguments(self, files):
        if not files or self.name != "autobahn-cpp":
            return files
        return ["--cert", files[0], "--key", files[1]]

    def client_arguments(self, ca):
        if self.name == "autobahn-cpp":
            return ["--agent", self.agent] + (["--tls-ca", ca] if self.is_secure else [])
        return [self.agent] + ([ca] if self.is_secure else [])


def _both(*arguments, **more):
    return [Run(arguments[0], arguments[1], scheme, arguments[2], **more) for scheme in ("ws", "wss")]


RUNS = [
    *_both("autobahn-cpp", "server", ("wstest", "testeeserver", "--port", "0")),
    *_both("websockets", "server", ("server_websockets.py",)),
    *_both("autobahn-python", "server", ("server_autobahn.py",)),
    *_both("node-ws", "server", ("node_ws.js", "server")),
    *_both("beast", "server", ("foreign_server_beast",)),
    *_both("websocketpp", "server", ("foreign_server_websocketpp",)),
    *_both("libwebsockets", "server", ("foreign_server_libwebsockets",), deadly=("16.6.6",), jobs=1),
    *_both("autobahn-cpp", "client", ("wstest", "testeeclient")),
    *_both("websockets", "client", ("client_websockets.py",)),
    *_both("autobahn-python", "client", ("client_autobahn.py",)),
    *_both("node-ws", "client", ("node_ws.js", "client")),
    *_both("beast", "client", ("foreign_client_beast",)),
    *_both("websocketpp", "client", ("foreign_client_websocketpp",)),
    *_both("chromium", "client", ("client_chromium.py",)),
]


def _package(name):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True, check=False)
    return f"Debian {name} {done.stdout}" if done.stdout else "not installed"


def _node():
    text = (HERE.parent / "interop" / "package.json").read_text(encoding="utf-8")
    version = text.split('"ws": "')[1].split('"')[0]
    node = shutil.which("node")
    runtime = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout if node else ""
    return f"npm ws {version} on Node.js {runtime.strip()}"


def titles():
    """Name → (for people, what exactly)."""
    return {
        "autobahn-cpp": ("autobahn (this library)", "`wstest testeeserver` and `testeeclient`"),
        "websockets": ("websockets", _package("python3-websockets")),
        "autobahn-python": ("Autobahn/Python", _package("python3-autobahn") + ", on asyncio"),
        "node-ws": ("ws", _node()),
        "beast": ("Boost.Beast", _package("libboost1.74-dev")),
        "websocketpp": ("websocketpp", _package("libwebsocketpp-dev")),
        "libwebsockets": ("libwebsockets", _package("libwebsockets-dev")),
        "chromium": ("Chromium", _package("chromium") + ", headless"),
    }


if __name__ == "__main__":
    sys.exit("this is a part of run.py")
