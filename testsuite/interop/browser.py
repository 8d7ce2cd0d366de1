"""Headless Chromium, driven over its own debugging pipe (DevTools protocol, JSON between NUL bytes): nothing but
the browser is needed. https://chromedevtools.github.io/devtools-protocol/"""

import asyncio
import contextlib
import fcntl
import itertools
import json
import os
import shutil
import sys

import harness

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--no-default-browser-check",
    "--disable-default-apps", "--disable-extensions", "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding", "--mute-audio",
]
# Chromium reads commands from descriptor 3 and answers on 4.
LAUNCHER = "import os,sys; r,w=map(int,sys.argv[1:3]); os.dup2(r,3); os.dup2(w,4); os.execv(sys.argv[3],sys.argv[3:])"
COMMAND_TIMEOUT = 30


class PageError(AssertionError):
    """A script in the page failed."""


def executable() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise harness.MissingPeer("chromium is not installed")


class Browser:
    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future] = {}
        self._listeners = []
        self._task = asyncio.create_task(self._read())

    async def _read(self):
        try:
            while True:
                message = json.loads((await self._reader.readuntil(b"\0"))[:-1])
                if future := self._answers.pop(message.get("id"), None):
                    if not future.done():
                        future.set_result(message)
                elif "method" in message:
                    for listener in self._listeners:
                        listener(message)
        except (asyncio.IncompleteReadError, ConnectionError):
            for future in self._answers.values():
                if not future.done():
                    future.set_exception(ConnectionError("the browser is gone"))

    async def call(self, method: str, session: str | None = None, **parameters):
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._answers[number] = asyncio.get_running_loop().create_future()
        self._writer.write(json.dumps(message).encode() + b"\0")
        async with asyncio.timeout(COMMAND_TIMEOUT):
            answer = await self._answers[number]
        if "error" in answer:
            raise PageError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    async def tab(self, url: str) -> "Tab":
        target = (await self.call("Target.createTarget", url="about:blank"))["targetId"]
        session = (await self.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        tab = Tab(self, session, target)
        self._listeners.append(tab.see)
        for domain in ("Page", "Runtime", "Network"):
            await self.call(f"{domain}.enable", session)
        loaded = tab.next_event("Page.loadEventFired")
        result = await self.call("Page.navigate", session, url=url)
        if result.get("errorText"):
            raise PageError(f"{url}: {result['errorText']}")
        async with asyncio.timeout(COMMAND_TIMEOUT):
            await loaded
        return tab


class Tab:
    def __init__(self, browser: Browser, session: str, target: str):
        self.browser, self.session, self.target = browser, session, target
        self.events = []  # all of them: (method, parameters)
        self._waiting: list[tuple[str, asyncio.Future]] = []

    def see(self, message):
        if message.get("sessionId") != self.session:
            return
        self.events.append((message["method"], message["params"]))
        for method, future in list(self._waiting):
            if method == message["method"]:
                self._waiting.remove((method, future))
                if not future.done():
                    future.set_result(message["params"])

    def next_event(self, method: str) -> asyncio.Future:
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((method, future))
        return future

    async def script(self, expression: str):
        """The value of an expression in the page; a promise is awaited."""
        result = await self.browser.call("Runtime.evaluate", self.session, expression=expression, awaitPromise=True,
                                         returnByValue=True)
        if details := result.get("exceptionDetails"):
            raise PageError(details.get("exception", {}).get("description") or details["text"])
        return result["result"].get("value")

    async def until(self, condition: str, what: str):
        """Waits for an expression over the DOM to become true; looks whenever the DOM changes."""
        outcome = await self.script(f"""new Promise(resolve => {{
            const look = () => {{ if ({condition}) {{ watcher.disconnect(); resolve(true); }} }};
            const watcher = new MutationObserver(look);
            watcher.observe(document, {{subtree: true, childList: true, characterData: true, attributes: true}});
            look();
            setTimeout(() => {{ watcher.disconnect(); resolve(false); }}, {(COMMAND_TIMEOUT - 10) * 1000});
        }})""")
        assert outcome, f"{what}: not seen; the page says {await self.script('document.body.innerText')!r}"

    async def click(self, selector: str):
        x, y = await self.script(f"""(() => {{
            const box = document.querySelector({json.dumps(selector)}).getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2]; }})()""")
        await self.browser.call("Page.bringToFront", self.session)
        for kind in ("mousePressed", "mouseReleased"):
            await self.browser.call("Input.dispatchMouseEvent", self.session, type=kind, x=x, y=y, button="left",
                                    clickCount=1)

    async def type(self, text: str):
        for character in text:
            await self.browser.call("Input.insertText", self.session, text=character)

    async def press_enter(self):
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
        await self.browser.call("Input.dispatchKeyEvent", self.session, type="keyDown", text="\r", **key)
        await self.browser.call("Input.dispatchKeyEvent", self.session, type="keyUp", **key)

    async def close(self):
        await self.browser.call("Target.closeTarget", targetId=self.target)


def _high(descriptor: int) -> int:
    """The descriptor moved out of the way of 3 and 4, for a child to inherit."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD, 10)
    os.close(descriptor)
    return moved


@contextlib.asynccontextmanager
async def launch(folder: str, *flags):
    """A browser with a fresh profile in `folder`."""
    program = executable()
    their_read, our_write = os.pipe()
    our_read, their_write = os.pipe()
    their_read, their_write = _high(their_read), _high(their_write)
    environment = {**os.environ, "HOME": folder, "XDG_CONFIG_HOME": folder, "XDG_CACHE_HOME": folder}
    with open(f"{folder}/chromium.log", "wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", LAUNCHER, str(their_read), str(their_write), program, *FLAGS, *flags,
            "--remote-debugging-pipe", f"--user-data-dir={folder}/profile", "about:blank", stdout=log, stderr=log,
            stdin=asyncio.subprocess.DEVNULL, pass_fds=(their_read, their_write), preexec_fn=harness.die_with_parent,
            env=environment)
    os.close(their_read)
    os.close(their_write)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 27)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(our_read, "rb"))
    transport, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(our_write, "wb"))
    browser = Browser(reader, transport)
    try:
        try:
            version = await browser.call("Browser.getVersion")
        except (ConnectionError, TimeoutError) as error:
            with open(f"{folder}/chromium.log", encoding="utf-8", errors="replace") as log:
                raise RuntimeError(f"{program} does not start: {error!r}\n{log.read()[-3000:]}") from error
        browser.version = version["product"]
        yield browser
        with contextlib.suppress(ConnectionError, TimeoutError):
            await browser.call("Browser.close")
    finally:
        transport.close()  # which also ends the browser
        try:
            await asyncio.wait_for(process.wait(), harness.STOP_TIMEOUT)
        except TimeoutError:
            process.kill()
            await process.wait()
        browser._task.cancel()
