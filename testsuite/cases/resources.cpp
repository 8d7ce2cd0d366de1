// 17: what eats memory and time, in bounded amounts (RFC 6455, 10.4).
#include <poll.h>

#include <algorithm>
#include <vector>

#include "cases/beyond.hpp"
#include "wire/poll.hpp"

namespace wstest {
namespace {

constexpr auto kRecommended = Strictness::recommended;
constexpr auto kInformational = Strictness::informational;
constexpr std::size_t kKiB = 1024, kMiB = 1024 * kKiB;
/// A peer may need a while for what it gets here.
constexpr Duration kLong = 60s;

/// A message that a peer may find too large: echoed, or refused as RFC 6455, 7.4.1 has it.
void judgeLarge(Exchange& x, const Event& wanted) {
  const Received received = x.receive(kLong);
  const auto code = x.closing().remoteCloseCode;
  if (received == Received::timedOut) return x.fail("neither an echo nor an end within " + text(kLong));
  if (!x.violation().empty()) return x.fail(x.violation());
  if (received == Received::event) {
    if (x.last() != wanted) return x.fail("the echo is wrong: " + describe(x.last()));
    x.finish();
    return x.pass("echoed");
  }
  const bool isRight = code && (*code == 1009 || *code == 1008);
  const std::string how = "refused" + (code ? " with " + std::to_string(*code) : std::string(", TCP ended"));
  isRight ? x.pass(how) : x.nonStrict(how + " instead of 1009");
}

/// Messages must come back in their order.
bool echoesInOrder(Exchange& x, const std::vector<Event>& wanted) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::string which = "echo " + std::to_string(i + 1) + " of " + std::to_string(wanted.size());
    if (x.receive(kLong) != Received::event) {
      x.fail(x.violation().empty() ? which + " is missing" : x.violation());
      return false;
    }
    if (x.last() == wanted[i]) continue;
    x.fail("instead of " + which + " came " + describe(x.last()));
    return false;
  }
  return true;
}

// --- 17.1 ---

void sendFragments(Exchange& x, int count, const std::string& each, const std::string& end) {
  Frame frame{.payload = each, .fin = false};
  constexpr int kAtOnce = 100;
  for (int i = 0; i < count && !x.hasEnded(); i += kAtOnce) {
    std::string bytes;
    for (int j = 0; j < std::min(kAtOnce, count - i); ++j) {
      bytes += encodeFrame(frame, x.testsServer(), static_cast<std::uint32_t>(i + j) * 2654435761U);
      frame.opcode = opcode::continuation;
    }
    x.sendBytes(bytes);
  }
  x.send(Frame{.opcode = opcode::continuation, .payload = end});
}

void sendWithoutEnd(Exchange& x) {
  const std::size_t most = static_cast<std::size_t>(x.amount(256, 32)) * kMiB;
  Frame frame{.opcode = opcode::binary, .payload = std::string(64 * kKiB, 'x'), .fin = false};
  bool isTaken = true;
  for (std::size_t sent = 0; sent < most && isTaken; sent += frame.payload.size()) {
    isTaken = x.sendBytes(encodeFrame(frame, x.testsServer(), 0xC0FFEE01));
    frame.opcode = opcode::continuation;
  }
  const Received received = x.receive(x.patience().quiet);
  const auto code = x.closing().remoteCloseCode;
  if (received == Received::event) return x.fail("before the message has ended came " + describe(x.last()));
  if (received == Received::close)
    return x.pass("refused" + (code ? " with " + std::to_string(*code) : std::string()));
  if (received == Received::ended) return x.pass("refused: TCP ended");
  x.drop();
  if (!isTaken) return x.fail("the peer neither reads on nor ends the connection");
  x.pass("the peer took " + std::to_string(most / kMiB) + " MiB and waited for the end");
}

void addFragments(Catalog& catalog) {
  catalog.group("17.1", "Fragments");
  catalog
      .add("17.1.1", "A text message in 10,000 fragments of one byte.",
           "Echoed; or refused with 1009 (or 1008).", "RFC 6455, 5.4 and 10.4",
           [](Exchange& x) {
             sendFragments(x, 10000, "x", "");
             judgeLarge(x, textMessage(std::string(10000, 'x')));
           })
      .strictness = kRecommended;
  catalog
      .add("17.1.2",
           "A text message of 100,000 empty fragments (20,000 in the quick profile), and a last with text.",
           "Echoed; or refused with 1009 (or 1008).", "RFC 6455, 5.4 and 10.4",
           [](Exchange& x) {
             sendFragments(x, x.amount(100000, 20000), "", "the end");
             judgeLarge(x, textMessage("the end"));
           })
      .strictness = kRecommended;
  catalog
      .add("17.1.3",
           "A message that does not end: 256 MiB in fragments of 64 KiB (32 MiB in the quick profile).",
           "Refused with 1009, or taken; the peer lives on.", "RFC 6455, 10.4",
           [](Exchange& x) {
             sendWithoutEnd(x);
             checkStillServing(x);
           })
      .strictness = kRecommended;
}

