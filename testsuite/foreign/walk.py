"""How a Python client walks through the cases of `wstest fuzzingserver`."""

import asyncio
import json
import urllib.parse

CASE_TIMEOUT = 90  # s: more than the harness gives a case


async def walk(url: str, agent: str, ask, run):
    """`await ask(url)` gives the text of the only message; `await run(url)` echoes until the end of the connection.
    What they raise is for the harness to judge."""
    query = f"agent={urllib.parse.quote(agent)}"
    for number in range(1, int(await ask(f"{url}/getCaseCount")) + 1):
        info = json.loads(await ask(f"{url}/getCaseInfo?case={number}&{query}"))
        try:
            await asyncio.wait_for(run(info.get("url", f"{url}/runCase?case={number}&{query}")), CASE_TIMEOUT)
        except Exception as error:  # also those of the library's own: they are its answer to the case
            print(f"{info['id']}: {type(error).__name__}: {error}", flush=True)
    await ask(f"{url}/updateReports?{query}&shutdownOnComplete=true")
