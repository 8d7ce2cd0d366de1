#!/usr/bin/python3
"""bench/router/threads.py BIN [--threads 1 2 3] [--rounds N] [--seconds S]: what more threads give the router.

Starts BIN/autobahn-router with each number of threads in turn, and two of it with one thread each (the most that two cores can
give: nothing crosses there, but nobody in one reaches the other), and loads it from several processes at once, on the same
cores: TLS handshakes with an RSA key of 4096 bits (openssl s_time) and compressed calls, where the router has nearly all the
work, and small calls, where the load has a third of it (BIN/bench_router_load, which checks every answer). Prints a table of
totals per second."""
import argparse
import contextlib
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading

LOADS = 4
PATIENCE = 120  # s; nothing runs for ever


def write_configuration(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:4096", "-nodes", "-keyout", folder / "key.pem", "-out",
                    folder / "cert.pem", "-days", "2", "-subj", "/CN=localhost"], check=True, capture_output=True)
    everything = {"uri": "", "match": "prefix", "allow": ["call", "register", "subscribe", "publish"]}
    realms = [{"name": f"realm{number}", "authentication": {"anonymous": {"role": "anybody"}},
               "roles": [{"name": "anybody", "permissions": [everything]}]} for number in range(LOADS)]
    listeners = [{"url": "wss://127.0.0.1:0/ws", "tls": {"certificate": "cert.pem", "key": "key.pem"}},
                 {"url": "ws://127.0.0.1:0/ws", "websocket": {"perMessageCompressionAccept": True}}]
    path = folder / "router.json"
    path.write_text(json.dumps({"realms": realms, "listeners": listeners}))
    return path


@contextlib.contextmanager
def router(arguments, configuration, threads):
    """Its ports by scheme, and its process."""
    command = [arguments.bin / "autobahn-router", "--config", configuration, "--threads", str(threads)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        ports = {}
        for line in process.stderr:
            if found := re.search(r"listening on (wss?)://127\.0\.0\.1:(\d+)", line):
                ports[found[1]] = found[2]
                if len(ports) == 2:
                    break
        else:
            raise SystemExit("the router does not listen")
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield ports, process.pid
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def at_once(commands):
    """What all of them print."""
    started = [subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
               for command in commands]
    outputs = [each.communicate(timeout=PATIENCE)[0] for each in started]
    if any(each.returncode for each in started):
        raise SystemExit(f"{' '.join(map(str, commands[0]))} has failed")
    return outputs


def handshakes(arguments, routers):
    seconds = max(1, round(arguments.seconds))
    commands = [["openssl", "s_time", "-connect", f"127.0.0.1:{ports['wss']}", "-new", "-time", seconds] for ports, _ in routers]
    made = [re.search(r"(\d+) connections in (\d+) real", each) for each in at_once(commands)]
    return sum(int(each[1]) / int(each[2]) for each in made)


def calls(arguments, routers, *options):
    outputs = at_once([[arguments.bin / "bench_router_load", "--port", ports["ws"], "--router-pid", pid, "--realm", f"realm{number}",
                        "--seconds", arguments.seconds, *options, "calls"] for number, (ports, pid) in enumerate(routers)])
    return sum(json.loads(each)["perSecond"] for each in outputs)


def compressed_calls(arguments, routers):
    return calls(arguments, routers, "--compressed", "--text", "1000")


KINDS = {"TLS handshakes": handshakes, "compressed calls of 1,000 octets": compressed_calls, "small calls": calls}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path, help="folder of the programs")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="the window of each measurement")
    parser.add_argument("--smoke", action="store_true", help="once, in small: that it works, never how fast")
    arguments = parser.parse_args()
    if arguments.smoke:
        arguments.rounds, arguments.seconds = 1, 0.05
    shapes = {f"{threads}": [threads] for threads in arguments.threads} | {"two routers of 1": [1, 1]}
    figures = {(shape, name): [] for shape in shapes for name in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        configuration = write_configuration(pathlib.Path(folder))
        for _ in range(arguments.rounds):
            for shape, processes in shapes.items():
                with contextlib.ExitStack() as running:
                    routers = [running.enter_context(router(arguments, configuration, threads)) for threads in processes]
                    for name, kind in KINDS.items():
                        figures[shape, name].append(kind(arguments, (routers * LOADS)[:LOADS]))
    print("| threads of the router | " + " | ".join(f"{name} per second" for name in KINDS) + " |\n|---" + "|---" * len(KINDS) + "|")
    for shape in shapes:
        print(f"| {shape} | " + " | ".join(f"{statistics.median(figures[shape, name]):,.0f}" for name in KINDS) + " |")


if __name__ == "__main__":
    sys.exit(main())
