#!/usr/bin/python3
"""Thousands of sessions that come, work, misbehave and go, at autobahn-router; then nothing of them may be left.
Usage: router_soak.py BIN [--sessions N] [--seconds N] [--seed N]"""

import argparse
import asyncio
import contextlib
import json
import os
import pathlib
import random
import resource
import sys
import tempfile
import time
import traceback

import configuration
import router_conformance
import wire

BOUND = 30     # seconds that an answer of the router, or of a callee that answers or dies, may take at most
PROBE_BOUND = 3  # seconds, for the router itself; the machine may have other things to do
LIFE = 6       # seconds that a session stays, on average
TOPICS = 50
FLOOD = "x" * 30_000
ABORTED = (ConnectionError, asyncio.IncompleteReadError, OSError)


class Gone(Exception):
    """The connection has ended."""


class Figures:
    def __init__(self):
        self.joined = self.calls = self.results = self.errors = self.unheard = self.events = self.died = 0
        self.deaf_closed = self.cancelled = 0
        self.wrong = []  # what must not be
        self.waits = {"router": [], "call": [], "probe": []}

    def slowest(self, what: str) -> str:
        waits = sorted(self.waits[what]) or [0]
        return f"median {waits[len(waits) // 2] * 1e3:.1f} ms, 99 % {waits[len(waits) * 99 // 100] * 1e3:.0f} ms, " \
               f"longest {waits[-1] * 1e3:.0f} ms"


class Member:
    """A session: answers invocations in one way or another, and looks that each request has one answer."""

    def __init__(self, figures: Figures, connection: wire.Connection):
        self.figures, self.connection = figures, connection
        self.pending, self.last, self.later = {}, 0, set()
        self.may_end = False  # the connection, without a word
        self.has_left = False  # and says nothing more
        self.is_deaf = False   # what still comes out of buffers is of no interest
        self.reader = asyncio.create_task(self.read())

    async def read(self):
        while (message := await self.connection.received.get()) is not wire.CLOSED:
            self.hear(message)
        if not self.may_end:
            self.figures.wrong.append("the router has closed a connection")
        for future in self.pending.values():
            if not future.done():
                future.set_exception(Gone())
                future.exception()  # nobody may be waiting

    def hear(self, message):
        if self.is_deaf:
            return
        code = message[0]
        if code == 68:
            self.invoked(message)
        elif code == 36:
            self.figures.events += 1
        elif code == 8:
            self.settle(message[2], message)
        elif code == 50 and message[2].get("progress"):
            if message[1] not in self.pending:
                self.figures.wrong.append(f"a part of a result after the end: {message}")
        elif code in (17, 33, 35, 50, 65, 67):
            self.settle(message[1], message)
        elif code in (2, 3, 6):
            self.settle(0, message)
        elif code != 69:
            self.figures.wrong.append(f"not expected: {message}")

    def settle(self, request: int, message):
        future = self.pending.pop(request, None)
        if future is None:
            self.figures.wrong.append(f"an answer to nothing, or a second one: {message}")
        elif not future.done():
            future.set_result(message)

    def invoked(self, message):
        request, fate = message[1], random.random()
        if fate < 0.70:
            self.say([70, request, {}, ["done"]])
        elif fate < 0.78:
            self.say([8, 68, request, {}, "com.soak.error"])
        elif fate < 0.90:
            if message[3].get("receive_progress"):
                self.say([70, request, {"progress": True}, ["part"]])
            self.after(random.random(), [70, request, {}, ["later"]])
        elif fate < 0.97:
            pass  # never: the call ends with us
        else:
            self.figures.died += 1
            self.may_end = True
            self.connection.abort()

    def after(self, seconds: float, message):
        async def later():
            await asyncio.sleep(seconds)
            self.say(message)

        task = asyncio.create_task(later())
        self.later.add(task)
        task.add_done_callback(self.later.discard)

    def say(self, message):
        if not self.connection.is_closed and not self.has_left:
            self.connection.send(message)

    def say_last(self, message) -> asyncio.Future:
        future = self.begin(0, message)
        self.has_left = True
        return future

    def begin(self, request: int, message) -> asyncio.Future:
        if self.connection.is_closed:
            raise Gone()
        self.pending[request] = asyncio.get_running_loop().create_future()
        future = self.pending[request]
        self.connection.send(message)
        return future

    async def answered(self, future, what: str):
        began = time.monotonic()
        try:
            answer = await asyncio.wait_for(asyncio.shield(future), BOUND)
        except TimeoutError:
            self.figures.wrong.append(f"no answer in {BOUND} s ({what})")
            raise Gone() from None
        self.figures.waits[what].append(time.monotonic() - began)
        return answer

    async def ask(self, code: int, *rest):
        """A request that the router answers."""
        self.last += 1
        return await self.answered(self.begin(self.last, [code, self.last, *rest]), "router")

    async def call(self):
        """A call: exactly one outcome, unless we go before."""
        self.figures.calls += 1
        options = {"receive_progress": True} if random.random() < 0.3 else {}
        if random.random() < 0.1:
            options["timeout"] = random.randrange(1, 1000)
        self.last += 1
        request = self.last
        try:
            future = self.begin(request, [48, request, options, "com.soak.procedure", ["argument"]])
            if random.random() < 0.2:
                await asyncio.sleep(random.random() / 10)
                self.figures.cancelled += 1
                self.say([49, request, {"mode": random.choice(["skip", "kill", "killnowait"])}])
            answer = await self.answered(future, "call")
            if answer[0] == 50:
                self.figures.results += 1
            else:
                self.figures.errors += 1
        except Gone:
            self.figures.unheard += 1

    async def end(self):
        self.may_end = True
        for task in list(self.later):
            task.cancel()
        await self.connection.drop()
        await self.reader


