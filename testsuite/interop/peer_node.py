"""npm's `ws` on Node as client and server: runs peer_node.js."""

import contextlib
import json
import pathlib
import shutil
import subprocess

import cases
import harness

HERE = pathlib.Path(__file__).resolve().parent


class Peer:
    """As the modules of the Python peers: NAME, client, server."""

    def __init__(self, setting: harness.Setting):
        self.setting = setting
        self.node = shutil.which("node") or shutil.which("nodejs")
        if not self.node:
            raise harness.MissingPeer("node is not installed")
        package = HERE / "node_modules/ws/package.json"
        if not package.exists():
            raise harness.MissingPeer("npm's ws is not installed: run `make interop-deps`")
        version = subprocess.run([self.node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        self.NAME = f"ws {json.loads(package.read_text())['version']} on node {version}"

    def _command(self, role: str, **options):
        return (self.node, HERE / "peer_node.js", role, json.dumps(options))

    @staticmethod
    def _deflate(deflate: cases.Deflate | None, role: str):
        if not deflate:
            return False
        options = {"threshold": 0, "zlibDeflateOptions": {"level": 1}}
        if deflate.server_no_takeover:  # false would mean: declined when the client asks for it
            options["serverNoContextTakeover"] = True
        if deflate.client_no_takeover:
            options["clientNoContextTakeover"] = True
        if deflate.server_bits:
            options["serverMaxWindowBits"] = deflate.server_bits
        if deflate.client_bits or role == "client":
            options["clientMaxWindowBits"] = deflate.client_bits or True
        return options

    async def client(self, url: str, scenario: cases.Scenario, tls, note=lambda text: None):
        ca = self.setting.certificates.ca if tls else None
        output = await harness.run(*self._command(
            "client", url=url, ca=ca, deflate=self._deflate(scenario.deflate, "client"), sizes=scenario.sizes(),
            cutText=cases.CUT_TEXT))
        agreed = output.split("negotiated: ")[1].splitlines()[0]
        note(agreed or "no extensions")
        if scenario.deflate:
            scenario.deflate.check(agreed, sides=["server"])
        else:
            assert not agreed, f"nothing offered, got {agreed!r}"

    @contextlib.asynccontextmanager
    async def server(self, deflate, tls):
        """Gives the port."""
        files = {"cert": self.setting.certificates.cert, "key": self.setting.certificates.key} if tls else {}
        async with harness.server(*self._command(
                "server", deflate=self._deflate(deflate, "server"), cutsCommand=cases.CUTS_COMMAND,
                closeCommand=cases.CLOSE_COMMAND, closeCode=cases.CLOSE_CODE, closeReason=cases.CLOSE_REASON,
                **files)) as port:
            yield port
