#!/usr/bin/python3
"""wstest against other people's WebSockets: runs what peers.py lists, and writes the tables of docs/conformance.md.

    run.py BIN REPORTS PAGE [NAME…]    with names (such as beast): only those are run anew, the others' reports are kept
    run.py --table REPORTS PAGE        nothing is run

BIN holds wstest and the C++ peers, REPORTS gets a folder for each run. Exit status 1 when a result is not explained
in explanations.toml."""

import pathlib
import shutil
import subprocess
import sys
import threading
import time

import peers
import tables

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "interop"))
import harness  # noqa: E402

RUN_TIMEOUT = 900  # s
LIMITS = ["--profile", "quick", "--patience", "2", "--timeout", "60", "--fail-on", "never", "--quiet"]
NO_SERVER = "cannot connect to"  # what wstest says of a server that is no more


class Program:
    """What we start, until it says "listening on …"; ended by its id."""

    def __init__(self, command, log: pathlib.Path):
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                        preexec_fn=harness.die_with_parent)
        self.port = None
        self._listens = threading.Event()
        self._log = log
        threading.Thread(target=self._read, daemon=True).start()
        if not self._listens.wait(harness.START_TIMEOUT) or not self.port:
            self.end()
            raise RuntimeError(f"{command[0]} does not listen; see {log}")

    def _read(self):
        with open(self._log, "w", encoding="utf-8") as log:
            for line in self.process.stdout:
                log.write(line)
                if self.port is None and (match := harness.READY.search(line)):
                    self.port = int(match[1])
                    self._listens.set()
        self._listens.set()

    def has_died(self) -> bool:
        return self.process.poll() is not None

    def end(self):
        if not self.has_died():
            self.process.terminate()
        try:
            self.process.wait(harness.STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def attempt(command, log: pathlib.Path):
    """Runs to the end; what it finds is in its reports."""
    with open(log, "w", encoding="utf-8") as output:
        try:
            subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output,
                           stderr=subprocess.STDOUT, timeout=RUN_TIMEOUT, preexec_fn=harness.die_with_parent,
                           check=False)
        except subprocess.TimeoutExpired:
            print(f"  {command[0]}: not done within {RUN_TIMEOUT} s", flush=True)


def try_server(run: peers.Run, setting, folder: pathlib.Path, cases, exclude=()):
    """With a server of its own; the status it died with, or None."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [setting.certificates.cert, setting.certificates.key] if run.is_secure else []
    server = Program([*run.command(setting.bin), *run.tls_arguments(files)], folder / "peer.log")
    try:
        command = [setting.bin / "wstest", "fuzzingclient", f"{run.scheme}://localhost:{server.port}", "--agent",
                   run.agent, "--jobs", run.jobs, "--outdir", folder, "--cases", ",".join(cases), *LIMITS]
        command += ["--exclude", ",".join(exclude)] if exclude else []
        command += ["--tls-ca", setting.certificates.ca] if run.is_secure else []
        attempt(command, folder / "wstest.log")
        return server.process.returncode if server.has_died() else None
    finally:
        server.end()


def test_server(run: peers.Run, setting, reports: pathlib.Path):
    """All cases; those that find the server dead are run again, with a new one. What killed it, and what it was doing
    beside, stays failed: `deadly` is for the former."""
    again = 0
    folder, cases = reports / run.key, ["*"]
    while (status := try_server(run, setting, folder, cases, run.deadly)) is not None:
        cases = [case_id for case_id, case in tables.read_folder(folder).items() if NO_SERVER in case["result"]]
        print(f"  {run.key}: the server died (status {status}); {len(cases)} cases without one", flush=True)
        if not cases:
            break
        again += 1
        folder = reports / f"{run.key}+again{again}"
    for case in run.deadly:
        try_server(run, setting, reports / f"{run.key}+{case}", [case])


def test_client(run: peers.Run, setting, folder: pathlib.Path):
    folder.mkdir(parents=True)
    fuzzing = Program([setting.bin / "wstest", "fuzzingserver", f"{run.scheme}://localhost:0", "--outdir", folder,
                        *LIMITS], folder / "wstest.log")
    try:
        url = f"{run.scheme}://localhost:{fuzzing.port}"
        attempt([*run.command(setting.bin), url, *run.client_arguments(folder / "ca.pem")], folder / "peer.log")
    finally:
        fuzzing.end()


def perform(run: peers.Run, setting, reports: pathlib.Path):
    began = time.monotonic()
    for folder in [reports / run.key, *reports.glob(run.key + "+*")]:
        shutil.rmtree(folder, ignore_errors=True)
    if run.is_server:
        test_server(run, setting, reports)
    else:
        test_client(run, setting, reports / run.key)
    print(f"{run.key}: {tables.totals(tables.read(reports, run.key))} ({time.monotonic() - began:.0f} s)", flush=True)


def main(arguments):
    if arguments[:1] == ["--table"] and len(arguments) == 3:
        return tables.write(*map(pathlib.Path, arguments[1:]))
    if len(arguments) < 3:
        sys.exit(__doc__)
    programs, reports, page = (pathlib.Path(each).resolve() for each in arguments[:3])
    reports.mkdir(parents=True, exist_ok=True)
    setting = harness.Setting(str(programs), str(reports))
    for run in peers.RUNS:
        if len(arguments) == 3 or run.name in arguments[3:]:
            try:
                perform(run, setting, reports)
            except (RuntimeError, OSError) as error:
                print(f"{run.key}: NOT RUN: {error}", flush=True)
    return tables.write(reports, page)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
