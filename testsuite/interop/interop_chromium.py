#!/usr/bin/python3
"""Headless Chromium against our programs: the chat example's page in two tabs, and its WebSocket API against the
echo server. Usage: interop_chromium.py BIN"""

import base64
import contextlib
import hashlib
import json
import subprocess
import sys

import browser
import cases
import harness

SAYINGS = ["hello from the other tab", "Grüße: € 漢字 😀", "<b>not bold</b> & \"quoted\"", "x" * 2000]

# Echoes every size, binary and text; gives [extensions, messages, close code, clean, reason].
ECHO_SCRIPT = """(async (url, sizes, pattern, cutText) => {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  const inbox = [];
  let wake = () => {};
  const ended = new Promise(resolve => { socket.onclose = event => { resolve(event); wake(); }; });
  socket.onmessage = event => { inbox.push(event.data); wake(); };
  const receive = async () => {
    while (!inbox.length) {
      if (socket.readyState > 1) { const e = await ended; throw new Error(`closed early: ${e.code} ${e.reason}`); }
      await new Promise(resolve => { wake = resolve; });
    }
    return inbox.shift();
  };
  await Promise.race([new Promise(resolve => { socket.onopen = resolve; }), ended]);
  let count = 0;
  const patternSize = new TextEncoder().encode(pattern).length;
  for (const size of sizes) {
    const octets = new Uint8Array(size);
    let state = size | 1;
    for (let i = 0; i < size; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      octets[i] = (i & 0x3000) ? i : state >>> 24;
    }
    socket.send(count % 4 ? octets : new Blob([octets]));
    const back = await receive();
    if (!(back instanceof ArrayBuffer)) throw new Error(`${size} bytes binary came back as text`);
    const view = new Uint8Array(back);
    if (view.length !== size || view.some((octet, i) => octet !== octets[i])) throw new Error(`${size} binary differ`);
    const text = pattern.repeat(size / patternSize) + '.'.repeat(size % patternSize);
    socket.send(text);
    if (await receive() !== text) throw new Error(`${size} bytes text differ`);
    count += 2;
  }
  const characters = [...cutText];
  for (let i = 0; i <= characters.length; i++) {
    const text = characters.slice(i).join('');
    socket.send(text);
    if (await receive() !== text) throw new Error(`${JSON.stringify(text)} differs`);
    count++;
  }
  socket.close(3001, 'fertig – ende');
  const end = await ended;
  return [socket.extensions, count, end.code, end.wasClean, end.reason];
})"""


def key_hash(certificate: str) -> str:
    """What --ignore-certificate-errors-spki-list wants: SHA-256 of the public key."""
    pem = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], capture_output=True,
                         check=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=pem, capture_output=True,
                         check=True).stdout
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


async def chat(setting: harness.Setting, chromium: browser.Browser, tls: bool):
    """What is typed in one tab is read in two."""
    scheme = "https" if tls else "http"
    async with setting.report.case(f"chat over {scheme}, two tabs") as note, setting.serve("chat", tls=tls) as port:
        tabs = [await chromium.tab(f"{scheme}://localhost:{port}/?name={name}") for name in ("Ada", "Bob")]
        for tab in tabs:
            await tab.until("document.querySelector('#status').textContent === 'open'", "the connection opens")
        for number, saying in enumerate(SAYINGS):
            speaker = tabs[number % 2]
            await speaker.click("#text")
            if len(saying) > 100:
                await chromium.call("Input.insertText", speaker.session, text=saying)
            else:
                await speaker.type(saying)
            if number % 2:
                await speaker.press_enter()
            else:
                await speaker.click("#send")
            line = json.dumps(f"{('Ada', 'Bob')[number % 2]}: {saying}")
            for tab in tabs:
                await tab.until(f"[...document.querySelectorAll('#log > *')].some(e => e.textContent === {line})",
                                f"message {number}")
        assert await tabs[0].script("document.querySelector('#log b')") is None, "markup was taken for markup"
        for tab in tabs:
            lines = await tab.script("[...document.querySelectorAll('#log > *')].map(e => e.textContent)")
            spoken = [line for line in lines if not line.startswith("*")]
            assert len(spoken) == len(SAYINGS), f"each message once: {spoken}"
            note(check_handshake(tab))
            await tab.close()


def check_handshake(tab: browser.Tab) -> str:
    """The handshake and the frames as the browser saw them: compressed."""
    answers = [p["response"] for method, p in tab.events if method == "Network.webSocketHandshakeResponseReceived"]
    assert len(answers) == 1, f"{len(answers)} handshakes"
    headers = {name.lower(): value for name, value in answers[0]["headers"].items()}
    agreed = headers.get("sec-websocket-extensions", "")
    assert "permessage-deflate" in agreed, f"no compression: {headers}"
    errors = [p for method, p in tab.events if method == "Network.webSocketFrameError"]
    assert not errors, f"frame errors: {errors}"
    return agreed


async def echo(setting: harness.Setting, chromium: browser.Browser, tls: bool, deflate: str):
    scheme = "wss" if tls else "ws"
    name = f"WebSocket API → echo_server --deflate {deflate} over {scheme}"
    async with setting.report.case(name) as note, contextlib.AsyncExitStack() as stack:
        page = await stack.enter_async_context(setting.serve("chat", tls=tls))  # for the page only
        port = await stack.enter_async_context(setting.serve("echo_server", "--deflate", deflate, tls=tls))
        tab = await chromium.tab(f"{'https' if tls else 'http'}://localhost:{page}/")
        await chromium.call("Network.disable", tab.session)  # or every payload goes through the pipe as JSON
        arguments = [f"{scheme}://localhost:{port}/", cases.SIZES, cases.PATTERN, cases.CUT_TEXT]
        result = await tab.script(f"{ECHO_SCRIPT}({','.join(map(json.dumps, arguments))})")
        extensions, count, code, is_clean, reason = result
        note(f"{count} messages, {extensions or 'no extensions'}")
        assert ("permessage-deflate" in extensions) == (deflate != "off"), f"extensions: {extensions!r}"
        # Our server answers with 1000, or with the browser's own code (echoCloseCodeReason).
        assert is_clean and code in (1000, 3001), f"closed with {code} {reason!r}, clean: {is_clean}"
        await tab.close()


async def test(setting: harness.Setting):
    flag = f"--ignore-certificate-errors-spki-list={key_hash(setting.certificates.cert)}"
    async with browser.launch(setting.folder, flag) as chromium:
        print(f"peer: {chromium.version}")
        for tls in (False, True):
            await chat(setting, chromium, tls)
        for tls, deflate in ((False, "off"), (False, "takeover"), (False, "shared"), (True, "takeover")):
            await echo(setting, chromium, tls, deflate)


if __name__ == "__main__":
    sys.exit(harness.main(test, sys.argv[1]))
