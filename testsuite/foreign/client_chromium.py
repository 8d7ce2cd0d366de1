#!/usr/bin/python3
"""Headless Chromium, walking through the cases from a page of the fuzzing server.

    client_chromium.py ws://127.0.0.1:PORT AGENT"""

import asyncio
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "interop"))
import browser  # noqa: E402

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


async def main(url, agent):
    query = f"agent={agent}"
    with tempfile.TemporaryDirectory(prefix="chromium-") as folder:
        async with browser.launch(folder) as chromium:
            tab = await chromium.tab(url.replace("ws", "http", 1) + "/")
            await chromium.call("Network.disable", tab.session)  # or every payload goes through the pipe as JSON
            await tab.script(SCRIPT)

            async def visit(path, is_echoing=False):
                return await tab.script(f"visit({json.dumps(url + path)}, {json.dumps(is_echoing)})")

            for number in range(1, int(await visit("/getCaseCount")) + 1):
                try:
                    await visit(f"/runCase?case={number}&{query}", True)
                except (browser.PageError, TimeoutError) as error:
                    print(f"case {number}: {error}", flush=True)
            await visit(f"/updateReports?{query}&shutdownOnComplete=true")


asyncio.run(main(*sys.argv[1:]))
