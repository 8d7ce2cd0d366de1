#!/usr/bin/python3
"""Headless Chromium, walking through the cases from a page of the fuzzing server.

    client_chromium.py URL AGENT [CA]"""

import asyncio
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "interop"))
import browser  # noqa: E402
import nss  # noqa: E402

# visit(url, isEchoing) gives the last message once the connection has ended.
SCRIPT = """
window.visit = (url, isEchoing) => new Promise(resolve => {
  let last = '';
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  socket.onmessage = event => { if (isEchoing) socket.send(event.data); else last = event.data; };
  const limit = setTimeout(() => socket.close(), 90000);
  socket.onclose = () => { clearTimeout(limit); resolve(last); };
});
"""


async def main(url, agent, ca=None):
    query = f"agent={agent}"
    with tempfile.TemporaryDirectory(prefix="chromium-") as folder:
        if ca:
            nss.trust(folder, ca)
        async with browser.launch(folder) as chromium:
            tab = await chromium.tab(url.replace("ws", "http", 1) + "/")
            await chromium.call("Network.disable", tab.session)  # or every payload goes through the pipe as JSON
            await tab.script(SCRIPT)

            async def visit(where, is_echoing=False):
                return await tab.script(f"visit({json.dumps(where)}, {json.dumps(is_echoing)})")

            for number in range(1, int(await visit(f"{url}/getCaseCount")) + 1):
                info = json.loads(await visit(f"{url}/getCaseInfo?case={number}&{query}"))
                try:
                    await visit(info.get("url", f"{url}/runCase?case={number}&{query}"), True)
                except (browser.PageError, TimeoutError) as error:
                    print(f"{info['id']}: {error}", flush=True)
            await visit(f"{url}/updateReports?{query}&shutdownOnComplete=true")


asyncio.run(main(*sys.argv[1:]))
