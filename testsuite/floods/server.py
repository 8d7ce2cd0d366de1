"""The server that is flooded, a process of its own, and what the operating system says of it."""
import contextlib
import ctypes
import os
import pathlib
import re
import resource
import signal
import subprocess
import tempfile
import threading

LISTENING = re.compile(r"listening on (\w+)://[^ ]*?:(\d+)")
PATIENCE = 20  # s for starting and ending


def prepare_child():
    """No orphan stays behind (PR_SET_PDEATHSIG); thousands of connections have descriptors."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Server:
    """A program that says where it listens."""

    def __init__(self, command: list, listeners: int):
        self.command = [str(word) for word in command]
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        preexec_fn=prepare_child)
        self.folder = pathlib.Path(f"/proc/{self.process.pid}")
        self.last_lines: list[str] = []
        self.line_count = 0
        watchdog = threading.Timer(PATIENCE, self.process.kill)
        watchdog.start()
        self.ports: dict[str, int] = {}
        for line in self.process.stdout:
            if found := LISTENING.search(self.keep(line)):
                self.ports[found[1]] = int(found[2])
            if len(self.ports) == listeners:
                break
        else:
            raise RuntimeError(f"{self.command[0]} does not listen: {''.join(self.last_lines)}")
        watchdog.cancel()
        self.reader = threading.Thread(target=self.read_on, daemon=True)
        self.reader.start()

    def keep(self, line: bytes) -> str:
        text = line.decode(errors="replace")
        self.line_count += 1
        self.last_lines = self.last_lines[-19:] + [text]
        return text

    def read_on(self):
        for line in self.process.stdout:
            self.keep(line)

    def memory(self, name: str) -> int:
        """"VmRSS" or "VmHWM", in octets."""
        for line in (self.folder / "status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) << 10
        raise RuntimeError(f"no {name}: has the server ended?")

    def forget_peak(self):
        """VmHWM begins anew."""
        (self.folder / "clear_refs").write_text("5")

    def cpu(self) -> float:
        """Seconds that it has taken."""
        fields = (self.folder / "stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> str:
        """Ends it by its id. What is wrong with how it ended, or nothing."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return f"the server did not end in {PATIENCE} s after SIGTERM"
        self.reader.join()
        if status == 0:
            return ""
        return f"the server ended with status {status}: {''.join(self.last_lines)}"


@contextlib.contextmanager
def started(command: list, listeners: int):
    server = Server(command, listeners)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