// --- 17.2 ---

/// Pings may be left unanswered only when a later one is answered (RFC 6455, 5.5.3).
void floodWithPings(Exchange& x) {
  constexpr int kPings = 10000, kAtOnce = 100;
  const auto payload = [](int number) { return std::to_string(number) + std::string(100, 'p'); };
  for (int i = 0; i < kPings; i += kAtOnce) {
    std::string bytes;
    for (int j = i; j < i + kAtOnce; ++j) {
      bytes += encodeFrame(Frame{.opcode = opcode::ping, .payload = payload(j)}, x.testsServer(), 0x0BADF00D);
    }
    x.sendBytes(bytes);
  }
  x.keepEvents(false);
  int next = 0;
  int pongs = 0;
  while (next < kPings) {
    if (x.receive(x.patience().reaction) != Received::event) {
      if (!x.violation().empty()) return x.fail(x.violation());
      return x.fail("the last ping was not answered; " + std::to_string(pongs) + " pongs came");
    }
    if (x.last().kind != Event::Kind::pong) return x.fail("instead of a pong came " + describe(x.last()));
    while (next < kPings && x.last().payload != payload(next)) ++next;
    if (next == kPings) return x.fail("a pong answers no ping, or an earlier one than the pong before");
    ++next;
    ++pongs;
  }
  const std::string problem = echoProblem(x);
  if (!problem.empty()) return x.fail("afterwards " + problem);
  x.finish();
  x.pass(std::to_string(pongs) + " pongs, the last for the last ping");
}

void floodWithPongs(Exchange& x) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) {
    bytes += encodeFrame(Frame{.opcode = opcode::pong, .payload = std::string(125, 'p')}, x.testsServer(),
                         0x0BADF00D);
  }
  for (int i = 0; i < 100; ++i) x.sendBytes(bytes);
  x.sendMessage("after the pongs");
  expectEcho(x, "after the pongs");
}

void sendPingsBetweenFragments(Exchange& x) {
  constexpr int kFragments = 1000;
  std::string bytes;
  for (int i = 0; i < kFragments; ++i) {
    const std::uint8_t code = i == 0 ? opcode::text : opcode::continuation;
    bytes += encodeFrame(Frame{.opcode = code, .payload = "f", .fin = i + 1 == kFragments}, x.testsServer(),
                         0x12345678);
    if (i + 1 == kFragments) break;
    bytes +=
        encodeFrame(Frame{.opcode = opcode::ping, .payload = std::to_string(i)}, x.testsServer(), 0x87654321);
  }
  x.sendBytes(bytes);
  const Event lastPong = pongWith(std::to_string(kFragments - 2));
  if (!haveCome(x, lastPong, textMessage(std::string(kFragments, 'f')), kLong)) return;
  x.finish();
  x.pass("the pings were answered, and the message echoed");
}

void sendManyAtOnce(Exchange& x) {
  constexpr int kMessages = 1000;
  std::string bytes;
  std::vector<Event> wanted;
  for (int i = 0; i < kMessages; ++i) {
    wanted.push_back(textMessage(std::to_string(i)));
    bytes += encodeFrame(Frame{.payload = wanted.back().payload}, x.testsServer(), 0xA5A5A5A5);
  }
  x.sendBytes(bytes);
  if (!echoesInOrder(x, wanted)) return;
  x.finish();
  x.pass("all were echoed, in order");
}

void addFloods(Catalog& catalog) {
  catalog.group("17.2", "Floods of small frames");
  catalog.add("17.2.1", "10,000 pings of about 105 bytes, without waiting for pongs.",
              "Pongs in the order of the pings; some may be left out, but not the last.",
              "RFC 6455, 5.5.2 and 5.5.3", floodWithPings);
  catalog.add("17.2.2", "10,000 pongs that nobody asked for, and a message.",
              "The message is echoed, nothing else comes.", "RFC 6455, 5.5.3", floodWithPongs);
  catalog.add("17.2.3", "A message in 1000 fragments, with a ping between any two.",
              "The pings are answered (at least the last), and the message is echoed.",
              "RFC 6455, 5.4 and 5.5.2", sendPingsBetweenFragments);
  catalog.add("17.2.4", "1000 small messages in one write.", "All are echoed, in order.",
              "RFC 6455, 5.4 and 6.2", sendManyAtOnce);
}

