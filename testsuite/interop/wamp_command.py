#!/usr/bin/python3
"""The command `wamp` against our router. Usage: wamp_command.py BIN"""

import asyncio
import base64
import contextlib
import json
import os
import pathlib
import signal
import sys

import harness
import interop_wamp

DONE, FAILED, USAGE, UNREACHABLE = 0, 1, 2, 3


class Command:
    """Runs `wamp` with the connection's options."""

    def __init__(self, setting, url):
        self.program, self.url = setting.program("wamp"), url

    async def start(self, *arguments, environment=None, **options):
        return await asyncio.create_subprocess_exec(
            str(self.program), *map(str, arguments), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, preexec_fn=harness.die_with_parent,
            env={**os.environ, "WAMP_URL": self.url, **(environment or {})}, **options)

    async def run(self, *arguments, code=DONE, environment=None):
        """(lines of standard output, standard error)."""
        process = await self.start(*arguments, environment=environment)
        out, err = (each.decode() for each in await process.communicate())
        assert process.returncode == code, f"{arguments}: status {process.returncode}, {out!r}, {err!r}"
        return out.splitlines(), err

    async def value(self, *arguments, **options):
        lines, _ = await self.run(*arguments, **options)
        assert len(lines) == 1, lines
        return json.loads(lines[0])

    @contextlib.asynccontextmanager
    async def serving(self, *arguments, ready):
        """A `register` or `subscribe` that is there when it says so; ends it with SIGINT, in order."""
        process = await self.start(*arguments)
        try:
            line = (await process.stderr.readline()).decode()
            assert line == f"wamp: {ready}\n", line
            yield process
            process.send_signal(signal.SIGINT)
            _, err = await process.communicate()
            assert process.returncode == DONE, (process.returncode, err)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def calls(wamp: Command):
    echo = "com.interop.echo"
    assert await wamp.value("call", echo, "1") == 1
    assert await wamp.value("call", echo, "-5") == -5
    assert await wamp.value("call", echo, "9223372036854775807") == 9223372036854775807
    assert await wamp.value("call", echo, "not JSON") == "not JSON"
    assert await wamp.value("call", echo, "1,2") == "1,2"
    assert await wamp.value("call", echo, '"1"') == "1"
    assert await wamp.value("call", echo, '{"a": [null, true, "世界 😀"]}') == {"a": [None, True, "世界 😀"]}
    assert await wamp.value("call", echo) is None
    assert await wamp.value("call", echo, "1", "two", "--kwarg", "x=[3]", "--kwarg", "y=text") == {
        "args": [1, "two"], "kwargs": {"x": [3], "y": "text"}}
    assert await wamp.value("call", echo, "1", "--full") == {"args": [1], "kwargs": {}}
    assert await wamp.value("call", "com.interop.value", "all_bytes") == "\0" + base64.b64encode(
        bytes(range(256))).decode()
    assert await wamp.value("call", "com.interop.check", "empty_bytes", '"\\u0000"') is True
    assert (await wamp.run("call", echo, "7", "--repeat", "3"))[0] == ["7"] * 3
    for serializer in ("json", "msgpack", "cbor", "ubjson", "flatbuffers"):
        assert await wamp.value("call", echo, "1.5", "--serializer", serializer) == 1.5


async def progress(wamp: Command):
    assert (await wamp.run("call", "--progress", "com.interop.count", "3"))[0] == ["0", "1", "2", "3"]
    assert (await wamp.run("call", "com.interop.count", "3"))[0] == ["3"]


