#!/usr/bin/env python3
"""What no source of the library, its programs and its examples may do (docs/attacks.md, rows F13, H6, H18).

    check_sources.py ROOT

1. No std::regex: it goes back and forth over what a peer has sent. (Tests may, over texts of their own.)
2. Secrets are compared by util::constantTimeEquals alone, and that by OpenSSL's comparison.
3. Random numbers come from the system, through util/src/random.cpp; other generators only where nothing hangs on it.
4. The key of a frame's mask is drawn by util::randomMaskKey, for each frame.

Prints each place that breaks a rule; exits with 1 then.
"""
import pathlib
import re
import sys

MODULES = ("util", "websocket", "rawsocket", "wamp", "examples")

COMPARER = "util/src/crypto.cpp"
GENERATOR = "util/src/random.cpp"
# Where numbers are only to differ, such as pauses between attempts.
JITTER = {"websocket/src/backoff.hpp", "wamp/src/runner/transport_plan.hpp"}
# Names that a comparison is about, where they name no secret.
NO_SECRETS = {
    "websocket/src/static_files.cpp": "ETags are public",
    "wamp/src/serializers/cbor_decoder.cpp": "CBOR's tags are numbers",
}

REGEX = re.compile(r"std::(?:basic_)?regex|<regex>|\bregcomp\b|\bpcre")
COMPARING = re.compile(r"\b(?:CRYPTO_|sodium_|std::|::)?(?:memcmp|timingsafe_bcmp)\s*\(")
GENERATING = re.compile(r"\bgetrandom\s*\(|mt19937|random_device|minstd_rand|default_random_engine|\bs?rand\s*\(|drand48"
                        r"|\bRAND_\w*bytes\b|randombytes_|/dev/u?random|arc4random")
SECRET = (r"[\w.>*()-]*?(?:[sS]ecret|[sS]ignature|[tT]icket|[tT]oken|[pP]roof|[sS]toredKey|[sS]erverKey|[cC]lientKey"
          r"|[pP]assword|[hH]mac|[vV]erifier|\b[tT]ag|[cC]ookie)_?(?:\.view\(\)|\(\))?")
EQUALITY = re.compile(rf"(?:^|[\s(!&|]){SECRET}\s*[!=]=(?!\s*nullptr)|[!=]=\s*\*?{SECRET}\s*(?:[;)&|,?]|$)"
                      r"|[!=]= *tagOf\(|\btagOf\([^;]*\) [!=]=")


def sources(root):
    for module in MODULES:
        for path in sorted((root / module).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.suffix in (".cpp", ".hpp") and not name.endswith("_test.cpp") and "/testing/" not in name:
                yield name, path.read_text(encoding="utf-8")


def without_comments(line):
    """Comments and texts may say what they like."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', line).split("//")[0]


def complaints(name, text):
    for number, raw in enumerate(text.splitlines(), 1):
        line = without_comments(raw)
        # What is included stands in no text.
        if REGEX.search(raw if raw.lstrip().startswith("#") else line):
            yield number, "a regular expression: match what peers send by hand, in linear time"
        if COMPARING.search(line) and name != COMPARER:
            yield number, "compares memory: util::constantTimeEquals for secrets, == for what is none"
        if GENERATING.search(raw.split("//")[0]) and name != GENERATOR and name not in JITTER:
            yield number, "a generator of random numbers: util/random.hpp has the system's"
        if EQUALITY.search(line) and name not in NO_SECRETS:
            yield number, "compares what looks like a secret: util::constantTimeEquals"


# What must be there: the one place where each of these is done.
NEEDED = (
    (COMPARER, r"CRYPTO_memcmp\(", "compares in constant time"),
    (GENERATOR, r"::getrandom\(", "asks the system for random octets"),
    ("websocket/src/message_writer.cpp", r"header\.mask = [^;]*util::randomMaskKey\(\)", "draws a mask for each frame"),
)


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    root = pathlib.Path(arguments[0])
    found, count, texts = [], 0, {}
    for name, text in sources(root):
        count += 1
        texts[name] = text
        found += [f"{name}:{number}: {what}" for number, what in complaints(name, text)]
    for name, pattern, what in NEEDED:
        if not re.search(pattern, texts.get(name, "")):
            found.append(f"{name}: no longer {what}")
    print("\n".join(found + [f"{count} sources, {len(found)} complaints"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
