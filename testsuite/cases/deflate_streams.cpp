// 16, continued: compressed messages that are unusual, broken or hostile, and what the peer's own look like.
#include <algorithm>
#include <array>
#include <functional>

#include "cases/beyond.hpp"
#include "cases/deflate_bits.hpp"

namespace wstest {
namespace {

constexpr auto kRequired = Strictness::required;
constexpr auto kRecommended = Strictness::recommended;
constexpr auto kInformational = Strictness::informational;
constexpr std::uint8_t kRsv1 = 4;
constexpr std::size_t kMiB = std::size_t{1} << 20;
/// A peer may need a while to inflate, check, compress and send as much as it gets here.
constexpr Duration kLong = 60s;

const std::string kHello("\xF2\x48\xCD\xC9\xC9\x07\x00", 7);  // RFC 7692, 7.2.3.1

using Run = std::function<void(Exchange&)>;

/// A case on a connection with permessage-deflate. `wish` as of Case::deflate.
Case& add(Catalog& catalog, std::string id, std::string description, std::string expectation,
          std::string section, Strictness strictness, Run run, DeflateParameters wish = {}) {
  Case& made = catalog.add(id, std::move(description), std::move(expectation), std::move(section),
                           [run = std::move(run)](Exchange& x) {
                             if (x.deflate()) return run(x);
                             x.finish();
                             x.unimplemented("permessage-deflate was not agreed on");
                           });
  made.strictness = strictness;
  made.deflate = {wish};
  return made;
}

Frame compressed(std::string payload, std::uint8_t code = opcode::text) {
  return Frame{.opcode = code, .payload = std::move(payload), .rsv = kRsv1};
}

/// Whether our messages may refer to earlier ones.
bool weTakeOver(const Exchange& x) {
  return x.testsServer() ? !x.deflate()->clientNoContextTakeover : !x.deflate()->serverNoContextTakeover;
}
int ourWindowBits(const Exchange& x) {
  const int bits = x.testsServer() ? x.deflate()->clientMaxWindowBits : x.deflate()->serverMaxWindowBits;
  return bits > 0 ? bits : 15;
}

/// The next message must be this one; otherwise the case has failed.
bool hasEcho(Exchange& x, const Event& wanted) {
  if (x.receive(x.patience().reaction) == Received::event && x.last() == wanted) return true;
  const auto code = x.closing().remoteCloseCode;
  x.fail(!x.violation().empty() ? x.violation()
         : x.events().empty() || x.hasEnded() || code
             ? "no echo of " + describe(wanted) +
                   (code ? ", but a Close with " + std::to_string(*code) : std::string())
             : "instead of " + describe(wanted) + " came " + describe(x.last()));
  return false;
}

// --- 16.4 ---

struct Stream164 {
  std::string id;
  std::string description;
  std::string section;
  Strictness strictness;
  std::string payload;
  std::string text;  ///< what it decompresses to
};

void addLegalStreams(Catalog& catalog) {
  catalog.group("16.4", "Compressed messages that are right, if unusual");
  std::string emptyBlocks;
  for (int i = 0; i < 1000; ++i) emptyBlocks += std::string("\0\0\0\xFF\xFF", 5);
  for (const auto& each : std::vector<Stream164>{
           {"16.4.1", "One block with fixed codes.", "RFC 7692, 7.2.3.1", kRequired, kHello, "Hello"},
           {"16.4.2", "A stored block.", "RFC 7692, 7.2.3.3", kRequired,
            DeflateBits().stored("Hello").flushed(), "Hello"},
           {"16.4.3", "Two blocks, with an empty one between.", "RFC 7692, 7.2.3.5", kRequired,
            std::string("\xF2\x48\x05\x00\x00\x00\xFF\xFF\xCA\xC9\xC9\x07\x00", 13), "Hello"},
           {"16.4.4", "A block that says it is the final one (BFINAL).", "RFC 7692, 7.2.3.4", kRequired,
            std::string("\xF3\x48\xCD\xC9\xC9\x07\x00\x00", 8), "Hello"},
           {"16.4.5", "A final block, and another block behind it.", "RFC 7692, 7.2.1", kRecommended,
            DeflateBits()
                .block(1, true)
                .literals("Hel")
                .endOfBlock()
                .pad()
                .block(1)
                .literals("lo")
                .endOfBlock()
                .flushed(),
            "Hello"},
           {"16.4.6", "An empty message as one byte 00.", "RFC 7692, 7.2.3.6", kRequired,
            std::string(1, '\0'), ""},
           {"16.4.7", "An empty message as an empty block with fixed codes: 02 00.", "RFC 7692, 7.2.1",
            kRequired, std::string("\x02\x00", 2), ""},
           {"16.4.8", "A thousand empty blocks, and then the message.", "RFC 7692, 7.2.1", kRecommended,
            emptyBlocks + kHello, "Hello"},
           {"16.4.9", "The four bytes that are to be left out at the end were not.", "RFC 7692, 7.2.1",
            kInformational, kHello + std::string("\0\0\xFF\xFF", 4), "Hello"},
           {"16.4.10", "A compressed message without any byte: not what 7.2.3.6 has for empty ones.",
            "RFC 7692, 7.2.3.6", kInformational, "", ""},
           {"16.4.11", "Bytes of garbage behind a final block.", "RFC 7692, 7.2.1", kInformational,
            std::string("\xF3\x48\xCD\xC9\xC9\x07\x00\x06\xFF\xFF", 10), "Hello"},
       }) {
    add(catalog, each.id, each.description, "It is echoed as " + quote(each.text) + ".", each.section,
        each.strictness, [payload = each.payload, wanted = each.text](Exchange& x) {
          x.send(compressed(payload));
          expectEcho(x, wanted);
        });
  }
}

void addLegalSequences(Catalog& catalog) {
  add(catalog, "16.4.12", "Two messages, each in a final block.", "Both are echoed.", "RFC 7692, 7.2.3.4",
      kRequired, [](Exchange& x) {
        const std::string payload("\xF3\x48\xCD\xC9\xC9\x07\x00\x00", 8);
        x.send({compressed(payload), compressed(payload)});
        if (hasEcho(x, textMessage("Hello"))) expectEcho(x, "Hello");
      });
  add(catalog, "16.4.13", "The second message refers to the first: context takeover.", "Both are echoed.",
      "RFC 7692, 7.2.3.2", kRequired, [](Exchange& x) {
        if (!weTakeOver(x)) return x.unimplemented("context takeover was not agreed on");
        x.send({compressed(kHello), compressed(std::string("\xF2\x00\x11\x00\x00", 5))});
        if (hasEcho(x, textMessage("Hello"))) expectEcho(x, "Hello");
      });
  add(catalog, "16.4.14", "Compressed, uncompressed and compressed again, the last referring to the first.",
      "All are echoed: an uncompressed message leaves the window alone.", "RFC 7692, 6 and 7.2.3.2",
      kRequired, [](Exchange& x) {
        if (!weTakeOver(x)) return x.unimplemented("context takeover was not agreed on");
        x.send({compressed(kHello), Frame{.payload = "plain and simple"},
                compressed(std::string("\xF2\x00\x11\x00\x00", 5))});
        if (hasEcho(x, textMessage("Hello")) && hasEcho(x, textMessage("plain and simple")))
          expectEcho(x, "Hello");
      });
  add(catalog, "16.4.15", "A match as far back as the window reaches.", "It is echoed.",
      "RFC 7692, 7.1.2 and RFC 1951, 3.2.5", kRequired, [](Exchange& x) {
        if (!weTakeOver(x)) return x.unimplemented("context takeover was not agreed on");
        const int bits = ourWindowBits(x);
        const std::string history = letters(std::size_t{1} << bits, std::size_t{1} << bits);
        x.send(compressed(DeflateBits().stored(history).flushed()));
        if (!hasEcho(x, textMessage(history))) return;
        // Length 258; the last distance code of this window with all its extra bits set.
        const int extra = bits - 2;
        const auto code = static_cast<std::uint32_t>(2 * bits - 1);
        DeflateBits far;
        far.block(1).symbol(285).code(code, 5).bits((1U << extra) - 1, extra).endOfBlock();
        x.send(compressed(far.flushed()));
        expectEcho(x, history.substr(0, 258));
      });
  add(catalog, "16.4.16",
      "A compressed message in fragments of one byte, with empty ones between, and a ping.",
      "Pong, and the echo.", "RFC 7692, 7.2.3.1 and RFC 6455, 5.4", kRequired, [](Exchange& x) {
        Frame frame = compressed("");
        frame.fin = false;
        x.send(frame);
        for (std::size_t i = 0; i < kHello.size(); ++i) {
          x.send({Frame{.opcode = opcode::continuation, .payload = kHello.substr(i, 1), .fin = false},
                  Frame{.opcode = opcode::continuation, .fin = false}});
          if (i == 3) x.send(Frame{.opcode = opcode::ping, .payload = "between"});
        }
        x.send(Frame{.opcode = opcode::continuation});
        if (!haveCome(x, pongWith("between"), textMessage("Hello"), x.patience().reaction)) return;
        x.finish();
        x.pass("the ping was answered, and the message echoed");
      });
  add(catalog, "16.4.17",
      "A stored block of 50,000 bytes, as compressors write it for what does not compress.", "It is echoed.",
      "RFC 7692, 7.2.1", kRequired, [](Exchange& x) {
        const std::string payload = letters(50000, 50000);
        x.send(compressed(DeflateBits().stored(payload).flushed(), opcode::binary));
        expectEcho(x, payload, true);
      });
  add(catalog, "16.4.18", "Characters of UTF-8 that are cut by blocks and by fragments.", "It is echoed.",
      "RFC 7692, 6.1 and RFC 6455, 5.6", kRequired, [](Exchange& x) {
        const std::string whole =
            DeflateBits().stored("\xE2\x82").stored("\xAC\xF0\x9F").stored("\x98\x80").flushed();
        Frame first = compressed(whole.substr(0, 6));
        first.fin = false;
        x.send({first, Frame{.opcode = opcode::continuation, .payload = whole.substr(6)}});
        expectEcho(x, "\xE2\x82\xAC\xF0\x9F\x98\x80");
      });
}

// --- 16.5 ---

/// A block of dynamic codes whose code lengths promise more codes than there are.
std::string overfullCodes() {
  DeflateBits bits;
  bits.block(2).bits(0, 5).bits(0, 5).bits(15, 4);
  for (int i = 0; i < 19; ++i) bits.bits(1, 3);
  return bits.pad().text() + std::string(32, '\x55');
}

void addBrokenStreams(Catalog& catalog) {
  struct Broken {
    std::string id;
    std::string description;
    std::string section;
    Strictness strictness;
    std::string payload;
  };
  catalog.group("16.5", "Compressed messages that are broken");
  for (const auto& each : std::vector<Broken>{
           {"16.5.1", "A block of the type 3, which does not exist.", "RFC 7692, 7.2.2 and RFC 1951, 3.2.3",
            kRequired, DeflateBits().block(3).pad().text() + std::string(16, 'x')},
           {"16.5.2", "A match that reaches back before the first byte.",
            "RFC 7692, 7.2.2 and RFC 1951, 3.2.5", kRequired, std::string("\xF2\x00\x11\x00\x00", 5)},
           {"16.5.3", "A stored block whose length and its complement do not fit.",
            "RFC 7692, 7.2.2 and RFC 1951, 3.2.4", kRequired,
            std::string("\x00\x05\x00\x00\x00Hello\x00", 11)},
           {"16.5.4", "Dynamic codes that promise more codes than there are.",
            "RFC 7692, 7.2.2 and RFC 1951, 3.2.7", kRequired, overfullCodes()},
           {"16.5.5", "A length symbol that is reserved: 286.", "RFC 7692, 7.2.2 and RFC 1951, 3.2.6",
            kRequired,
            DeflateBits().block(1).literals("Hello").symbol(286).code(0, 5).endOfBlock().flushed()},
           {"16.5.6", "A distance symbol that is reserved: 30.", "RFC 7692, 7.2.2 and RFC 1951, 3.2.6",
            kRequired,
            DeflateBits().block(1).literals("Hello").symbol(257).code(30, 5).endOfBlock().flushed()},
           {"16.5.7", "The stream ends in the middle of a stored block.",
            "RFC 7692, 7.2.2 and RFC 1951, 3.2.4", kRecommended,
            std::string("\x00\x64\x00\x9B\xFF", 5) + "0123456789"},
           {"16.5.8", "The message is no DEFLATE at all, but text with the bit set.", "RFC 7692, 7.2.2",
            kRequired, "Now is the winter of our discontent"},
       }) {
    add(catalog, each.id, each.description, "The peer fails the connection; no echo.", each.section,
        each.strictness, [payload = each.payload](Exchange& x) {
          x.send(compressed(payload));
          expectFailed(x, {1002, 1003, 1007, 1008, 1011});
          checkStillServing(x);
        });
  }
  add(catalog, "16.5.9", "Compressed text that is not UTF-8.",
      "The peer fails the connection, with 1007 if with a code.", "RFC 6455, 8.1 and RFC 7692, 6.2",
      kRequired, [](Exchange& x) {
        x.send(compressed(DeflateBits().stored("Hello \xED\xA0\x80").flushed()));
        expectFailed(x, {1007});
      });
  add(catalog, "16.5.10", "Compressed text that ends within a character.",
      "The peer fails the connection, with 1007 if with a code.", "RFC 6455, 8.1 and RFC 7692, 6.2",
      kRequired, [](Exchange& x) {
        x.send(compressed(DeflateBits().stored("Hello \xE2\x82").flushed()));
        expectFailed(x, {1007});
      });
  add(catalog, "16.5.11",
      "A match that reaches back beyond the window of 2^9 bytes that was agreed on for us.",
      "Up to the peer, which may have a larger window.", "RFC 7692, 7.1.2.2", kInformational,
      [](Exchange& x) {
        if (x.deflate()->clientMaxWindowBits != 9)
          return x.unimplemented("a window of 2^9 bytes was not agreed on");
        const std::string history = letters(1024, 1024);
        x.send(compressed(DeflateBits().stored(history).flushed()));
        if (!hasEcho(x, textMessage(history))) return;
        // Length 3, distance 1024: the last of code 19, with eight extra bits.
        x.send(
            compressed(DeflateBits().block(1).symbol(257).code(19, 5).bits(255, 8).endOfBlock().flushed()));
        const Received received = x.receive(x.patience().reaction);
        if (received == Received::timedOut) return x.fail("neither an echo nor a Close");
        x.inform(received == Received::event ? "the peer has a larger window"
                                             : "the peer fails the connection");
      },
      {.clientMaxWindowBits = 9})
      .tests = Tests::servers;
}

void addMisusedBits(Catalog& catalog) {
  const std::string expectation = "The peer fails the connection.";
  const auto mustFail = [&](std::string id, std::string description, std::string section,
                            std::vector<Frame> frames) {
    add(catalog, std::move(id), std::move(description), expectation, std::move(section), kRequired,
        [frames = std::move(frames)](Exchange& x) {
          for (const Frame& frame : frames) x.send(frame);
          expectFailed(x, {1002});
        });
  };
  const std::string section = "RFC 7692, 6";
  mustFail("16.5.12", "RSV1 is set on the second fragment as well.", section,
           {Frame{.payload = kHello.substr(0, 3), .fin = false, .rsv = kRsv1},
            Frame{.opcode = opcode::continuation, .payload = kHello.substr(3), .rsv = kRsv1}});
  mustFail("16.5.13", "RSV1 is set on the second fragment only.", section,
           {Frame{.payload = "Hel", .fin = false},
            Frame{.opcode = opcode::continuation, .payload = "lo", .rsv = kRsv1}});
  mustFail("16.5.14", "RSV1 is set on a ping.", section, {compressed(kHello, opcode::ping)});
  mustFail("16.5.15", "RSV1 is set on a pong.", section, {compressed(kHello, opcode::pong)});
  mustFail("16.5.16", "RSV2 is set on a compressed message.", "RFC 6455, 5.2",
           {Frame{.payload = kHello, .rsv = kRsv1 | 2}});
  mustFail("16.5.17", "RSV3 is set on an uncompressed message.", "RFC 6455, 5.2",
           {Frame{.payload = "Hello", .rsv = 1}});
  add(catalog, "16.5.18", "RSV1 is set on a Close.",
      "The peer fails the connection, with 1002 if with a code.", section, kRequired, [](Exchange& x) {
        x.send(compressed("\x03\xE8", opcode::close));
        expectFailed(x, {1002});
      });
}

// --- 16.6 ---

/// The frames of one echo; empty when there is none.
std::vector<ReceivedFrame> echoFrames(Exchange& x, const std::string& payload) {
  std::vector<ReceivedFrame> frames;
  x.sendMessage(payload);
  while (auto frame = x.receiveFrame(x.patience().reaction)) {
    frames.push_back(std::move(*frame));
    if (frames.back().fin) return frames;
  }
  return {};
}

void addOutput(Catalog& catalog) {
  catalog.group("16.6", "What the peer compresses");
  add(catalog, "16.6.1", "Does the peer compress its echo of 4000 repetitive bytes?", "Up to the peer.",
      "RFC 7692, 6", kInformational, [](Exchange& x) {
        const auto frames = echoFrames(x, letters(40, 4000));
        if (frames.empty()) return x.fail("no echo");
        std::size_t size = 0;
        for (const auto& frame : frames) size += frame.payload.size();
        x.inform((frames.front().rsv & kRsv1) != 0 ? "compressed to " + std::to_string(size) + " bytes"
                                                   : "not compressed");
      });
  add(catalog, "16.6.2", "Does the peer use context takeover when it echoes the same again?",
      "Up to the peer.", "RFC 7692, 7.1.1", kInformational, [](Exchange& x) {
        std::array<std::size_t, 2> sizes{};
        for (std::size_t& size : sizes) {
          const auto frames = echoFrames(x, letters(3000, 3000));
          if (frames.empty()) return x.fail("no echo");
          for (const auto& frame : frames) size += frame.payload.size();
        }
        x.inform("3000 bytes came as " + std::to_string(sizes[0]) + ", the second time as " +
                 std::to_string(sizes[1]));
      });
  add(catalog, "16.6.3", "Context takeover was given up by the peer: it echoes the same three times.",
      "Each echo can be inflated without the others.", "RFC 7692, 7.1.1", kRequired,
      [](Exchange& x) {
        const bool isAgreed =
            x.testsServer() ? x.deflate()->serverNoContextTakeover : x.deflate()->clientNoContextTakeover;
        if (!isAgreed) return x.unimplemented("this was not agreed on");
        for (int i = 0; i < 2; ++i) {
          const std::string problem = echoProblem(x, letters(3000, 3000));
          if (!problem.empty()) return x.fail(problem);
        }
        x.sendMessage(letters(3000, 3000));
        expectEcho(x, letters(3000, 3000));
      },
      {.serverNoContextTakeover = true});
  add(catalog, "16.6.4", "The peer's window has 2^9 bytes: it echoes what repeats itself after 1500.",
      "No match of the echo reaches back further than 512 bytes.", "RFC 7692, 7.1.2", kRequired,
      [](Exchange& x) {
        const int bits =
            x.testsServer() ? x.deflate()->serverMaxWindowBits : x.deflate()->clientMaxWindowBits;
        if (bits == 0 || bits > 9) return x.unimplemented("such a window was not agreed on");
        x.sendMessage(letters(1500, 30000));
        expectEcho(x, letters(1500, 30000));
      },
      {.serverMaxWindowBits = 9});
  add(catalog, "16.6.5", "A ping with 125 bytes that compress well.", "A pong with the same, uncompressed.",
      "RFC 7692, 6 and RFC 6455, 5.5.3", kRequired, [](Exchange& x) {
        x.send(Frame{.opcode = opcode::ping, .payload = std::string(125, 'a')});
        if (!hasEcho(x, pongWith(std::string(125, 'a')))) return;
        x.finish();
        x.pass("the pong came, uncompressed");
      });
  add(catalog, "16.6.6", "A hundred empty messages, compressed.", "A hundred empty echoes.",
      "RFC 7692, 7.2.3.6", kRequired, [](Exchange& x) {
        for (int i = 0; i < 100; ++i) x.sendMessage("");
        for (int i = 1; i < 100; ++i) {
          if (!hasEcho(x, textMessage(""))) return;
        }
        expectEcho(x, "");
      });
}

// --- 16.7 ---

/// What comes of a message that inflates to `size` zeros.
void judgeBomb(Exchange& x, std::size_t size) {
  x.keepEvents(false);
  const Received received = x.receive(kLong);
  const auto code = x.closing().remoteCloseCode;
  if (received == Received::timedOut) return x.fail("neither an echo nor an end within " + text(kLong));
  if (!x.violation().empty()) return x.fail(x.violation());
  if (received != Received::event) {
    const bool isRight = !code || *code == 1009 || *code == 1008;
    const std::string how =
        "refused" + (code ? " with " + std::to_string(*code) : std::string(", TCP ended"));
    return isRight ? x.pass(how) : x.nonStrict(how + " instead of 1009");
  }
  if (x.last().payload != std::string(size, '\0')) return x.fail("the echo is wrong");
  x.finish();
  x.pass("echoed");
}

std::string bomb(const Exchange& x, std::size_t size) {
  return Deflater(ourWindowBits(x), true, 9).compress(std::string(size, '\0'));
}

/// Whether the server echoes a plain message of this size.
bool takesPlain(Exchange& x, std::size_t size) {
  const auto second = x.another();
  if (!second->open()) return false;
  second->keepEvents(false);
  second->sendMessage(std::string(size, '\0'), true);
  const bool isTaken = second->receive(kLong) == Received::event;
  second->drop();
  return isTaken;
}

void addBombs(Catalog& catalog) {
  const std::string expectation = "Echoed, or refused (1009); the peer lives on and does not hang.";
  const std::string section = "RFC 6455, 10.4 and RFC 7692, 8";
  catalog.group("16.7", "Compressed messages that are large inside");
  add(catalog, "16.7.1",
      "A bomb: 100 MiB of zeros (16 in the quick profile) in one frame of a thousandth of that.", expectation,
      section, kRecommended, [](Exchange& x) {
        const auto size = static_cast<std::size_t>(x.amount(100, 16)) * kMiB;
        x.send(compressed(bomb(x, size), opcode::binary));
        judgeBomb(x, size);
        checkStillServing(x);
      });
  add(catalog, "16.7.2", "A bomb in fragments of 1000 bytes: 32 MiB of zeros (8 in the quick profile).",
      expectation, section, kRecommended, [](Exchange& x) {
        const auto size = static_cast<std::size_t>(x.amount(32, 8)) * kMiB;
        const std::string payload = bomb(x, size);
        Frame frame = compressed("", opcode::binary);
        for (std::size_t sent = 0; sent < payload.size() && !x.hasEnded(); sent += 1000) {
          frame.payload = payload.substr(sent, 1000);
          frame.fin = sent + 1000 >= payload.size();
          x.send(frame);
          frame.opcode = opcode::continuation;
          frame.rsv = 0;
        }
        judgeBomb(x, size);
        checkStillServing(x);
      });
  add(catalog, "16.7.3", "A server that refuses a plain message of 16 MiB gets one that inflates to that.",
      "The limit holds for what comes out as well.", section, kRecommended,
      [](Exchange& x) {
        const std::size_t size = 16 * kMiB;
        if (takesPlain(x, size)) {
          x.finish();
          return x.pass("the server takes plain messages of that size");
        }
        x.send(compressed(bomb(x, size), opcode::binary));
        x.keepEvents(false);
        const Received received = x.receive(kLong);
        if (received == Received::event)
          return x.fail("plain the message is refused, compressed it is echoed");
        if (received == Received::timedOut) return x.fail("neither an echo nor an end within " + text(kLong));
        x.pass("refused as well");
        checkStillServing(x);
      })
      .tests = Tests::servers;
}

}  // namespace

void addDeflateStreams(Catalog& catalog) {
  addLegalStreams(catalog);
  addLegalSequences(catalog);
  addBrokenStreams(catalog);
  addMisusedBits(catalog);
  addOutput(catalog);
  addBombs(catalog);
}

}  // namespace wstest