// --- 17.3 ---

/// A frame that announces more than it has: nobody may echo it.
void announce(Exchange& x, std::uint64_t length) {
  x.send(Frame{.payload = "Hello", .declaredLength = length});
  const Received received = x.receive(x.patience().quiet);
  const auto code = x.closing().remoteCloseCode;
  if (received == Received::event)
    return x.fail("the peer did not wait for the frame's end, but sent " + describe(x.last()));
  if (received == Received::timedOut) x.drop();
  received == Received::timedOut
      ? x.pass("the peer waits for the rest")
      : x.pass("refused" + (code ? " with " + std::to_string(*code) : std::string(": TCP ended")));
}

void addLengths(Catalog& catalog) {
  const std::string expectation =
      "Refused (1009), or the peer waits for the rest; it lives on, and echoes nothing.";
  catalog.group("17.3", "Payloads that are announced");
  int number = 0;
  for (const auto& [length, words] : std::vector<std::pair<std::uint64_t, std::string>>{
           {std::uint64_t{1} << 62, "2^62 bytes"},
           {(std::uint64_t{1} << 63) - 1, "2^63 - 1 bytes, the most there can be"},
           {(std::uint64_t{1} << 32) + 5,
            "2^32 + 5 bytes: with a number of 32 bits they were the 5 that are there"},
           {std::uint64_t{1} << 31, "2^31 bytes: with a signed number of 32 bits a negative length"}}) {
    catalog.add("17.3." + std::to_string(++number), "A frame announces " + words + ", and has five.",
                expectation, "RFC 6455, 5.2 and 10.4", [length = length](Exchange& x) {
                  announce(x, length);
                  checkStillServing(x);
                });
  }
  catalog.add("17.3.5", "The length has its most significant bit set.", "The peer fails the connection.",
              "RFC 6455, 5.2", [](Exchange& x) {
                x.send(Frame{.payload = "Hello", .declaredLength = (std::uint64_t{1} << 63) + 5});
                expectFailed(x, {1002, 1009});
                checkStillServing(x);
              });
  const auto longForm = [&](std::string id, LengthForm form, std::string words) {
    catalog
        .add(id, "A length of five is written in " + words + ": not in the shortest form.",
             "The peer fails the connection; many accept it.", "RFC 6455, 5.2",
             [form](Exchange& x) {
               x.send(Frame{.payload = "Hello", .lengthForm = form});
               const Received received = x.receive(x.patience().reaction);
               if (received == Received::timedOut) return x.fail("neither an echo nor a Close");
               x.inform(received == Received::event ? "accepted" : "refused");
             })
        .strictness = kInformational;
  };
  longForm("17.3.6", LengthForm::sixteenBits, "16 bits");
  longForm("17.3.7", LengthForm::sixtyFourBits, "64 bits");
}

// --- 17.4 ---

/// Sends without reading what comes back, until the peer takes no more; then reads along.
void readLate(Exchange& x) {
  const int count = x.amount(1024, 640);
  const std::string payload = letters(64 * kKiB, 64 * kKiB);
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    bytes += encodeFrame(Frame{.opcode = opcode::binary, .payload = payload}, x.testsServer(), 0x13572468);
  }
  std::string_view left = bytes;
  bool isTaking = true;
  while (!left.empty() && isTaking) {
    const IoResult result = x.stream().write(left);
    if (result.io == Io::done) left.remove_prefix(result.size);
    if (result.io != Io::done && result.io != Io::later)
      return x.fail("the peer ended the connection while we wrote");
    if (result.io != Io::later) continue;
    const Waited waited = waitFor(x.stream().fd(), POLLOUT, Clock::now() + x.patience().quiet, x.stop());
    if (waited == Waited::stopped) throw Interrupted{};
    isTaking = waited == Waited::ready;
  }
  x.note("sent " + std::to_string(bytes.size() - left.size()) + " bytes of " + std::to_string(bytes.size()) +
         " without reading");
  x.keepEvents(false);
  x.sendBytes(left);
  if (!echoesInOrder(x, std::vector<Event>(static_cast<std::size_t>(count), binaryMessage(payload)))) return;
  x.finish();
  x.pass("all echoes came, after " + std::to_string((bytes.size() - left.size()) / kKiB) +
         " KiB without reading");
}

