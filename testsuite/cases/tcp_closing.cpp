// 18: how a connection ends on TCP (RFC 6455, 5.5.1 and 7.1). Frames are looked at one by one here: the
// harness does not answer by itself.
#include <algorithm>
#include <functional>

#include "cases/beyond.hpp"

namespace wstest {
namespace {

constexpr auto kRecommended = Strictness::recommended;
constexpr auto kInformational = Strictness::informational;
constexpr std::size_t kMiB = std::size_t{1} << 20;

/// How the peer ended a connection.
struct Ending {
  std::vector<ReceivedFrame> frames{};
  bool hasEnded = false;

  std::size_t count(std::uint8_t code) const {
    return static_cast<std::size_t>(std::ranges::count(frames, code, &ReceivedFrame::opcode));
  }
  static bool isData(const ReceivedFrame& frame) { return !opcode::isControl(frame.opcode); }
  bool hasData() const { return std::ranges::any_of(frames, isData); }
  bool hasDataBehindClose() const {
    const auto close = std::ranges::find(frames, opcode::close, &ReceivedFrame::opcode);
    return std::any_of(close, frames.end(), isData);
  }
};

/// All frames until TCP ends. As a server, we end TCP once the peer's Close is there and nothing follows it.
Ending receiveAll(Exchange& x) {
  Ending ending;
  const TimePoint until = Clock::now() + x.patience().reaction;
  bool isOurSideOpen = true;
  while (Clock::now() < until && !x.hasEnded()) {
    const bool isWaitingForUs = !x.testsServer() && isOurSideOpen && ending.count(opcode::close) > 0;
    auto frame = x.receiveFrame(isWaitingForUs ? x.patience().quiet : until - Clock::now());
    if (frame) {
      ending.frames.push_back(std::move(*frame));
    } else if (isWaitingForUs) {
      isOurSideOpen = false;
      x.stream().endWriting();
    }
  }
  ending.hasEnded = x.hasEnded();
  return ending;
}

std::optional<std::uint16_t> codeOf(const ReceivedFrame& close) {
  if (close.payload.size() < 2) return std::nullopt;
  return static_cast<std::uint16_t>(static_cast<std::uint8_t>(close.payload[0]) << 8 |
                                    static_cast<std::uint8_t>(close.payload[1]));
}

/// Judges what must hold of any closing handshake that we began: one Close comes, no data behind it, TCP
/// ends. `judge` may say more, and returns a problem or nothing.
void judgeEnding(Exchange& x, const std::function<std::string(const Ending&)>& judge = {}) {
  const Ending ending = receiveAll(x);
  const std::size_t closes = ending.count(opcode::close);
  if (closes == 0)
    return x.fail(ending.hasEnded ? "TCP ended without a Close" : "our Close was not answered");
  if (closes > 1) return x.fail("the peer sent " + std::to_string(closes) + " Closes");
  if (ending.hasDataBehindClose()) return x.fail("the peer sent data behind its Close");
  if (!ending.hasEnded) return x.fail("the peer did not end TCP within " + text(x.patience().reaction));
  const std::string problem = judge ? judge(ending) : std::string();
  problem.empty() ? x.pass("our Close was answered, and TCP ended") : x.fail(problem);
}

/// The peer has to notice that TCP has ended on our side.
void expectEnd(Exchange& x) {
  const Ending ending = receiveAll(x);
  if (!ending.hasEnded) return x.fail("the peer keeps the connection, though our side of TCP has ended");
  x.pass(ending.count(opcode::close) > 0 ? "the peer sent a Close and ended TCP" : "the peer ended TCP");
}

Frame closeFrame(std::uint16_t code = 1000, std::string_view reason = {}) {
  Frame frame{.opcode = opcode::close};
  frame.payload += static_cast<char>(code >> 8);
  frame.payload += static_cast<char>(code & 0xFF);
  frame.payload += reason;
  return frame;
}

// --- 18.1 ---

/// How long clients keep TCP after the closing handshake, which is the server's to end.
void watchClient(Exchange& x) {
  x.send(closeFrame());
  const auto answer = x.receiveFrame(x.patience().reaction);
  if (!answer || answer->opcode != opcode::close) return x.fail("our Close was not answered");
  const bool isEarly = hasEndedWithin(x, x.patience().quiet);
  if (!isEarly) x.stream().endWriting();
  if (!isEarly && !hasEndedWithin(x, x.patience().reaction))
    return x.fail("the client did not end TCP after the server had");
  x.inform(isEarly ? "the client ends TCP at once" : "the client waits for the server to end TCP");
}

void addHandshake(Catalog& catalog) {
  catalog.group("18.1", "After a Close");
  catalog
      .add("18.1.1", "The closing handshake, and the client waits.", "The server ends TCP, at once.",
           "RFC 6455, 5.5.1 and 7.1.1",
           [](Exchange& x) {
             x.send(closeFrame());
             judgeEnding(x);
           })
      .tests = Tests::servers;
  Case& watched =
      catalog.add("18.1.2", "The closing handshake, and the server waits a moment before it ends TCP.",
                  "The client waits as well, or ends TCP.", "RFC 6455, 5.5.1 and 7.1.1", watchClient);
  watched.tests = Tests::clients;
  watched.strictness = kInformational;
  catalog
      .add("18.1.3", "The closing handshake, and the server ends TCP.", "The client ends TCP as well.",
           "RFC 6455, 5.5.1 and 7.1.1",
           [](Exchange& x) {
             x.send(closeFrame());
             judgeEnding(x);
           })
      .tests = Tests::clients;
  catalog.add("18.1.4", "A Close with a reason of 123 bytes, the longest there is.",
              "It is answered, and TCP ends.", "RFC 6455, 5.5.1", [](Exchange& x) {
                x.send(closeFrame(1000, std::string(123, 'r')));
                judgeEnding(x);
              });
  catalog
      .add("18.1.5", "A Close with the code 3456.", "The answer has this code, as answers typically do.",
           "RFC 6455, 5.5.1",
           [](Exchange& x) {
             x.send(closeFrame(3456));
             std::string code = "none";
             judgeEnding(x, [&](const Ending& ending) {
               const auto close = std::ranges::find(ending.frames, opcode::close, &ReceivedFrame::opcode);
               const auto answered = codeOf(*close);
               if (answered) code = std::to_string(*answered);
               return std::string();
             });
             if (x.verdict().behavior == Behavior::ok) x.inform("the answer's code is " + code);
           })
      .strictness = kInformational;
  catalog.add("18.1.6", "A message follows our Close in the same segment.",
              "The Close is answered; the message is not echoed.", "RFC 6455, 5.5.1 and 1.4",
              [](Exchange& x) {
                x.send({closeFrame(), Frame{.payload = "too late"}});
                judgeEnding(x, [](const Ending& ending) {
                  return ending.count(opcode::text) == 0 ? "" : "the message behind our Close was echoed";
                });
              });
  catalog
      .add("18.1.7", "A ping follows our Close in the same segment.",
           "No pong: a peer that got a Close owes none.", "RFC 6455, 5.5.2",
           [](Exchange& x) {
             x.send({closeFrame(), Frame{.opcode = opcode::ping, .payload = "too late"}});
             std::size_t pongs = 0;
             judgeEnding(x, [&](const Ending& ending) {
               pongs = ending.count(opcode::pong);
               return std::string();
             });
             if (x.verdict().behavior == Behavior::ok) x.inform(pongs == 0 ? "no pong" : "a pong came");
           })
      .strictness = kInformational;
  catalog
      .add("18.1.8", "Two Closes in the same segment.", "One is answered, and TCP ends.", "RFC 6455, 5.5.1",
           [](Exchange& x) {
             x.send({closeFrame(), closeFrame(1001)});
             judgeEnding(x);
           })
      .strictness = kRecommended;
  catalog.add("18.1.9", "A Close in the middle of a fragmented message.", "It is answered, and TCP ends.",
              "RFC 6455, 5.4 and 5.5.1", [](Exchange& x) {
                x.send({Frame{.payload = "begun", .fin = false}, closeFrame()});
                judgeEnding(x, [](const Ending& ending) {
                  return ending.count(opcode::text) == 0 ? "" : "half a message was echoed";
                });
              });
  catalog.add("18.1.10", "A message, and our Close right behind it.",
              "The Close is answered; the echo, when there is one, comes before.", "RFC 6455, 5.5.1",
              [](Exchange& x) {
                x.send({Frame{.payload = "last words"}, closeFrame()});
                judgeEnding(x);
              });
  catalog.add("18.1.11",
              "Both ends close at once: a frame that the peer must not accept, and our Close behind it.",
              "One Close comes, and TCP ends.", "RFC 6455, 7.1.5 and 7.1.7", [](Exchange& x) {
                x.send({Frame{.opcode = 3, .payload = "reserved"}, closeFrame()});
                const Ending ending = receiveAll(x);
                if (ending.count(opcode::close) > 1) return x.fail("the peer sent two Closes");
                if (ending.hasData()) return x.fail("the peer sent data");
                if (!ending.hasEnded)
                  return x.fail("the peer did not end TCP within " + text(x.patience().reaction));
                x.pass("the connection ended");
              });
}

// --- 18.2 ---

/// A server is asked again; that a client outlives it shows only when it comes for its next case.
void dropAndGoOn(Exchange& x) {
  x.drop();
  x.testsServer() ? x.pass("the peer lives on") : x.inform("the connection was reset");
}

void addEnds(Catalog& catalog) {
  catalog.group("18.2", "TCP ends without a Close");
  const auto add = [&](std::string id, std::string description, std::string section,
                       std::function<void(Exchange&)> run) {
    catalog
        .add(id, std::move(description), "The peer ends the connection as well, in time; it lives on.",
             section,
             [run = std::move(run)](Exchange& x) {
               run(x);
               checkStillServing(x);
             })
        .strictness = kRecommended;
  };
  add("18.2.1", "Our side of TCP ends without a Close.", "RFC 6455, 7.1.4", [](Exchange& x) {
    x.stream().endWriting();
    expectEnd(x);
  });
  add("18.2.2", "Our side of TCP ends in the middle of a frame.", "RFC 6455, 7.1.4", [](Exchange& x) {
    x.sendBytes(encodeFrame(Frame{.payload = "half of this"}, x.testsServer(), 0x12345678).substr(0, 8));
    x.stream().endWriting();
    expectEnd(x);
  });
  add("18.2.3", "Our side of TCP ends between two fragments of a message.", "RFC 6455, 7.1.4",
      [](Exchange& x) {
        x.send(Frame{.payload = "begun", .fin = false});
        x.stream().endWriting();
        const Ending ending = receiveAll(x);
        if (ending.count(opcode::text) > 0) return x.fail("half a message was echoed");
        if (!ending.hasEnded)
          return x.fail("the peer keeps the connection, though our side of TCP has ended");
        x.pass("the peer ended TCP");
      });
  add("18.2.4", "Our side of TCP ends right behind our Close; we go on reading. Answering is still possible.",
      "RFC 6455, 5.5.1 and 7.1.1", [](Exchange& x) {
        x.send(closeFrame());
        x.stream().endWriting();
        const Ending ending = receiveAll(x);
        if (!ending.hasEnded) return x.fail("the peer keeps the connection");
        ending.count(opcode::close) > 0 ? x.pass("our Close was answered, and TCP ended")
                                        : x.nonStrict("TCP ended; our Close was not answered");
      });
  add("18.2.5", "The connection is reset.", "RFC 6455, 7.1.4", [](Exchange& x) { dropAndGoOn(x); });
  add("18.2.6", "The connection is reset in the middle of a message.", "RFC 6455, 7.1.4", [](Exchange& x) {
    x.send(Frame{.opcode = opcode::binary, .payload = "begun", .declaredLength = kMiB});
    dropAndGoOn(x);
  });
  add("18.2.7", "The connection is reset while the peer echoes 4 MiB.", "RFC 6455, 7.1.4", [](Exchange& x) {
    x.sendMessage(letters(4 * kMiB, 4 * kMiB), true);
    dropAndGoOn(x);
  });
  add("18.2.8", "The connection is reset right behind our Close.", "RFC 6455, 7.1.4", [](Exchange& x) {
    x.send(closeFrame());
    dropAndGoOn(x);
  });
}

}  // namespace

void addTcpClosing(Catalog& catalog) {
  catalog.group("18", "How TCP ends");
  addHandshake(catalog);
  addEnds(catalog);
}

}  // namespace wstest