async def errors(wamp: Command):
    out, err = await wamp.run("call", "com.interop.fail", "error", code=FAILED)
    assert (out, err) == ([], 'wamp: com.interop.error.custom ["text",7] {"key":[1,2]}\n'), err
    _, err = await wamp.run("call", "com.interop.not_there", code=FAILED)
    assert err.startswith("wamp: wamp.error.no_such_procedure"), err
    _, err = await wamp.run("call", "com.interop.sleep", "--timeout", "0.3", code=FAILED)
    assert err.startswith("wamp: wamp.error.timeout"), err
    _, err = await wamp.run("call", "x", "--realm", "nowhere", code=FAILED)
    assert err.startswith("wamp: wamp.error.no_such_realm"), err
    _, err = await wamp.run("call", "x", "--url", "ws://127.0.0.1:1/", code=UNREACHABLE)
    assert err.startswith("wamp: unreachable: ws://127.0.0.1:1/: ") and err.count("\n") == 1, err
    for arguments in ([], ["call"], ["call", "x", "--kwarg", "y"], ["call", "x", "--url", "ftp://x/"],
                      ["call", "x", "--serializer", "xml"], ["call", "x", "--authmethod", "ticket"], ["register", "x"],
                      ["register", "--echo", "x", "true"], ["nothing"]):
        await wamp.run(*arguments, code=USAGE)
    assert "." in (await wamp.run("--version"))[0][0]
    for command in ([], ["call"], ["publish"], ["subscribe"], ["register"]):
        lines, _ = await wamp.run(*command, "--help")
        assert len(lines) > 5, lines


async def events(wamp: Command):
    topic = "com.command.topic"
    async with wamp.serving("subscribe", topic, ready="subscribed") as subscriber:
        assert (await wamp.run("publish", topic, "1", "two", "--kwarg", "k=3"))[0] == []
        publication = await wamp.value("publish", topic, "--acknowledge")
        event = json.loads(await subscriber.stdout.readline())
        assert (event["topic"], event["args"], event["kwargs"]) == (topic, [1, "two"], {"k": 3}), event
        event = json.loads(await subscriber.stdout.readline())
        assert (event["publication"], event["args"], "publisher" in event) == (publication, [], False), event
        await wamp.run("publish", topic, "--disclose-me")
        assert json.loads(await subscriber.stdout.readline())["publisher"] > 0
        await wamp.run("publish", topic, '"to nobody"', "--eligible-authid", "nobody", "--acknowledge")
        await wamp.run("publish", topic, '"last"')
        assert json.loads(await subscriber.stdout.readline())["args"] == ["last"]
    process = await wamp.start("subscribe", "com.command.", "--match", "prefix", "--max-events", "2")
    assert await process.stderr.readline() == b"wamp: subscribed\n"
    for number in range(3):
        await wamp.run("publish", f"com.command.{number}", "--acknowledge", "--retain")
    out, _ = await process.communicate()
    assert process.returncode == DONE
    assert [json.loads(line)["topic"] for line in out.splitlines()] == ["com.command.0", "com.command.1"]
    event = await wamp.value("subscribe", "com.command.2", "--get-retained", "--max-events", "1")
    assert event["retained"] is True


async def procedures(wamp: Command, folder: str):
    async with wamp.serving("register", "--echo", "com.command.echo", ready="registered"):
        assert await wamp.value("call", "com.command.echo", "1", "--kwarg", "k=2") == {"args": [1], "kwargs": {"k": 2}}
    script = pathlib.Path(folder) / "answer.py"
    script.write_text("""import json, os, sys
what = json.loads(sys.argv[2])
if what == "text":
    print("just text")
elif what == "fail":
    print("half", file=sys.stdout)
    sys.exit(3)
elif what != "nothing":
    json.dump([sys.argv[1:], os.environ["WAMP_PROCEDURE"], os.environ["WAMP_KWARGS_JSON"], "WAMP_SECRET" in os.environ],
              sys.stdout)
""")
    command = ("register", "com.command.run", sys.executable, script, "-first")
    async with wamp.serving(*command, ready="registered"):
        run = "com.command.run"
        assert await wamp.value("call", run, '{"a": 1}', "--kwarg", "k=2") == [
            ["-first", '{"a":1}'], run, '{"k":2}', False]
        assert await wamp.value("call", run, "text") == "just text"
        assert await wamp.value("call", run, "nothing") is None
        _, err = await wamp.run("call", run, "fail", code=FAILED)
        assert err == (f'wamp: wamp.error.runtime_error ["{sys.executable} ended with status 3"] '
                       '{"output":"half","status":3}\n'), err
        assert sorted(await asyncio.gather(*(wamp.value("call", run, "text") for _ in range(4)))) == ["just text"] * 4
    async with wamp.serving("register", "com.command.missing", "/does/not/exist", ready="registered"):
        _, err = await wamp.run("call", "com.command.missing", code=FAILED)
        assert "wamp.error.runtime_error" in err and "/does/not/exist" in err, err
    async with wamp.serving("register", "--concurrency", "1", "com.command.sleep", "sleep", "1000", ready="registered"):
        _, err = await wamp.run("call", "com.command.sleep", "--timeout", "0.3", code=FAILED)
        assert "wamp.error.timeout" in err, err


