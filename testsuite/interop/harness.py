"""Starting our programs, certificates, reporting: what the interop tests share."""

import asyncio
import contextlib
import ctypes
import os
import pathlib
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import traceback

SKIPPED = 77  # ctest's SKIP_RETURN_CODE
READY = re.compile(r"^listening on\b.*?:(\d+)\b(?!.*:\d)")
START_TIMEOUT = 20
STOP_TIMEOUT = 10
CASE_TIMEOUT = 60


class MissingPeer(Exception):
    """The other implementation is not on this machine."""


def die_with_parent():
    """In a child: no orphan stays behind, whatever ends the test (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Report:
    """Prints a line for each case; counts."""

    def __init__(self):
        self.passed, self.failures = 0, []
        self.began = time.monotonic()

    @contextlib.asynccontextmanager
    async def case(self, name: str, timeout: float = CASE_TIMEOUT):
        began = time.monotonic()
        notes = []
        try:
            async with asyncio.timeout(timeout):
                yield notes.append
        except Exception as error:  # the other cases are worth running all the same
            self.failures.append(name)
            print(f"FAIL  {name}: {type(error).__name__}: {error}", flush=True)
            if not isinstance(error, (AssertionError, TimeoutError)):
                traceback.print_exc(file=sys.stdout)
        else:
            self.passed += 1
            print(f"ok    {name} ({time.monotonic() - began:.2f} s){''.join(f'  [{n}]' for n in notes)}", flush=True)

    def finish(self) -> int:
        took = time.monotonic() - self.began
        print(f"{self.passed} passed, {len(self.failures)} failed, {took:.1f} s")
        for name in self.failures:
            print(f"  failed: {name}")
        return 1 if self.failures or not self.passed else 0


async def start(*command, **options) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *map(str, command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        preexec_fn=die_with_parent, limit=1 << 20, **options)


async def stop(process, name: str):
    """Ends what we started, by its id; a program that does not end, or crashes, is a failure."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_TIMEOUT)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise AssertionError(f"{name} did not end {STOP_TIMEOUT} s after SIGTERM") from None
    if process.returncode not in (0, -signal.SIGTERM):
        raise AssertionError(f"{name} ended with status {process.returncode}")


@contextlib.asynccontextmanager
async def server(*command, ready=None):
    """A server program that says "listening on …:PORT" when it is ready; gives the port, or what `await
    ready(process, output)` makes of its lines."""
    name = pathlib.Path(command[0]).name
    process = await start(*command)
    output = []

    async def read_on():
        async for line in process.stdout:
            output.append(line.decode(errors="replace"))

    reader = None
    try:
        told = await asyncio.wait_for((ready or _port_of)(process, output), START_TIMEOUT)
        reader = asyncio.create_task(read_on())  # or a full pipe stops the server
        yield told
        if process.returncode is not None:
            raise AssertionError(f"{name} ended by itself with status {process.returncode}")
    finally:
        failed = sys.exc_info()[0] is not None
        try:
            await stop(process, name)
        except AssertionError:
            failed = True
            raise
        finally:
            if reader:
                await reader
            if failed:
                print(f"--- output of {' '.join(map(str, command))}:\n{''.join(output[-60:])}---", flush=True)


async def _port_of(process, output) -> int:
    while line := (await process.stdout.readline()).decode(errors="replace"):
        output.append(line)
        if match := READY.search(line):
            return int(match[1])
    raise AssertionError(f"server ended before it listened: {''.join(output)}")


async def urls_of(process, output) -> dict[str, str]:
    """For `server`: the URLs by scheme of a program that listens at several, and then says "ready"."""
    urls = {}
    while line := (await process.stdout.readline()).decode(errors="replace"):
        output.append(line)
        if line.startswith("listening on "):
            url = line.split()[-1]
            urls[url.split(":")[0]] = url
        elif line.strip() == "ready":
            return urls
    raise AssertionError(f"server ended before it was ready: {''.join(output)}")


async def run(*command) -> str:
    """Runs a client program to its end; returns its output; a failure when its status is not 0."""
    process = await start(*command)
    try:
        output, _ = await process.communicate()
    except BaseException:
        if process.returncode is None:
            process.kill()
            await process.wait()
        raise
    text = output.decode(errors="replace")
    if process.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} ended with status {process.returncode}:\n{text}")
    return text


class Certificates:
    """A CA and a certificate for localhost, made on the spot."""

    def __init__(self, folder: str):
        self.ca, self.cert, self.key = (f"{folder}/{name}.pem" for name in ("ca", "server", "server-key"))
        ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        san = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"
        self._openssl("req", "-x509", *ec, "-keyout", f"{folder}/ca-key.pem", "-out", self.ca, "-subj",
                      "/CN=Interop test CA", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self._openssl("req", "-x509", *ec, "-keyout", self.key, "-out", self.cert, "-subj", "/CN=localhost",
                      "-CA", self.ca, "-CAkey", f"{folder}/ca-key.pem", "-addext", san,
                      "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth")

    @staticmethod
    def _openssl(*arguments):
        done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"openssl {arguments[0]}: {done.stderr}")

    def client_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca)

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        return context

    def arguments(self) -> list[str]:
        return ["--tls-cert", self.cert, "--tls-key", self.key]


class Setting:
    """Where our programs are, certificates, the report."""

    def __init__(self, bin_folder: str, folder: str):
        self.bin = pathlib.Path(bin_folder)
        self.folder = folder
        self.certificates = Certificates(folder)
        self.report = Report()

    def program(self, name: str) -> pathlib.Path:
        path = self.bin / name
        if not path.exists():
            raise FileNotFoundError(f"{path} is not built")
        return path

    def serve(self, name: str, *arguments, tls: bool = False):
        """`name`: a program, or "wstest MODE"."""
        program, *mode = name.split()
        return server(self.program(program), *mode, "--port", 0, *arguments,
                      *(self.certificates.arguments() if tls else []))


def main(test, bin_folder: str) -> int:
    """Runs `await test(setting)`; the exit status for ctest."""
    if sys.version_info < (3, 11):
        reason = "Python 3.11 or newer is needed"
    else:
        with tempfile.TemporaryDirectory(prefix="interop-") as folder:
            setting = Setting(bin_folder, folder)
            try:
                asyncio.run(test(setting))
                return setting.report.finish()
            except MissingPeer as missing:
                reason = str(missing)
    print(f"{'*' * 70}\nSKIPPED: {reason}\n{'*' * 70}", flush=True)
    if os.environ.get("AUTOBAHN_REQUIRE_PEERS") == "1":
        print("AUTOBAHN_REQUIRE_PEERS=1: that is a failure here")
        return 1
    return SKIPPED
