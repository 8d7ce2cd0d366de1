#!/usr/bin/python3
"""wstest against this library's own testees: everything has to be OK, strictly.

    run.py --wstest build/release/bin/wstest --role server --scheme wss --profile quick

Starts both ends on 127.0.0.1 (free ports), runs all cases and reads index.json. Exits with 1 when a case is anything but
OK, INFORMATIONAL, or UNIMPLEMENTED for a reason that DECLINED gives.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

# Informational cases about what the RFC leaves to an implementation, and ours has not.
DECLINED = {
    "server": {"16.1.15": "extension names are compared with case", "16.5.11": "offers no smaller client window"},
    "client": {"16.3.8": "the client always offers client_max_window_bits"},
}


def start(*command):
    """A program, once it has said where it listens: (process, url)."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if "listening on " in line:
            return process, line.split("listening on ")[1].split()[0]
    sys.exit(f"{' '.join(command)} does not listen")


def makeCertificate(folder):
    certificate, key = f"{folder}/cert.pem", f"{folder}/key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


def testServer(arguments, folder):
    secure = arguments.scheme == "wss"
    certificate, key = makeCertificate(folder) if secure else ("", "")
    tls = ["--tls-cert", certificate, "--tls-key", key] if secure else []
    testee, url = start(arguments.wstest, "testeeserver", f"{arguments.scheme}://127.0.0.1:0", *tls)
    try:
        trust = ["--tls-ca", certificate] if secure else []
        return subprocess.run([arguments.wstest, "fuzzingclient", url, "--agent", "autobahn", *trust,
                               *common(arguments, folder)], check=False).returncode
    finally:
        testee.terminate()
        testee.wait()


def testClient(arguments, folder):
    secure = arguments.scheme == "wss"
    fuzzer, url = start(arguments.wstest, "fuzzingserver", f"{arguments.scheme}://127.0.0.1:0",
                        *common(arguments, folder, jobs=False))
    try:
        trust = ["--tls-ca", f"{folder}/report/ca.pem"] if secure else []
        subprocess.run([arguments.wstest, "testeeclient", url, "--agent", "autobahn", *trust,
                        "--jobs", str(arguments.jobs)], check=False, stdout=subprocess.DEVNULL)
    finally:
        fuzzer.terminate()
        print(fuzzer.stdout.read(), end="")
    return fuzzer.wait()


def common(arguments, folder, jobs=True):
    options = ["--profile", arguments.profile, "--outdir", f"{folder}/report", "--fail-on", "non-strict",
               "--cases", arguments.cases, "--patience", str(arguments.patience)]
    return options + (["--jobs", str(arguments.jobs)] if jobs else [])


def wrongs(index, role):
    """["6.4.1: FAILED, closing OK"] of all that is not as it should be."""
    allowed = {"OK", "INFORMATIONAL"}
    return [f"{case}: {result['behavior']}, closing {result['behaviorClose']}"
            for case, result in index.items()
            if not (result["behavior"] in allowed and result["behaviorClose"] in allowed)
            and not (result["behavior"] == "UNIMPLEMENTED" and case in DECLINED[role])]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wstest", required=True)
    parser.add_argument("--role", choices=["server", "client"], required=True)
    parser.add_argument("--scheme", choices=["ws", "wss"], default="ws")
    parser.add_argument("--profile", choices=["quick", "full"], default="quick")
    parser.add_argument("--cases", default="*")
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--patience", type=int, default=10, help="seconds for a reaction; the machine may be busy")
    parser.add_argument("--at-least", type=int, default=0, help="fail when fewer cases were run")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/report")
        test = testServer if arguments.role == "server" else testClient
        code = test(arguments, folder)
        with open(f"{folder}/report/index.json", encoding="utf-8") as file:
            index = json.load(file).get("autobahn", {})
    found = wrongs(index, arguments.role)
    print(f"{arguments.role}, {arguments.scheme}, {arguments.profile}: {len(index)} cases, {len(found)} not as they should be")
    for line in found:
        print("  " + line)
    if len(index) < arguments.at_least:
        print(f"  only {len(index)} of at least {arguments.at_least} cases were run")
    sys.exit(1 if found or code != 0 or len(index) < arguments.at_least else 0)


if __name__ == "__main__":
    main()