async def interrupted(wamp: Command):
    process = await wamp.start("call", "--progress", "com.interop.sleep")
    assert await process.stdout.readline() == b'"asleep"\n'
    process.send_signal(signal.SIGINT)
    await process.communicate()
    assert process.returncode == FAILED, process.returncode


async def authentication(wamp: Command, folder: str):
    ticket = pathlib.Path(folder) / "ticket"
    ticket.write_text("ticket-secret\n")
    key = pathlib.Path(folder) / "key"
    key.write_text("7" * 64)
    wrong = {"WAMP_SECRET": "very-wrong-secret"}
    secure = ["call", "wamp.session.count", "--realm", "secure"]
    for given, environment in [
            (["--authmethod", "ticket", "--authid", "ticket-user", "--secret-file", ticket], {}),
            (["--authmethod", "wampcra", "--authid", "cra-salted-user"], {"WAMP_SECRET": "cra-password"}),
            (["--authmethod", "scram", "--authid", "scram-user", "--secret", "scram-password"], {}),
            (["--private-key", key], {}),
            (["--private-key", key, "--authid", "cryptosign-user", "--authmethod", "cryptosign"], {})]:
        await wamp.value(*secure, *given, environment=environment)
    for method, authid in (("ticket", "ticket-user"), ("wampcra", "cra-salted-user"), ("scram", "scram-user")):
        _, err = await wamp.run(*secure, "--authmethod", method, "--authid", authid, "-v", code=FAILED, environment=wrong)
        assert "wamp.error.authentication_failed" in err or "cannot_authenticate" in err, err
        assert "very-wrong" not in err, "a secret is shown"
    _, err = await wamp.run(*secure, code=FAILED)
    assert "wamp.error." in err, err


async def transports(setting, urls):
    ca = setting.certificates.ca
    for scheme, options in (("rs", []), ("wss", ["--ca", ca]), ("rss", ["--ca", ca]), ("wss", ["--insecure"])):
        wamp = Command(setting, urls[scheme])
        assert await wamp.value("call", "com.interop.echo", "1", *options) == 1
    await Command(setting, urls["wss"]).run("call", "com.interop.echo", "1", code=UNREACHABLE)


async def everything(setting: harness.Setting, urls):
    wamp = Command(setting, urls["ws"])
    for name, case in (("calls", calls(wamp)), ("progressive results", progress(wamp)), ("errors", errors(wamp)),
                       ("events", events(wamp)), ("procedures", procedures(wamp, setting.folder)),
                       ("interrupted", interrupted(wamp)), ("authentication", authentication(wamp, setting.folder)),
                       ("transports", transports(setting, urls))):
        async with setting.report.case(f"wamp: {name}"):
            await case


async def test(setting: harness.Setting):
    async with interop_wamp.router(setting) as urls:
        await everything(setting, urls)


if __name__ == "__main__":
    sys.exit(harness.main(test, sys.argv[1]))
