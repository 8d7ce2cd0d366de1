// 15: how clients read the server's opening handshake (RFC 6455, 4.1).
#include <functional>

#include "cases/beyond.hpp"

namespace wstest {
namespace {

constexpr auto kRequired = Strictness::required;
constexpr auto kRecommended = Strictness::recommended;
constexpr auto kInformational = Strictness::informational;
constexpr std::size_t kKiB = 1024, kMiB = 1024 * kKiB;

// --- 15.2 and further ---

using Bend = std::function<std::string(const std::string& response)>;

/// What a response must lead to.
enum class Outcome : std::uint8_t { open, failed, either };
constexpr auto kOpen = Outcome::open;
constexpr auto kFailed = Outcome::failed;

std::string expectationOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::open:
      return "The client is connected: it echoes a message.";
    case Outcome::failed:
      return "The client fails the connection: it ends TCP without having sent a frame.";
    case Outcome::either:
      return "The client is connected, or it ends TCP; it is not left hanging.";
  }
  return "";
}

/// Only reports whether the client accepts the response.
void observe(Exchange& x, const std::string& response) {
  x.sendBytes(response);
  x.setOpen();
  const std::string problem = echoProblem(x);
  if (problem.empty()) x.finish();
  if (problem.empty()) return x.inform("the client accepts it");
  x.hasEnded() ? x.inform("the client refuses it")
               : x.fail("the client neither accepts nor ends the connection");
}

void answer(Exchange& x, const std::string& response, Outcome outcome) {
  switch (outcome) {
    case Outcome::open:
      return expectOpened(x, response);
    case Outcome::failed:
      return expectNotOpened(x, response);
    case Outcome::either:
      return observe(x, response);
  }
}

/// A response that differs from a right one in one thing.
struct Row {
  std::string id;
  std::string description;
  std::string section;
  Strictness strictness;
  Outcome outcome;
  Bend bend;
};

void addRows(Catalog& catalog, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    catalog
        .add(
            row.id, row.description, expectationOf(row.outcome), row.section,
            [bend = row.bend, outcome = row.outcome](Exchange& x) { answer(x, bend(x.response()), outcome); })
        .strictness = row.strictness;
  }
}

Bend start(std::string line) {
  return [line](const std::string& response) { return withStartLine(response, line); };
}
Bend set(std::string name, std::string value) {
  return [name, value](const std::string& response) { return withHeader(response, name, value); };
}
Bend without(std::string name) {
  return [name](const std::string& response) { return withoutHeader(response, name); };
}
Bend plus(std::string line) {
  return [line](const std::string& response) { return withLine(response, line); };
}
/// The value of Sec-WebSocket-Accept, changed.
Bend accept(std::function<std::string(std::string)> change) {
  return [change](const std::string& response) {
    const std::string name = "Sec-WebSocket-Accept: ";
    const auto begin = response.find(name) + name.size();
    const std::string right = response.substr(begin, response.find("\r\n", begin) - begin);
    return withHeader(response, "Sec-WebSocket-Accept", change(right));
  };
}

/// A response that stops: the client must end the connection when the server does.
void breakOff(Exchange& x, const std::string& bytes) {
  if (!bytes.empty()) x.sendBytes(bytes);
  x.stream().endWriting();
  x.setOpen();
  if (x.receiveFrame(x.patience().reaction))
    return x.fail("the client sent a frame without having been accepted");
  if (!x.hasEnded())
    return x.fail("the client did not end the connection within " + text(x.patience().reaction));
  x.pass("the client ended the connection");
}