class Soak:
    def __init__(self, ports: dict, seconds: float):
        self.ports, self.figures = ports, Figures()
        self.codecs = wire.codecs()
        self.ends = time.monotonic() + seconds

    async def lives(self, number: int):
        """One after the other: who is ended begins anew."""
        await asyncio.sleep(random.random() * min(LIFE, (self.ends - time.monotonic()) / 2))
        while time.monotonic() < self.ends:
            try:
                if number % 50 == 0:
                    await self.deaf_life()
                else:
                    await self.life(number)
            except ABORTED as error:
                self.figures.wrong.append(f"a connection of {number}: {error!r}: {traceback.format_exc()}")
                await asyncio.sleep(1)

    async def join(self) -> Member:
        transport = random.choice(list(wire.TRANSPORTS))
        connection = await wire.TRANSPORTS[transport].open(self.ports[transport], random.choice(self.codecs))
        member = Member(self.figures, connection)
        hello = [1, "open.soak", {"roles": router_conformance.ROLES}]
        answer = await member.answered(member.begin(0, hello), "router")
        assert answer[0] == 2, answer
        self.figures.joined += 1
        return member

    async def life(self, number: int):
        member = await self.join()
        calls = set()
        try:
            until = min(self.ends, time.monotonic() + min(random.expovariate(1 / LIFE), 3 * LIFE))
            if number % 10 == 1:
                await member.ask(64, {"invoke": "roundrobin"}, "com.soak.procedure")
            if number % 300 == 2:
                await member.ask(32, {}, "com.soak.flood")
            while time.monotonic() < until:
                await self.work(member, number, calls)
                await asyncio.sleep(min(random.expovariate(1), 3))
            await self.leave(member, calls, number % 10 == 1)
        except Gone:
            pass
        finally:
            await member.end()
            if calls:
                await asyncio.wait(calls)

    @staticmethod
    async def work(member: Member, number: int, calls: set):
        what = random.random()
        topic = f"com.soak.topic.{random.randrange(TOPICS)}"
        if number % 100 == 3:
            await member.ask(16, {"acknowledge": True}, "com.soak.flood", [FLOOD])
        elif what < 0.5:
            calls.add(asyncio.create_task(member.call()))
        elif what < 0.7:
            await member.ask(16, {"acknowledge": True, "retain": random.random() < 0.1}, topic, ["event"])
        elif what < 0.8:
            answer = await member.ask(32, {"get_retained": True}, topic)
            if random.random() < 0.5:
                await member.ask(34, answer[2])
        elif what < 0.9:
            await member.ask(48, {}, "wamp.session.count")
        else:
            answer = await member.ask(64, {}, f"com.soak.own.{random.randrange(10_000)}")
            if answer[0] == 65:
                await member.ask(66, answer[2])

    @staticmethod
    async def leave(member: Member, calls: set, is_callee: bool):
        how = random.random()
        if how < 0.3:
            return  # the connection just ends, in the middle of everything
        if calls and how < 0.9:
            # What callees never answer ends with them; but two of them may wait for each other.
            await asyncio.wait(calls, timeout=2 if is_callee else None)
        if how < 0.8:
            await member.answered(member.say_last([6, {}, "wamp.close.normal"]), "router")
        else:
            member.may_end = True
            member.say_last([3, {}, "com.soak.enough"])

    async def deaf_life(self):
        """Subscribes to a flood and never reads: the router closes it, or it goes."""
        member = await self.join()
        try:
            await member.ask(32, {}, "com.soak.flood")
            member.may_end = member.is_deaf = True
            member.connection.stop_reading()
            until = min(self.ends, time.monotonic() + 5 * LIFE)
            while time.monotonic() < until and not member.connection.is_closed:
                member.say([48, member.last + 1, {}, "wamp.session.list"])  # whose answers it does not read either
                member.last += 1
                await asyncio.sleep(0.5)
            self.figures.deaf_closed += member.connection.is_closed
        finally:
            member.pending.clear()
            await member.end()


