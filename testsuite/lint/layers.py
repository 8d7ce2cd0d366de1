#!/usr/bin/python3
"""Who may include whom (docs/design.md, section 2). Prints what breaks the rules; exits 1 then.

1. Modules: util <- {websocket, rawsocket} <- wamp; examples include public headers only.
2. Public headers include no private header and no third-party library but Asio.
3. Inside websocket a file includes only its own layer and those below it.
4. Asio is not seen, directly or through other headers, below `connection`, nor in util outside util/net, nor in wamp
   outside the files that drive sessions and transports.
5. Headers have `#pragma once`; public types have a doc comment.
6. The top level holds what it is to hold, and nothing that some tool has left there.
"""
import functools
import os
import re
import subprocess
import sys

MAY_USE = {
    "util": {"util"},
    "websocket": {"util", "websocket"},
    "rawsocket": {"util", "rawsocket"},
    "wamp": {"util", "websocket", "rawsocket", "wamp"},
}
# Layers of websocket, lowest first; a file belongs to the layer of the longest word that begins its name, and to the
# lowest when none does. A new file that sits higher gets its word here.
LAYERS = [
    ["frame", "mask", "http", "permessage_deflate", "compression", "types", "close_code", "reconnect"],
    ["handshake", "extensions", "origin", "options", "identity", "opening", "status_page"],
    ["engine", "message", "prepared_message"],
    # A connection drives the user's protocol object, which acts on the connection: one layer.
    ["connection", "protocol", "maybe_awaitable", "http_handler", "metrics", "proxy", "driver"],
    ["server", "client", "factory", "static_files", "listener"],
]
TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "CHANGELOG.md", "LICENSE", "Makefile", "README.md",
             "bench", "docs", "examples", "rawsocket", "testsuite", "util", "wamp", "websocket"}
ASIO_FROM = 3  # the layer of `connection`
# Words that begin the names of wamp's files that may see Asio: messages, serializers, broker, dealer never do.
WAMP_ASIO = ["session", "impl", "completion", "handler", "uri_pattern", "client_auth", "runner", "component", "connector",
             "transport", "local_transport", "serialized_transport", "websocket", "rawsocket", "router_server", "router_connection",
             "router_port", "relayed_connection", "loop_", "http_hop", "http_poster", "longpoll_"]
# The same for rawsocket, whose words above that layer fit on a line.
RAWSOCKET_ABOVE = ("connection", "protocol", "server", "client")
HIDDEN = re.compile(r"^(zlib|zconf|openssl/|rapidjson/|msgpack|cbor|sodium|sqlite3|CLI/|gtest/|gmock/|benchmark/|spdlog/|fmt/)")
# A definition at namespace level that no `///` line precedes.
BARE_TYPE = re.compile(r"^(?!///|template)[^\n]*\n(?:template\b[^\n]*\n)?(?:class|struct|enum class|enum) (\w+)[^;\n]*\{", re.M)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


@functools.cache
def includes(path):
    """[(form, name)] of a file, in order."""
    with open(path, encoding="utf-8") as file:
        return INCLUDE.findall(file.read())


def resolve(path, form, name):
    """The file of ours that an include line means, or None."""
    module = path.split("/")[0]
    if name.startswith("autobahn/"):
        places = [f"{name.split('/')[1]}/include/{name}"]
    elif form == '"':
        places = [os.path.normpath(f"{os.path.dirname(path)}/{name}"), f"{module}/src/{name}"]
    else:
        places = []
    return next((place for place in places if os.path.exists(place)), None)


@functools.cache
def asioThrough(path):
    """How a file comes to include Asio: a list of files, or None."""
    for form, name in includes(path):
        if name == "asio.hpp" or name.startswith("asio/"):
            return [path]
        target = resolve(path, form, name)
        if target and target != path:
            chain = asioThrough(target)
            if chain:
                return [path] + chain
    return None


def layer(path):
    if not path.startswith("websocket/"):
        return None
    stem = os.path.basename(path).split(".")[0]
    matches = [(len(word), rank) for rank, words in enumerate(LAYERS) for word in words if stem.startswith(word)]
    return max(matches)[1] if matches else 0


def asioAllowed(path):
    if path.startswith("util/"):
        return "/net/" in path or path.startswith("util/src/asio/")
    if path.startswith("websocket/"):
        return layer(path) >= ASIO_FROM
    if path.startswith("wamp/"):
        return path.startswith("wamp/tools/") or os.path.basename(path).startswith(tuple(WAMP_ASIO))
    if path.startswith("rawsocket/"):
        return os.path.basename(path).startswith(RAWSOCKET_ABOVE)
    return True


def check(path):
    module = path.split("/")[0]
    isPublic = "/include/" in path
    isTest = path.endswith("_test.cpp") or "/testing/" in path
    for form, name in includes(path):
        target = resolve(path, form, name)
        if name.startswith("autobahn/"):
            used = name.split("/")[1]
            if module in MAY_USE and used not in MAY_USE[module]:
                yield f"{module} must not know {used} (<{name}>)"
            if target is None:
                yield f"<{name}> does not exist"
        if module == "examples" and target and "/src/" in target:
            yield f"an example includes the private {target}"
        if isPublic and form == '"':
            yield f'a public header includes "{name}": write <autobahn/…>, and only public headers'
        if isPublic and HIDDEN.match(name):
            yield f"a public header includes <{name}>"
        if target and layer(path) is not None and layer(target) is not None and not isTest:
            if layer(target) > layer(path):
                yield f"includes {target}, which is a layer above it"
    if path.endswith(".hpp"):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if "#pragma once" not in text:
            yield "no #pragma once"
        if isPublic:
            for name in BARE_TYPE.findall(text):
                yield f"{name} has no /// comment"
    if module in MAY_USE and not isTest and not asioAllowed(path):
        chain = asioThrough(path)
        # Said once, where a file that may not reaches for one that may; not of everything that includes it.
        if chain and (len(chain) == 1 or asioAllowed(chain[1])):
            yield "sees Asio: " + " -> ".join(chain)


def main():
    os.chdir(subprocess.check_output(["git", "rev-parse", "--show-toplevel"], text=True).strip())
    listed = subprocess.check_output(["git", "ls-files", "--", "*.cpp", "*.hpp"], text=True).split()
    problems = [f"{path}: {what}" for path in listed if os.path.exists(path) for what in check(path)]
    top = {path.split("/")[0] for path in subprocess.check_output(["git", "ls-files"], text=True).splitlines()}
    problems += [f"{name}: not for the top level" for name in sorted(top - TOP_LEVEL) if not name.startswith(".")]
    print("\n".join(problems) if problems else f"layers: {len(listed)} files in order")
    return 1 if problems else 0


sys.exit(main())