void addStatuses(Catalog& catalog) {
  catalog.group("15.2", "Status line of the response");
  int number = 0;
  for (const char* line : {"200 OK", "204 No Content", "400 Bad Request", "401 Unauthorized", "403 Forbidden",
                           "404 Not Found", "407 Proxy Authentication Required", "426 Upgrade Required",
                           "500 Internal Server Error", "503 Service Unavailable"}) {
    catalog.add("15.2." + std::to_string(++number),
                std::string("The response is '") + line + "', with all header fields of an acceptance.",
                "The client is not connected: no frame, and it ends TCP, as 'Connection: close' also asks.",
                "RFC 6455, 4.1", [line](Exchange& x) {
                  std::string head = withStartLine(x.response(), std::string("HTTP/1.1 ") + line);
                  head = withHeader(head, "Connection", "Upgrade, close");
                  const bool hasBody = !std::string(line).starts_with("204");
                  if (hasBody) head = withLine(head, "Content-Length: " + std::to_string(probe().size()));
                  expectNotOpened(x, head + (hasBody ? probe() : ""), hasBody);
                });
  }
  catalog
      .add("15.2.11", "The response redirects, to a port where nobody listens.",
           "The client follows (and fails there) or fails at once: no frame, and it ends TCP.",
           "RFC 6455, 4.1",
           [](Exchange& x) {
             const std::string head = withStartLine(x.response(), "HTTP/1.1 301 Moved Permanently");
             expectNotOpened(x, withLine(withHeader(head, "Connection", "close"),
                                         "Location: ws://127.0.0.1:1/\r\nContent-Length: 0"));
           })
      .strictness = kRecommended;
  addRows(catalog,
          {
              {"15.2.12", "HTTP/1.0 101: that version has no Upgrade.", "RFC 6455, 4.2.2 and RFC 9110, 7.8",
               kRecommended, kFailed, start("HTTP/1.0 101 Switching Protocols")},
              {"15.2.13", "HTTP/2 101, in the syntax of HTTP/1.1.", "RFC 6455, 4.2.2 and RFC 9110, 15.2.2",
               kRecommended, kFailed, start("HTTP/2 101 Switching Protocols")},
              {"15.2.14", "The status has four digits: 1010.", "RFC 9112, 4 and RFC 6455, 4.1", kRequired,
               kFailed, start("HTTP/1.1 1010 Switching Protocols")},
              {"15.2.15", "The status is no number: 1O1.", "RFC 9112, 4 and RFC 6455, 4.1", kRequired,
               kFailed, start("HTTP/1.1 1O1 Switching Protocols")},
              {"15.2.16", "The protocol is not HTTP: HTTQ/1.1 101.", "RFC 9112, 4 and RFC 6455, 4.1",
               kRequired, kFailed, start("HTTQ/1.1 101 Switching Protocols")},
              {"15.2.17", "The reason is another: '101 Welcome on board'.", "RFC 9112, 4", kRequired, kOpen,
               start("HTTP/1.1 101 Welcome on board")},
              {"15.2.18", "The reason is empty, after its space.", "RFC 9112, 4", kRequired, kOpen,
               start("HTTP/1.1 101 ")},
              {"15.2.19", "A '103 Early Hints' comes before the 101.", "RFC 9110, 15.2", kRecommended, kOpen,
               [](const std::string& response) {
                 return "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + response;
               }},
          });
  catalog.add("15.2.20", "A '102 Processing' with all header fields of an acceptance; then TCP ends.",
              "The client is not connected: no frame, and it ends TCP.", "RFC 6455, 4.1", [](Exchange& x) {
                breakOff(x, withStartLine(x.response(), "HTTP/1.1 102 Processing") + probe());
              });
}

void addUpgrades(Catalog& catalog) {
  const std::string section = "RFC 6455, 4.1";
  catalog.group("15.3", "Upgrade and Connection of the response");
  addRows(catalog,
          {
              {"15.3.1", "A response as it should be.", section, kRequired, kOpen,
               [](const std::string& right) { return right; }},
              {"15.3.2", "There is no Upgrade.", section, kRequired, kFailed, without("Upgrade")},
              {"15.3.3", "Upgrade: websockets.", section, kRequired, kFailed, set("Upgrade", "websockets")},
              {"15.3.4", "Upgrade: h2c.", section, kRequired, kFailed, set("Upgrade", "h2c")},
              {"15.3.5", "Upgrade: WebSocket, in mixed case.", section, kRequired, kOpen,
               set("Upgrade", "WebSocket")},
              {"15.3.6", "There is no Connection.", section, kRequired, kFailed, without("Connection")},
              {"15.3.7", "Connection: close.", section, kRequired, kFailed, set("Connection", "close")},
              {"15.3.8", "Connection: Upgraded.", section, kRequired, kFailed, set("Connection", "Upgraded")},
              {"15.3.9", "Connection: keep-alive, UPGRADE.", section, kRequired, kOpen,
               set("Connection", "keep-alive, UPGRADE")},
              {"15.3.10", "The list of Connection comes in two lines.", "RFC 9110, 5.3 and RFC 6455, 4.1",
               kRecommended, kOpen,
               [](const std::string& response) {
                 return withLine(withHeader(response, "Connection", "keep-alive"), "Connection: Upgrade");
               }},
          });
}

