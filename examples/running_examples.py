"""Running the examples' programs: what run_examples_test.py and run_wamp_examples_test.py share. The programs are in
EXAMPLES_BIN. Whatever has to be waited for is waited for by a line of output or an event, never by time."""
import os
import queue
import re
import signal
import subprocess
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ.get("EXAMPLES_BIN") or os.path.join(HERE, "../build/release/bin")
LIMIT = 60  # seconds; for what does not happen at all


def run(name, *arguments, stdin=None, folder=None):
    """Runs a program to its end."""
    return subprocess.run([os.path.join(BIN, name), *map(str, arguments)], input=stdin, text=True, cwd=folder,
                          stdin=subprocess.DEVNULL if stdin is None else None,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT)


class Program:
    """A program that runs until the block ends: it is interrupted then and must end with 0."""

    def __init__(self, name, *arguments, listens=True, folder=None, end=signal.SIGINT, close_fds=True):
        self.listens, self.end, self.lines, self.seen = listens, end, queue.Queue(), []
        self.process = subprocess.Popen([os.path.join(BIN, name), *map(str, arguments)], text=True, cwd=folder,
                                        close_fds=close_fds, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def wait(self, pattern):
        """The match of the next line of output that has one."""
        while True:
            line = self.lines.get(timeout=LIMIT)
            if line is None:
                raise AssertionError(f"ended without a line like {pattern!r}: {self.seen}")
            self.seen.append(line)
            match = re.search(pattern, line)
            if match:
                return match

    def __enter__(self):
        if self.listens:
            self.url = self.wait(r"listening on (\S+)")[1]
            self.port = int(self.url.rsplit(":", 1)[1]) if re.search(r":\d+$", self.url) else None
        return self

    def stop(self, how=None):
        if self.process.poll() is None:
            self.process.send_signal(how or self.end)
        return self.process.wait(timeout=LIMIT)

    def __exit__(self, kind, *_):
        try:
            code = self.stop()
            if kind is None and code != 0:
                self.reader.join(LIMIT)
                raise AssertionError(f"ended with {code}: {self.seen} {list(self.lines.queue)}")
        finally:
            self.process.kill()
            self.process.wait()
            self.reader.join(LIMIT)
            self.process.stdout.close()


class Case(unittest.TestCase):
    def ok(self, result):
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        return result.stdout

    def fails(self, result, pattern, code=1):
        self.assertEqual(result.returncode, code, result.stderr + result.stdout)
        self.assertRegex(result.stderr, pattern)

    def folder(self):
        return self.enterContext(tempfile.TemporaryDirectory())

    def enterContext(self, context):  # Python 3.11 has it
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def certificate(self):
        script = os.path.join(HERE, "websocket/echo_tls/make_cert.sh")
        return subprocess.run([script, self.folder()], check=True, text=True, capture_output=True).stdout.split()


class HelpChecks:
    """What holds for each of `programs`; for a Case."""
    programs = []

    def test_everyProgramExplainsItself(self):
        for name in self.programs:
            with self.subTest(name):
                self.assertRegex(self.ok(run(name, "--help")), "(?s)Usage.*--help")

    def test_wrongUsageIsOneLineAndCodeTwo(self):
        for name in self.programs:
            with self.subTest(name):
                result = run(name, "--no-such-option")
                self.assertEqual(result.returncode, 2)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)

    def test_everyProgramIsInTheReadme(self):
        with open(os.path.join(HERE, "README.md"), encoding="utf-8") as file:
            text = file.read()
        for name in self.programs:
            self.assertIn(f"`{name}", text)