async def probe(port: int):
    """A process of its own that nothing slows down but the router: asks it again and again, until its standard input
    ends; prints how long it waited, in seconds."""
    waits = []
    stop = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    connection = await wire.RawSocket.open(port, wire.json_codec())
    connection.send([1, "open.soak", {"roles": {"caller": {}}}])
    await connection.received.get()
    while not stop.done():
        began = time.monotonic()
        connection.send([48, len(waits) + 1, {}, "wamp.registration.match", ["com.soak.procedure"]])
        answer = await connection.received.get()
        assert answer is not wire.CLOSED and answer[0] == 50, answer
        waits.append(time.monotonic() - began)
        await asyncio.sleep(0.02)
    await connection.drop()
    print(json.dumps(waits))


@contextlib.asynccontextmanager
async def probing(port: int, waits: list):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-B", __file__, "--probe", str(port), "", stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, limit=1 << 26)
    try:
        yield
    finally:
        output, _ = await process.communicate(b"")
    waits += json.loads(output)


class Process:
    """What the operating system says of the router."""

    def __init__(self, pid: int):
        self.folder = pathlib.Path(f"/proc/{pid}")

    def status(self, name: str) -> int:
        lines = (self.folder / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))

    def descriptors(self) -> int:
        return len(os.listdir(self.folder / "fd"))

    async def wakeups(self) -> int:
        """In a second in which nobody does anything: those of timers."""
        before = self.status("voluntary_ctxt_switches")
        await asyncio.sleep(1)
        return self.status("voluntary_ctxt_switches") - before


async def sessions(ports: dict) -> int:
    """That are there, but the one who asks."""
    connection = await wire.RawSocket.open(ports["rs"], wire.json_codec())
    connection.send([1, "open.soak", {"roles": {"caller": {}}}])
    assert (await connection.received.get())[0] == 2
    connection.send([48, 1, {}, "wamp.session.count"])
    answer = await connection.received.get()
    await connection.drop()
    return answer[3][0] - 1