void addAccepts(Catalog& catalog) {
  const std::string section = "RFC 6455, 4.1";
  const auto constant = [](std::string value) {
    return accept([value](const std::string&) { return value; });
  };
  catalog.group("15.4", "Sec-WebSocket-Accept of the response");
  addRows(catalog,
          {
              {"15.4.1", "There is none.", section, kRequired, kFailed, without("Sec-WebSocket-Accept")},
              {"15.4.2", "It is empty.", section, kRequired, kFailed, constant("")},
              {"15.4.3", "It is the answer to another key.", section, kRequired, kFailed,
               constant(acceptFor("dGhlIHNhbXBsZSBub25jZQ=="))},
              {"15.4.4", "Its letters are in lower case: base64 tells cases apart.", section, kRequired,
               kFailed, accept([](std::string right) {
                 for (char& c : right) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
                 return right;
               })},
              {"15.4.5", "Its last character before the padding is missing.", section, kRequired, kFailed,
               accept([](const std::string& right) { return right.substr(0, right.size() - 2) + "="; })},
              {"15.4.6", "It goes on behind its end.", section, kRequired, kFailed,
               accept([](const std::string& right) { return right + "x"; })},
              {"15.4.7", "White space surrounds it; it is to be ignored.", section, kRequired, kOpen,
               accept([](const std::string& right) { return " \t" + right + " \t"; })},
              {"15.4.8", "The right one, and one of another key behind it.", "RFC 6455, 4.1 and 11.3.3",
               kRecommended, kFailed, plus("Sec-WebSocket-Accept: " + acceptFor("dGhlIHNhbXBsZSBub25jZQ=="))},
              {"15.4.9", "One of another key, and the right one behind it.", "RFC 6455, 4.1 and 11.3.3",
               kRecommended, kFailed,
               [](const std::string& response) {
                 return withFirstLine(response,
                                      "Sec-WebSocket-Accept: " + acceptFor("dGhlIHNhbXBsZSBub25jZQ=="));
               }},
          });
  catalog.add(
      "15.4.10", "It is the client's key as it came, not its hash.",
      "The client fails the connection: it ends TCP without having sent a frame.", section,
      [](Exchange& x) { expectNotOpened(x, withHeader(x.response(), "Sec-WebSocket-Accept", x.key())); });
}

void addChoices(Catalog& catalog) {
  const std::string section = "RFC 6455, 4.1";
  const std::string kProtocol = "Sec-WebSocket-Protocol: ", kExtension = "Sec-WebSocket-Extensions: ";
  catalog.group("15.5", "Subprotocols and extensions of the response");
  addRows(catalog, {
                       {"15.5.1", "A subprotocol that the client did not offer.", section, kRequired, kFailed,
                        plus(kProtocol + "x-wstest")},
                       {"15.5.2", "Two subprotocols at once.", section, kRequired, kFailed,
                        plus(kProtocol + "x-wstest-1, x-wstest-2")},
                       {"15.5.3", "An empty subprotocol.", "RFC 6455, 4.2.2 and 4.3", kRecommended, kFailed,
                        plus(kProtocol)},
                       {"15.5.4", "An extension that nobody knows.", section, kRequired, kFailed,
                        plus(kExtension + "x-wstest")},
                       {"15.5.5", "Extensions that are no list of extensions: ';='.", "RFC 6455, 9.1",
                        kRequired, kFailed, plus(kExtension + ";=")},
                       {"15.5.6", "An extension of the unofficial kind: x-webkit-deflate-frame.", section,
                        kRequired, kFailed, plus(kExtension + "x-webkit-deflate-frame")},
                       {"15.5.7", "Header fields of no concern: Sec-WebSocket-Version, Date, Set-Cookie.",
                        "RFC 6455, 4.1 and 4.2.2", kRequired, kOpen,
                        plus("Date: Mon, 01 Jan 2024 00:00:00 GMT\r\nSet-Cookie: a=b; Path=/\r\nX-Wstest:")},
                   });
}

