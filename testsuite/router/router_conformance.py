#!/usr/bin/python3
"""Every scenario of scenarios/ at autobahn-router, through every serializer, over WebSocket and RawSocket."""

import argparse
import asyncio
import base64
import contextlib
import functools
import hashlib
import hmac
import itertools
import json
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "interop"))

import configuration
import harness
import script
import wire

AT_ONCE = 8
FEATURES = {
    "subscriber": ["pattern_based_subscription", "publisher_identification", "subscription_revocation",
                   "publication_trustlevels", "payload_passthru_mode"],
    "publisher": ["publisher_exclusion", "publisher_identification", "subscriber_blackwhite_listing"],
    "caller": ["progressive_call_results", "progressive_call_invocations", "call_timeout", "call_canceling",
               "caller_identification", "payload_passthru_mode"],
    "callee": ["progressive_call_results", "progressive_call_invocations", "call_timeout", "call_canceling",
               "caller_identification", "call_trustlevels", "pattern_based_registration", "shared_registration",
               "registration_revocation", "payload_passthru_mode", "call_reroute"],
}
ROLES = {role: {"features": {name: True for name in names}} for role, names in FEATURES.items()}
PLAIN = {role: {} for role in FEATURES}


class Difference(AssertionError):
    pass


class Run:
    """One scenario over one way: transport and serializer."""

    numbers = itertools.count(1)

    def __init__(self, port: int, transport: str, codec: wire.Codec):
        self.port, self.transport, self.codec = port, transport, codec
        self.number = next(self.numbers)
        self.clients, self.variables = {}, {}
        self.variables["$pubkey"] = public_key()
        for kind in configuration.KINDS:
            self.variables["$" + kind] = f"{kind}.{self.number}"

    async def play(self, scenario: script.Scenario):
        try:
            for step in scenario.steps:
                try:
                    await self.do(step)
                except (AssertionError, TimeoutError, KeyError, OSError) as error:
                    raise Difference(f"{step.where}: {step.who}{step.verb} {step.rest}\n      {error!r}") from error
            await self.expect_silence()
        finally:
            for client in self.clients.values():
                await client.drop()

    async def do(self, step: script.Step):
        if step.verb == ":":
            return await self.say(self.clients[step.who], script.fill(script.parse(step.rest), self.variables))
        if step.verb == "<":
            return await self.hear(step.who, step.rest)
        await getattr(self, "do_" + step.verb)(step.who, step.rest)

    # ---- Steps

    @staticmethod
    async def say(client: wire.Connection, message):
        client.send(message)
        await client.sync()

    async def hear(self, who: str, wanted: str):
        client = self.clients[who]
        if wanted == "nothing":
            await client.sync()
            assert client.received.empty(), f"{client.received.get_nowait()} came"
            return
        try:
            message = await asyncio.wait_for(client.received.get(), wire.TIMEOUT)
        except TimeoutError:
            raise AssertionError("nothing came") from None
        if wanted == "closed":
            assert message is wire.CLOSED, f"not closed: {message} came"
            return
        assert message is not wire.CLOSED, "closed"
        problem = script.difference(script.parse(wanted), message, self.variables)
        assert not problem, f"{message} came: {problem}"

    async def do_connect(self, who: str, _):
        self.clients[who] = await wire.TRANSPORTS[self.transport].open(self.port, self.codec)

    async def do_join(self, who: str, rest: str):
        """join [KIND] [plain]: in the scenario's realm of that kind, with all features or none."""
        words = rest.split()
        roles = PLAIN if "plain" in words else ROLES
        realm = next((word for word in words if word != "plain"), "open")
        await self.do_connect(who, "")
        await self.say(self.clients[who], [1, self.variables["$" + realm], {"roles": roles}])
        await self.hear(who, f"[2, ${who}, {{...}}]")

    async def do_drop(self, who: str, _):
        """The connection is gone, and the router knows."""
        await self.clients.pop(who).drop()
        for other in self.clients.values():
            await other.sync()

    async def do_text(self, who: str, rest: str):
        """Octets in JSON's quotes, in a message."""
        self.clients[who].send_octets(json.loads(rest).encode("latin-1"))
        await self.clients[who].sync()

    async def do_other(self, who: str, _):
        """Text where binary is agreed, and the reverse."""
        self.clients[who].send_octets(b"[1]", is_other=True)
        await self.clients[who].sync()

    async def do_wire(self, who: str, rest: str):
        """wire HEX: octets of the transport, with no frame around them."""
        self.clients[who].send_wire(bytes.fromhex(rest))

    async def do_dial(self, who: str, rest: str):
        """dial HEX > HEX: what comes back on a connection that begins like this, which is then closed."""
        said, heard = map(bytes.fromhex, rest.split(">"))
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(said)
            came = await asyncio.wait_for(reader.read(), wire.TIMEOUT)
        except ConnectionResetError:  # octets that were not read
            came = b""
        finally:
            writer.close()
        assert came == heard, f"{came.hex()} came"

    async def do_deep(self, who: str, rest: str):
        """deep N: a CALL with lists in lists."""
        client = self.clients[who]
        client.send_octets(nested(client.codec.name, int(rest)))
        await client.sync()

    async def do_sign(self, who: str, rest: str):
        """sign METHOD SECRET: AUTHENTICATE for the CHALLENGE whose text is $challenge."""
        method, secret = rest.split()
        challenge = self.variables["$challenge"]
        if method == "wampcra":
            digest = hmac.new(secret.encode(), challenge.encode(), hashlib.sha256).digest()
            signature = base64.b64encode(digest).decode()
        else:
            from nacl.signing import SigningKey

            signature = SigningKey(bytes.fromhex(secret)).sign(bytes.fromhex(challenge)).signature.hex() + challenge
        await self.say(self.clients[who], [5, signature, {}])

    async def expect_silence(self):
        """Nobody hears more than the scenario says."""
        for _ in range(2):  # what the first round has set going has come after the second
            for client in self.clients.values():
                await client.sync()
        for who, client in self.clients.items():
            while not client.received.empty():
                message = client.received.get_nowait()
                what = "closed" if message is wire.CLOSED else f"{message} came"
                raise Difference(f"at the end: {who}: {what}, and nobody waited for it")