void closeDuringEcho(Exchange& x) {
  const std::size_t size = static_cast<std::size_t>(x.amount(16, 4)) * kMiB;
  x.keepEvents(false);
  x.sendMessage(letters(size, size), true);
  x.sendClose(1000);
  Received received = Received::event;
  while (received == Received::event) received = x.receive(kLong);
  if (!x.violation().empty()) return x.fail(x.violation());
  if (received == Received::close) return x.pass("the peer answered the Close");
  x.fail(received == Received::ended ? "the peer ended TCP without answering the Close"
                                     : "the peer did not answer the Close within " + text(kLong));
}

void addSlowness(Catalog& catalog) {
  catalog.group("17.4", "Slow peers");
  catalog
      .add("17.4.1",
           "64 MiB of messages (40 in the quick profile), of whose echoes nothing is read at first.",
           "All are echoed, in order, once they are read.", "RFC 6455, 10.4", readLate)
      .strictness = kRecommended;
  catalog.add("17.4.2", "A message of 2000 bytes in writes of one byte.", "It is echoed.", "RFC 6455, 5.2",
              [](Exchange& x) {
                x.sendMessage(letters(2000, 2000), false, 0, 1);
                expectEcho(x, letters(2000, 2000));
              });
  catalog.add("17.4.3", "A message of 16 MiB (4 in the quick profile), and a Close right behind.",
              "The Close is answered, be the message echoed or not.", "RFC 6455, 5.5.1", closeDuringEcho);
}

// --- 17.5 ---

void openAndClose(Exchange& x) {
  const int count = x.amount(1000, 100);
  for (int i = 0; i < count; ++i) {
    const auto next = x.another();
    std::string problem = next->open() ? echoProblem(*next) : next->verdict().result;
    if (!problem.empty()) return x.fail("connection " + std::to_string(i + 1) + ": " + problem);
    next->finish();
  }
  const std::string problem = echoProblem(x);
  if (!problem.empty()) return x.fail("the first connection, left open: " + problem);
  x.finish();
  x.pass(std::to_string(count) + " connections were served, and the first one still");
}

void openMany(Exchange& x) {
  const int count = x.amount(400, 100);
  std::vector<std::unique_ptr<Exchange>> open;
  for (int i = 0; i < count; ++i) {
    open.push_back(x.another());
    if (!open.back()->open())
      return x.fail("connection " + std::to_string(i + 1) + ": " + open.back()->verdict().result);
  }
  for (const auto& each : open) {
    const std::string problem = echoProblem(*each);
    if (!problem.empty()) return x.fail("one of many: " + problem);
  }
  for (const auto& each : open) each->drop();
  x.pass(std::to_string(count) + " connections at once were served");
  checkStillServing(x);
}

void openHalf(Exchange& x) {
  constexpr int kCount = 100;
  std::vector<std::unique_ptr<Exchange>> silent;
  for (int i = 0; i < kCount; ++i) {
    silent.push_back(x.another());
    silent.back()->sendBytes("GET / HTTP/1.1\r\nHost: ");
  }
  x.pass("others are served while " + std::to_string(kCount) + " requests lack their ends");
  checkStillServing(x);
}

void addConnections(Catalog& catalog) {
  catalog.group("17.5", "Many connections");
  const auto add = [&](std::string id, std::string description, std::string expectation,
                       std::function<void(Exchange&)> run) {
    Case& made =
        catalog.add(id, std::move(description), std::move(expectation), "RFC 6455, 10.4", std::move(run));
    made.tests = Tests::servers;
    made.strictness = kRecommended;
  };
  add("17.5.1", "1000 connections, one after the other (100 in the quick profile), each with a message.",
      "All are served.", openAndClose);
  add("17.5.2", "400 connections at once (100 in the quick profile), each with a message.", "All are served.",
      openMany);
  add("17.5.3", "100 connections whose requests do not end.", "Others are served meanwhile.", openHalf);
}

}  // namespace

void addResources(Catalog& catalog) {
  catalog.group("17", "Resource limits");
  addFragments(catalog);
  addFloods(catalog);
  addLengths(catalog);
  addSlowness(catalog);
  addConnections(catalog);
}

}  // namespace wstest