async def settled(ports: dict, process: Process, descriptors: int):
    """Waits until the last connections have ended, which nobody tells."""
    for _ in range(200):
        if await sessions(ports) == 0 and process.descriptors() <= descriptors:
            return
        await asyncio.sleep(0.05)


async def crowd(ports: dict, count: int, seconds: float) -> Figures:
    soak = Soak(ports, seconds)
    async with probing(ports["rs"], soak.figures.waits["probe"]):
        await asyncio.gather(*(soak.lives(number) for number in range(count)))
    return soak.figures


def report(figures: Figures):
    print(f"{figures.joined} sessions, {figures.events} events, {figures.deaf_closed} that did not read were closed")
    print(f"{figures.calls} calls: {figures.results} results, {figures.errors} errors, {figures.unheard} whose caller "
          f"went first; {figures.cancelled} cancelled, {figures.died} callees died in the middle of one")
    print(f"answers of the router to somebody beside them: {figures.slowest('probe')}")
    print(f"answers of the router to them: {figures.slowest('router')}")
    print(f"answers of callees: {figures.slowest('call')}")


async def soak(options, ports: dict, process: Process) -> list[str]:
    """What is wrong."""
    await crowd(ports, options.sessions, options.seconds / 5)  # whatever is made once is made
    idle = await process.wakeups()
    await sessions(ports)
    descriptors = 0
    before = None
    for _ in range(100):  # connections of the first crowd end
        if before == (descriptors := process.descriptors()) and await sessions(ports) == 0:
            break
        before = descriptors
        await asyncio.sleep(0.1)
    memory = process.status("VmRSS")
    figures = await crowd(ports, options.sessions, options.seconds)
    await settled(ports, process, descriptors)
    report(figures)
    left = await sessions(ports)
    for _ in range(100):  # that connection ends as well
        if (now := process.descriptors()) <= descriptors:
            break
        await asyncio.sleep(0.05)
    memory_now, idle_now = process.status("VmRSS"), await process.wakeups()
    print(f"before and after: memory {memory} and {memory_now} KiB (at most {process.status('VmHWM')}), descriptors "
          f"{descriptors} and {now}, wake-ups in an idle second {idle} and {idle_now}, sessions 0 and {left}")
    wrong = list(dict.fromkeys(sorted(figures.wrong)[:10] + sorted(figures.wrong)[-10:]))  # the first and the last
    outcomes = figures.results + figures.errors + figures.unheard
    if outcomes != figures.calls:
        wrong.append(f"{figures.calls} calls, {outcomes} outcomes")
    if left or now > descriptors:
        wrong.append("sessions or descriptors are left")
    if idle_now > idle + 2:
        wrong.append("timers are left")
    if memory_now > memory * 1.2 + 4096:
        wrong.append("memory is left")
    if max(figures.waits["probe"], default=BOUND) > PROBE_BOUND:
        wrong.append("somebody has waited for the others")
    if not figures.results or not figures.deaf_closed and options.seconds > 60:
        wrong.append("it has tested nothing")
    return wrong


async def main(options) -> int:
    random.seed(options.seed)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    config = configuration.make(router_conformance.public_key())
    for each in config["listeners"]:
        each["websocket"]["sendBufferHighWatermark"] = 1 << 18
        each["websocket"]["sendBufferLowWatermark"] = 1 << 17
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(options.bin) / "autobahn-router"
        async with router_conformance.router(program, config, folder, options.threads) as (started, ports):
            wrong = await soak(options, ports, Process(started.pid))
    for each in wrong:
        print(f"FAIL  {each:.1000}")
    return 1 if wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bin")
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="of the router")
    parser.add_argument("--probe", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    sys.exit(asyncio.run(probe(given.probe) if given.probe else main(given)))
