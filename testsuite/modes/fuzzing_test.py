#!/usr/bin/env python3
"""What goes wrong around a fuzzing run: fuzzing_test.py [NAMETest …], the program in WSTEST, as in modes_test.py."""
import contextlib
import json
import os
import socket
import threading
import unittest

from modes_test import Case, Program, handshake, run, unused_port


def openAndKeepSilent(server, connections):
    """A server that does the opening handshake and no more."""
    for _ in range(connections):
        with server.accept()[0] as connection, contextlib.suppress(ConnectionError):
            handshake(connection)
            while connection.recv(4096):
                pass


class FuzzingTroubleTest(Case):
    def test_serversOfTheSameName(self):
        folder = self.folder()
        with Program("testeeserver", "--port", 0) as good, socket.create_server(("127.0.0.1", 0)) as bad:
            threading.Thread(target=openAndKeepSilent, args=(bad, 2), daemon=True).start()
            urls = f"ws://127.0.0.1:{bad.getsockname()[1]}", good.url
            result = run("fuzzingclient", *urls, "--agent", "same", "--cases", "1.1.1", "--patience", "1", "--outdir",
                         folder)
            self.assertEqual(result.returncode, 1, result.stdout)
            with open(folder + "/index.json", encoding="utf-8") as file:
                found = json.load(file)
            verdicts = {agent: cases["1.1.1"]["behavior"] for agent, cases in found.items()}
            self.assertEqual(verdicts, {"same": "FAILED", f"same at {good.url}": "OK"})

    def test_interruptedWhileConnecting(self):
        with socket.create_server(("127.0.0.1", 0)) as mute:
            for scheme in ("ws", "wss"):
                url = f"{scheme}://127.0.0.1:{mute.getsockname()[1]}"
                with Program("fuzzingclient", url, "--outdir", "", "--patience", 600, listens=False, code=130):
                    connection = mute.accept()[0]
                connection.close()

    def test_interruptedCaseHasNoVerdict(self):
        folder = self.folder()
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"ws://127.0.0.1:{server.getsockname()[1]}"
            arguments = "fuzzingclient", url, "--outdir", folder, "--agent", "mute"
            with Program(*arguments, "--cases", "1.1.1", "--patience", 600, listens=False, code=130):
                with server.accept()[0] as probe:
                    handshake(probe)
                connection = server.accept()[0]
            connection.close()
            with open(folder + "/index.json", encoding="utf-8") as file:
                self.assertEqual(json.load(file), {})

    def test_nothingIsLeft(self):
        with unused_port() as port:
            url = f"ws://127.0.0.1:{port}"
            self.refused(run("fuzzingclient", url, "--cases", "19.*", "--outdir", ""), "no cases are left.*wss")
            self.refused(run("fuzzingserver", url, "--cases", "19.*", "--outdir", ""), "no cases are left.*wss")

    def test_reportsThatCannotBeWritten(self):
        with unused_port() as port:
            url = f"ws://127.0.0.1:{port}"
            for mode in ("fuzzingclient", "fuzzingserver"):
                for option in ("--junit", "--tap"):
                    self.refused(run(mode, url, "--outdir", "", option, "/no/such/file"), "/no/such/file")

    def test_reportsToStandardOutput(self):
        with Program("testeeserver", "--port", 0) as server:
            out = self.ok(run("fuzzingclient", server.url, "--cases", "1.1.1", "--outdir", "", "--tap", "/dev/stdout"))
            self.assertRegex(out, r"(?m)^ok 1 - ")
        self.assertFalse(os.path.isfile("/dev/stdout") and not os.path.islink("/dev/stdout"))

    def test_hostileServerHeader(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"ws://127.0.0.1:{server.getsockname()[1]}"
            with Program("fuzzingclient", url, "--outdir", "", "--cases", "1.1.1", listens=False, code=130) as client:
                with server.accept()[0] as probe:
                    handshake(probe, more=b"Server: \x1b[31m" + b"x" * 100_000 + b"\r\n")
                line = client.wait("^testing .*")[0]
                connection = server.accept()[0]
            connection.close()
            self.assertNotIn("\x1b", line)
            self.assertLess(len(line), 300)


if __name__ == "__main__":
    unittest.main(verbosity=2)