void addFieldSyntax(Catalog& catalog) {
  catalog.group("15.6", "Header fields of the response as such");
  addRows(
      catalog,
      {
          {"15.6.1", "All names are in lower case.", "RFC 6455, 4.1", kRequired, kOpen,
           [](const std::string& response) {
             std::string bent = replaced(response, "\r\nUpgrade:", "\r\nupgrade:");
             bent = replaced(bent, "\r\nConnection:", "\r\nconnection:");
             return replaced(bent, "\r\nSec-WebSocket-Accept:", "\r\nsec-websocket-accept:");
           }},
          {"15.6.2", "No white space after the colons.", "RFC 9112, 5.1", kRequired, kOpen,
           [](const std::string& response) { return replaced(response, ": ", ":"); }},
          {"15.6.3", "A line has no colon.", "RFC 9112, 5", kRecommended, kFailed, plus("X-Wstest")},
          {"15.6.4", "A value contains a NUL byte.", "RFC 9110, 5.5", kRecommended, kFailed,
           plus(std::string("X-Wstest: a\0b", 13))},
          {"15.6.5", "A value contains a CR without LF, and then what could be taken for a header field.",
           "RFC 9112, 2.2 and RFC 9110, 5.5", kRecommended, kFailed,
           plus("X-Wstest: a\rSet-Cookie: injected=1")},
          {"15.6.6", "Sec-WebSocket-Accept is only in the text of another field: it must not count.",
           "RFC 6455, 4.1", kRequired, kFailed,
           [](const std::string& response) {
             return replaced(response, "\r\nSec-WebSocket-Accept:", "\r\nX-Wstest: Sec-WebSocket-Accept:");
           }},
          {"15.6.7", "A 101 that declares a length: there is no body all the same.", "RFC 9112, 6.3",
           kInformational, Outcome::either, plus("Content-Length: 5")},
          {"15.6.8", "A value is folded over two lines.", "RFC 9112, 5.2", kInformational, Outcome::either,
           plus("X-Wstest: one\r\n two")},
          {"15.6.9", "Lines end with LF alone.", "RFC 9112, 2.2", kInformational, Outcome::either,
           [](const std::string& response) { return replaced(response, "\r\n", "\n"); }},
      });
}

// --- 15.7 ---

/// The client gets frames right behind the response, in one write.
void answerWithFrames(Exchange& x) {
  x.sendBytes(x.response() + encodeFrame(Frame{.payload = "at once"}, false, 0));
  x.setOpen();
  expectEcho(x, "at once");
}

void answerWithHalfAFrame(Exchange& x) {
  const std::string frame = encodeFrame(Frame{.payload = "in two parts"}, false, 0);
  x.sendBytes(x.response() + frame.substr(0, 5));
  x.setOpen();
  if (x.receive(x.patience().quiet) != Received::timedOut)
    return x.fail("the client did not wait for the whole frame");
  x.sendBytes(frame.substr(5));
  expectEcho(x, "in two parts");
}

void answerWithClose(Exchange& x) {
  x.sendBytes(x.response() + encodeFrame(Frame{.opcode = opcode::close, .payload = "\x03\xE8"}, false, 0));
  x.setOpen();
  const auto frame = x.receiveFrame(x.patience().reaction);
  if (!frame)
    return x.fail(x.hasEnded() ? "the client ended TCP without answering the Close"
                               : "no answer to the Close");
  if (frame->opcode != opcode::close) return x.fail("the client sent another frame than a Close");
  x.stream().endWriting();
  if (!hasEndedWithin(x, x.patience().reaction))
    return x.fail("the client did not end TCP after the server had");
  x.pass("the client answered the Close");
}

void answerWithPingAndMessage(Exchange& x) {
  x.sendBytes(x.response() + encodeFrame(Frame{.opcode = opcode::ping, .payload = "p"}, false, 0) +
              encodeFrame(Frame{.payload = "m"}, false, 0));
  x.setOpen();
  if (!haveCome(x, pongWith("p"), textMessage("m"), x.patience().reaction)) return;
  x.finish();
  x.pass("both were answered");
}