# [48, 9, {}, "com.deep", [[…1…]]] by hand, since the modules have limits of their own: what comes before the lists, a
# list's beginning, the innermost value, a list's end, the end.
DEEP = {
    "json": (b'[48,9,{},"com.deep",', b"[", b"1", b"]", b"]"),
    "msgpack": (b"\x95\x30\x09\x80\xa8com.deep", b"\x91", b"\x01", b"", b""),
    "cbor": (b"\x85\x18\x30\x09\xa0\x68com.deep", b"\x81", b"\x01", b"", b""),
    "ubjson": (b"[i\x30i\x09{}Si\x08com.deep", b"[", b"i\x01", b"]", b"]"),
}


def nested(codec: str, depth: int) -> bytes:
    if codec not in DEEP:
        raise wire.Inexpressible("lists in lists")
    before, begin, inner, end, after = DEEP[codec]
    return before + begin * depth + inner + end * depth + after


def applies(scenario: script.Scenario, transport: str, codec: str) -> bool:
    """Words after @: each transport or serializer that is named is one of those it is for."""
    transports, codecs = scenario.only & set(wire.TRANSPORTS), scenario.only - set(wire.TRANSPORTS)
    return (not transports or transport in transports) and (not codecs or codec in codecs)


class Suite:
    def __init__(self, ports: dict):
        self.ports, self.passed, self.left_out, self.failures = ports, 0, 0, []
        self.limit = asyncio.Semaphore(AT_ONCE)

    async def one(self, scenario: script.Scenario, transport: str, codec: wire.Codec):
        async with self.limit:
            try:
                await Run(self.ports[transport], transport, codec).play(scenario)
                self.passed += 1
            except wire.Inexpressible:
                self.left_out += 1
            except Exception as error:  # the others are worth running all the same
                self.failures.append(f"FAIL  {scenario.name} ({transport}, {codec.name})\n      {error}")

    async def play(self, scenarios: list, codecs: list):
        await asyncio.gather(*(self.one(scenario, transport, codec)
                               for scenario in scenarios for transport in wire.TRANSPORTS for codec in codecs
                               if applies(scenario, transport, codec.name)))


@contextlib.asynccontextmanager
async def router(program, config: dict, folder: str, threads: int):
    """The program; its process and its ports by scheme."""
    path = pathlib.Path(folder) / "router.json"
    path.write_text(json.dumps(config))
    process = None

    async def ports(started, output):
        nonlocal process
        process = started
        found = {}
        while len(found) < len(config["listeners"]):
            line = (await started.stdout.readline()).decode(errors="replace")
            output.append(line)
            assert line, f"the router ended: {''.join(output)}"
            if match := harness.re.search(r"listening on (\w+)://.*:(\d+)", line):
                found[match[1]] = int(match[2])
        return found

    async with harness.server(program, "--config", path, "--threads", str(threads), ready=ports) as found:
        yield process, found


@functools.cache
def public_key() -> str:
    from nacl.signing import SigningKey

    return SigningKey(bytes.fromhex(configuration.SECRETS["cryptosign"])).verify_key.encode().hex()


async def main(options) -> int:
    scenarios = [each for each in script.read_all(HERE / "scenarios") if options.part in each.name]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(options.bin) / "autobahn-router"
        async with router(program, configuration.make(public_key()), folder, options.threads) as (_, ports):
            suite = Suite(ports)
            flatbuffers = wire.FlatBuffers(pathlib.Path(options.bin) / "router_flatbuffers")
            try:
                await suite.play(scenarios, [*wire.codecs(), flatbuffers])
            finally:
                flatbuffers.close()
    for each in suite.failures:
        print(each)
    print(f"{len(scenarios)} scenarios, {suite.passed} runs passed, {len(suite.failures)} failed, "
          f"{suite.left_out} not expressible in FlatBuffers, {time.monotonic() - began:.1f} s")
    return 1 if suite.failures or not suite.passed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bin")
    parser.add_argument("part", nargs="?", default="", help="of a scenario's name")
    parser.add_argument("--threads", type=int, default=1, help="of the router")
    sys.exit(asyncio.run(main(parser.parse_args())))
