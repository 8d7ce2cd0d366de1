"""What is measured: payloads, connections, messages in flight, contents."""
import dataclasses

KIB, MIB = 1 << 10, 1 << 20
MOST_UNDER_WAY = 512 * MIB  # bytes; the largest messages on the most connections would only measure the kernel's memory


def bytes_text(size):
    for unit, factor in (("MiB", MIB), ("KiB", KIB)):
        if size >= factor:
            return f"{size // factor} {unit}"
    return f"{size} B"


@dataclasses.dataclass(frozen=True)
class Cell:
    payload: int
    connections: int
    in_flight: int
    content: str = "binary"
    takeover: str = "none"  # permessage-deflate: none, or with context takeover on or off

    def __str__(self):
        text = f"{bytes_text(self.payload)} {self.content} {self.connections}x{self.in_flight}"
        return text if self.takeover == "none" else f"{text} takeover {self.takeover}"

    def options(self):
        options = ["--payload", self.payload, "--connections", self.connections, "--in-flight", self.in_flight]
        if self.content != "binary":
            options += ["--content", self.content]
        return options + (["--takeover", self.takeover] if self.takeover != "none" else [])

    def shape(self):
        """For programs that know no contents."""
        return ["--payload", self.payload, "--connections", self.connections, "--in-flight", self.in_flight]


SCRIPTS = ("ascii", "cyrillic", "japanese")

# The cells of the goals, and the smallest of all.
USUAL = [Cell(20, 1, 1), Cell(20, 50, 1), Cell(20, 500, 1), Cell(512, 50, 1), Cell(512, 500, 1),
         Cell(20, 50, 16), Cell(512, 50, 16), Cell(4 * KIB, 50, 16), Cell(16 * KIB, 50, 16), Cell(64 * KIB, 1, 16),
         Cell(MIB, 1, 1), Cell(MIB, 50, 1), *(Cell(4 * KIB, 50, 16, content) for content in SCRIPTS),
         Cell(64 * KIB, 1, 16, "cyrillic")]
FULL = [Cell(payload, connections, in_flight)
        for payload in (20, 512, 4 * KIB, 16 * KIB, 64 * KIB, MIB)
        for connections in (1, 50, 500) for in_flight in (1, 16)
        if payload * connections * in_flight <= MOST_UNDER_WAY]
FULL += [Cell(payload, connections, in_flight, content)
         for payload, connections, in_flight in ((512, 50, 16), (4 * KIB, 50, 16), (64 * KIB, 1, 16))
         for content in SCRIPTS]
SMOKE = [Cell(20, 1, 1), Cell(512, 50, 16), Cell(64 * KIB, 1, 16), Cell(4 * KIB, 50, 16, "cyrillic")]
# Where peers that take ten times as long are measured too.
FOR_SLOW = {Cell(20, 1, 1), Cell(512, 50, 1), Cell(20, 50, 16), Cell(4 * KIB, 50, 16), Cell(64 * KIB, 1, 16)}

# Few connections with large messages: peers that work on all of them at once would finish them all at once, and a
# window would hold many or none.
COMPRESSED = [Cell(payload, connections, 1, "json", takeover)
              for takeover in ("off", "on") for payload, connections in ((512, 50), (4 * KIB, 50), (64 * KIB, 8))]
SMOKE_COMPRESSED = [Cell(4 * KIB, 4, 1, "json", takeover) for takeover in ("off", "on")]
SECURE = [Cell(20, 50, 1), Cell(20, 50, 16), Cell(64 * KIB, 50, 1)]
AS_CLIENT = [Cell(20, 50, 1), Cell(512, 50, 1), Cell(20, 50, 16), Cell(4 * KIB, 50, 16), Cell(64 * KIB, 1, 16)]
LOOPS = [Cell(20, 50, 16), Cell(512, 50, 1), Cell(4 * KIB, 50, 16)]
