"""npm's autobahn and wampy on Node, and Autobahn|JS in Chromium, as sessions among ours: runs wamp_peer.js, and
wamp_cases.js in a page."""

import json
import pathlib
import shutil
import subprocess

import browser
import harness

HERE = pathlib.Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
# What these libraries cannot carry. JavaScript's numbers end at 2^53; above 2^32 or 2^53 some go out as floating point.
BIG = ["beyond_53", "int64_max", "int64_min", "uint64_max"]
ROUND = ["two_to_53", "minus_two_to_53"]
BYTES = ["empty_bytes", "all_bytes", "long_bytes"]
PLANS = {
    "autobahn": {
        "json": {"unreadable": BIG + BYTES},  # its JSON knows no binary data
        "msgpack": {"unreadable": BIG, "unwritable": ROUND},
        "cbor": {"unwritable": BIG + ROUND},  # BigInt goes out as a bignum (tag 2)
    },
    "autobahn-browser": {
        "json": {"unreadable": BIG + BYTES},
        "msgpack": {"unreadable": BIG, "unwritable": ROUND},
        "cbor": {"unreadable": BIG, "unwritable": ROUND + BYTES},
    },
    "wampy": {
        "json": {"unreadable": BIG + BYTES},
        "msgpack": {"unwritable": BIG + ROUND + ["max_safe"]},
        "cbor": {"unreadable": BIG, "unwritable": ROUND + ["max_safe"] + BYTES},  # bytes go out as a typed array (tag 64)
    },
}
# wampy's callee announces no progressive results, its publisher never sends exclude_me = false.
WITHOUT = {"wampy": ["is called: progress", "is called: skip", "own_events"]}
OVERALL = 60


def node() -> str:
    found = shutil.which("node") or shutil.which("nodejs")
    if not found:
        raise harness.MissingPeer("node is not installed")
    return found


def name(library: str) -> str:
    package = MODULES / library / "package.json"
    if not package.exists():
        raise harness.MissingPeer(f"npm's {library} is not installed: run `make interop-deps`")
    version = subprocess.run([node(), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return f"npm {library} {json.loads(package.read_text())['version']} on node {version}"


def plan(library: str, serializer: str, url: str, **more):
    return {"url": url, "serializer": serializer, "without": WITHOUT.get(library, []),
            **PLANS[library][serializer], **more}


async def report(setting: harness.Setting, where: str, lines: list):
    """One case for each line that the peer has told."""
    for what, note in lines:
        verdict, case = what.split(" ", 1)
        async with setting.report.case(f"{where}: {case}") as add:
            assert verdict == "ok", note
            add(note)


async def on_node(setting: harness.Setting, library: str, mode: str, where: str, plan: dict):
    lines = []
    async with setting.report.case(f"{where}, {mode}", OVERALL):
        output = await harness.run(node(), HERE / "wamp_peer.js", library, mode, json.dumps(plan))
        lines = [json.loads(line) for line in output.splitlines() if line.startswith('["')]
        # A session that leaves has come to its end: no case was lost on the way.
        assert mode != "run" or lines[-1][0].endswith(" leaves"), output[-2000:]
        assert lines, output
    await report(setting, where, lines)


async def in_chromium(setting: harness.Setting, chromium, page: str, mode: str, where: str, plan: dict):
    """Autobahn|JS in a page of our router's own."""
    lines = []
    async with setting.report.case(f"{where}, {mode}", OVERALL):
        tab = await chromium.tab(page)
        await chromium.call("Page.setBypassCSP", tab.session, enabled=True)  # of our status page
        loaded = tab.next_event("Page.loadEventFired")
        await chromium.call("Page.navigate", tab.session, url=page)
        await loaded
        for source in (MODULES / "autobahn-browser/autobahn.js", HERE / "wamp_cases.js", HERE / "wamp_adapters.js"):
            await tab.script(source.read_text(encoding="utf-8"))
        lines = await tab.script(f"""(async () => {{
            const lines = [];
            const json = autobahn.serializer.JSONSerializer;
            const {{MsgpackSerializer: msgpack, CBORSerializer: cbor}} = autobahn.serializer;
            const open = wampAdapters.autobahn(autobahn, autobahn.when, {{json, msgpack, cbor}});
            await wampCases.{mode}(open, {json.dumps(plan)}, (what, note) => lines.push([what, note ?? '']));
            return lines;
        }})()""")
        await tab.close()
        assert mode != "run" or lines[-1][0].endswith(" leaves"), lines
    await report(setting, where, lines)


async def everything_in_chromium(setting: harness.Setting, urls, serializers=("json", "msgpack", "cbor")):
    version = json.loads((MODULES / "autobahn-browser/package.json").read_text())["version"] \
        if (MODULES / "autobahn-browser").exists() else None
    if not version:
        raise harness.MissingPeer("npm's autobahn-browser is not installed: run `make interop-deps`")
    async with browser.launch(setting.folder) as chromium:
        peer = f"autobahn-browser {version} in {chromium.version}"
        page = urls["ws"].replace("ws:", "http:")
        for serializer in serializers:
            this = plan("autobahn-browser", serializer, urls["ws"])
            await in_chromium(setting, chromium, page, "run", f"{peer}, {serializer}", this)
        await in_chromium(setting, chromium, page, "authenticate", peer, plan("autobahn-browser", "json", urls["ws"]))
        # Long-poll, of the page's own origin and of another. What it sends at once may overtake itself: it POSTs
        # without waiting for the request before.
        for host, where in (("127.0.0.1", "long-poll"), ("localhost", "long-poll across origins")):
            this = plan("autobahn-browser", "json", page.rstrip("/").replace("127.0.0.1", host) + "/lp")
            this["without"] = ["is called: progress"]
            await in_chromium(setting, chromium, page, "run", f"{peer}, {where}", this)
            await in_chromium(setting, chromium, page, "authenticate", f"{peer}, {where}", this)
