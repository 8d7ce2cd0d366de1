"""The servers that are compared, as processes."""
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
NODE_MODULES = HERE.parent.parent / "testsuite" / "interop" / "node_modules"
PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's modules


class Failure(Exception):
    """Something does not work; the run ends with it."""


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    program: str  # in the folder of the programs, or a script beside this file
    is_slow: bool = False  # in few cells only
    does: frozenset = frozenset()  # deflate, tls
    asks: tuple = ()  # options that make the server ask for no context takeover itself

    def command(self, folder):
        if self.program.endswith(".js"):
            return ["node", HERE / self.program]
        if self.program.endswith(".py"):
            return [PYTHON, "-B", HERE / self.program]
        return [folder / self.program]

    def missing(self, folder):
        """Why it cannot be measured, or nothing."""
        if self.program.endswith(".js"):
            if not shutil.which("node"):
                return "no node"
            return None if (NODE_MODULES / "ws").exists() else "run `make interop-deps`"
        if self.program.endswith(".py"):
            found = subprocess.run([PYTHON, "-c", "import websockets"], capture_output=True, check=False)
            return None if found.returncode == 0 else "no python3-websockets"
        return None if (folder / self.program).exists() else "its headers were missing when the benchmarks were built"


PEERS = {peer.name: peer for peer in (
    Peer("floor", "bench_floor_echo", does=frozenset({"deflate"})),
    Peer("ours", "echo_server", does=frozenset({"deflate", "tls"}), asks=("--deflate", "shared")),
    Peer("beast", "bench_beast_echo", does=frozenset({"deflate", "tls"})),
    Peer("websocketpp", "bench_websocketpp_echo", does=frozenset({"deflate"})),
    # Its inflater fails as soon as several connections send 4 KiB: not compared there.
    Peer("libwebsockets", "bench_libwebsockets_echo", does=frozenset({"tls"})),
    Peer("ws", "ws_echo.js", is_slow=True, does=frozenset({"deflate"})),
    Peer("py-websockets", "websockets_echo.py", is_slow=True, does=frozenset({"deflate"})))}


def pinned(cores):
    return (lambda: os.sched_setaffinity(0, cores)) if cores else None


class Server:
    """A server process, listening, on its cores."""

    def __init__(self, name, command, cores):
        self.name = name
        command = [str(word) for word in command]
        self.process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, preexec_fn=pinned(cores))
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            self.stop()
            raise Failure(f"{name} does not listen: {line!r}")
        self.port = int(re.search(r":(\d+)/?$", line.strip()).group(1))

    def memory(self):
        """Bytes resident."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def thread_times(self):
        """CPU time in ns of each thread."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        return {task.name: int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()}

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