void answerWithoutEnd(Exchange& x) {
  const std::string response = x.response();
  std::string more;
  while (more.size() < 64 * kKiB) more += "X-Wstest: 1\r\n";
  x.sendBytes(response.substr(0, response.size() - 2));
  for (std::size_t sent = 0; sent < 16 * kMiB; sent += more.size()) {
    if (x.sendBytes(more)) continue;
    const std::string when = " after at most " + std::to_string(sent / kKiB) + " KiB";
    return x.hasEnded() ? x.pass("the client ended the connection" + when)
                        : x.fail("the client neither reads on nor ends the connection" + when);
  }
  x.setOpen();
  if (hasEndedWithin(x, x.patience().reaction)) return x.pass("the client ended the connection");
  x.fail("the client took 16 MiB of header fields and waits for more");
}

void answerLarge(Exchange& x, const std::string& lines) { observe(x, withLine(x.response(), lines)); }

void addTransport(Catalog& catalog) {
  catalog.group("15.7", "How the response arrives");
  const auto add = [&](std::string id, std::string description, std::string expectation, std::string section,
                       Strictness strictness, std::function<void(Exchange&)> run) {
    catalog.add(id, std::move(description), std::move(expectation), std::move(section), std::move(run))
        .strictness = strictness;
  };
  add("15.7.1", "The response comes byte by byte.", "The client is connected.", "RFC 6455, 4.1", kRequired,
      [](Exchange& x) { expectOpened(x, x.response(), 1); });
  add("15.7.2", "A message lies behind the response in the same segment.", "It is echoed.",
      "RFC 6455, 4.2.2 and 5", kRequired, answerWithFrames);
  add("15.7.3", "Half a frame lies behind the response; the rest comes later.", "The message is echoed.",
      "RFC 6455, 5.2", kRequired, answerWithHalfAFrame);
  add("15.7.4", "A Close lies behind the response in the same segment.", "The client answers it, and ends.",
      "RFC 6455, 5.5.1", kRequired, answerWithClose);
  add("15.7.5", "A ping and a message lie behind the response in the same segment.", "A pong and the echo.",
      "RFC 6455, 5.5.2", kRequired, answerWithPingAndMessage);
  add("15.7.6", "The server ends TCP without any response.",
      "The client ends the connection without a frame.", "RFC 6455, 4.1", kRequired,
      [](Exchange& x) { breakOff(x, ""); });
  add("15.7.7", "The server ends TCP in the middle of its response.",
      "The client ends the connection without a frame.", "RFC 6455, 4.1", kRequired, [](Exchange& x) {
        const std::string response = x.response();
        breakOff(x, response.substr(0, response.size() - 2));
      });
  add("15.7.8", "Frames come instead of a response, and an empty line.", "The client fails the connection.",
      "RFC 6455, 4.1", kRequired, [](Exchange& x) { expectNotOpened(x, probe() + "\r\n\r\n"); });
  add("15.7.9", "The response has a header field of 1 MiB.", "Accepted or refused; not left hanging.",
      "RFC 9110, 5.4", kInformational,
      [](Exchange& x) { answerLarge(x, "X-Wstest: " + std::string(kMiB, 'x')); });
  add("15.7.10", "The response has 1000 header fields.", "Accepted or refused; not left hanging.",
      "RFC 9110, 5.4", kInformational, [](Exchange& x) {
        std::string lines = "X-Wstest-0: 0";
        for (int i = 1; i < 1000; ++i)
          lines += "\r\nX-Wstest-" + std::to_string(i) + ": " + std::to_string(i);
        answerLarge(x, lines);
      });
  add("15.7.11", "The response's header fields do not end: up to 16 MiB.",
      "The client has a limit, and ends.", "RFC 9110, 5.4 and 17.5", kRecommended, answerWithoutEnd);
}

}  // namespace

void addClientHandshake(Catalog& catalog) {
  const std::size_t before = catalog.cases.size();
  catalog.group("15", "Opening handshake, client side");
  addClientRequests(catalog);
  addStatuses(catalog);
  addUpgrades(catalog);
  addAccepts(catalog);
  addChoices(catalog);
  addFieldSyntax(catalog);
  addTransport(catalog);
  for (std::size_t i = before; i < catalog.cases.size(); ++i) {
    catalog.cases[i].tests = Tests::clients;
    catalog.cases[i].opening = Opening::byCase;
    // 15.1.8 wants to know all keys.
    if (catalog.cases[i].id == parseCaseId("15.1.8")) continue;
    catalog.cases[i].run = [run = std::move(catalog.cases[i].run)](Exchange& x) {
      isNewKey(x.key());
      run(x);
    };
  }
}

}  // namespace wstest
