// 14, continued: how a request arrives, what it offers, how large it is, and what the server's response says.
#include <algorithm>
#include <functional>

#include "cases/beyond.hpp"

namespace wstest {
namespace {

constexpr auto kRequired = Strictness::required;
constexpr auto kRecommended = Strictness::recommended;
constexpr auto kInformational = Strictness::informational;
constexpr std::size_t kKiB = 1024, kMiB = 1024 * kKiB;

/// Sends a request that asks for no answer, and sees whether the server ends the connection or answers.
void expectAnEnd(Exchange& x, const std::string& bytes, bool endsWriting) {
  x.sendBytes(bytes);
  if (endsWriting) x.stream().endWriting();
  const auto head = x.receiveHead(x.patience().reaction);
  if (head && head->status() == 101) return x.fail("the server accepted: " + quote(head->startLine, 100));
  if (head) return x.pass("the server answered " + quote(head->startLine, 100));
  if (!x.hasEnded()) return x.fail("the server kept the connection for " + text(x.patience().reaction));
  x.pass("the server ended the connection");
}

// --- 14.6 ---

/// The end of the request comes late: the server must wait for it.
void sendEndLate(Exchange& x) {
  const std::string key = randomKey();
  const std::string request = x.request(key);
  x.sendBytes(request.substr(0, request.size() - 1));
  const std::string early = x.receiveBytes(x.patience().quiet);
  if (!early.empty()) return x.fail("the server answered before the request had ended: " + quote(early));
  if (x.hasEnded()) return x.fail("the server did not wait for the end of the request");
  attempt(x, {.key = key, .bytes = "\n", .wanted = Wanted::acceptance});
}

/// What an impatient client sends behind its request, and whether it is lost.
void sendBehindRequest(Exchange& x) {
  const std::string key = randomKey();
  x.sendBytes(x.request(key) + encodeFrame(Frame{.payload = "impatient"}, true, 0x12345678));
  const auto head = x.receiveHead(x.patience().reaction);
  if (!head) return x.fail("the server did not answer");
  if (head->status() != 101)
    return x.pass("the server refused the early data: " + quote(head->startLine, 100));
  x.setOpen();
  expectEcho(x, "impatient");
}

/// After 101 there is no HTTP any more: "GET" begins with a frame that nobody may accept.
void sendTwoRequests(Exchange& x) {
  const std::string key = randomKey();
  x.sendBytes(x.request(key) + x.request(key));
  const auto head = x.receiveHead(x.patience().reaction);
  if (!head) return x.fail("the server did not answer");
  if (head->status() != 101) return x.pass("the server refused: " + quote(head->startLine, 100));
  x.setOpen();
  expectFailed(x, {1002});
}

void closeBehindRequest(Exchange& x) {
  const std::string key = randomKey();
  x.sendBytes(x.request(key) +
              encodeFrame(Frame{.opcode = opcode::close, .payload = "\x03\xE8"}, true, 0x12345678));
  const auto head = x.receiveHead(x.patience().reaction);
  if (!head) return x.fail("the server did not answer");
  if (head->status() != 101)
    return x.pass("the server refused the early data: " + quote(head->startLine, 100));
  x.setOpen();
  const auto frame = x.receiveFrame(x.patience().reaction);
  if (!frame || frame->opcode != opcode::close) return x.fail("the server did not answer the Close");
  if (!hasEndedWithin(x, x.patience().reaction)) return x.fail("the server did not end TCP");
  x.pass("the server answered the Close and ended TCP");
}

void retryAfterRefusal(Exchange& x) {
  const std::string key = randomKey();
  x.sendBytes(withHeader(x.request(key), "Sec-WebSocket-Version", "99"));
  const auto head = x.receiveHead(x.patience().reaction);
  if (!head) return x.inform("the server ended the connection without an answer");
  // A body would come between the two responses.
  const std::string length = head->value("Content-Length").value_or("0");
  if (x.hasEnded() || head->hasToken("Connection", "close") || length != "0") {
    return x.inform("the server answered " + quote(head->startLine, 100) +
                    "; the connection is not for another request");
  }
  attempt(x, {.key = key, .bytes = x.request(key), .wanted = Wanted::either});
}

void addArrival(Catalog& catalog) {
  catalog.group("14.6", "How the request arrives");
  catalog.add(
      "14.6.1", "The request comes byte by byte.", "The server accepts.", "RFC 6455, 4.2.1", [](Exchange& x) {
        const std::string key = randomKey();
        attempt(x, {.key = key, .bytes = x.request(key), .wanted = Wanted::acceptance, .chopSize = 1});
      });
  catalog.add("14.6.2", "The last byte of the request, the LF of its empty line, comes late.",
              "The server waits for it, and then accepts.", "RFC 6455, 4.2.1 and RFC 9112, 2.2", sendEndLate);
  catalog
      .add("14.6.3",
           "A text message lies behind the request in the same segment: a client that does not wait (4.1).",
           "The message is echoed, or the request refused; the message does not get lost.",
           "RFC 6455, 4.1 and 5", sendBehindRequest)
      .strictness = kRecommended;
  catalog.add("14.6.4", "A second HTTP request lies behind the first, where frames have to be.",
              "Refused; or accepted, and then the connection is failed: what comes has reserved bits set.",
              "RFC 6455, 5.2", [](Exchange& x) {
                sendTwoRequests(x);
                checkStillServing(x);
              });
  catalog
      .add("14.6.5", "A Close lies behind the request in the same segment.",
           "The server accepts, answers the Close and ends TCP; or it refuses the request.",
           "RFC 6455, 4.1 and 5.5.1", closeBehindRequest)
      .strictness = kRecommended;
  catalog
      .add("14.6.6", "The request ends in its middle, and so does our side of TCP.",
           "The server ends the connection as well, in time.", "RFC 9112, 8",
           [](Exchange& x) {
             const std::string request = x.request(randomKey());
             expectAnEnd(x, request.substr(0, request.size() / 2), true);
             checkStillServing(x);
           })
      .strictness = kRecommended;
  catalog
      .add("14.6.7", "The connection is reset in the middle of the request.",
           "The server goes on serving others.", "RFC 9112, 8",
           [](Exchange& x) {
             const std::string request = x.request(randomKey());
             x.sendBytes(request.substr(0, request.size() / 2));
             x.drop();
             x.pass("the server goes on serving others");
             checkStillServing(x);
           })
      .strictness = kRecommended;
  catalog
      .add("14.6.8", "Binary garbage with an empty line in it.", "The server refuses or ends the connection.",
           "RFC 9112, 2.2",
           [](Exchange& x) {
             expectAnEnd(x, std::string("\x16\x03\x01\x02\0\x01\0\xFF\xFE\r\n\r\n", 13), false);
             checkStillServing(x);
           })
      .strictness = kRecommended;
  catalog
      .add("14.6.9", "The preface of HTTP/2.", "The server refuses or ends the connection.", "RFC 9113, 3.4",
           [](Exchange& x) {
             expectAnEnd(x, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", false);
             checkStillServing(x);
           })
      .strictness = kRecommended;
  catalog
      .add("14.6.10", "A refused request (version 99), and then a right one on the same connection.",
           "Accepted, or the connection has ended.", "RFC 6455, 4.4", retryAfterRefusal)
      .strictness = kInformational;
}

// --- 14.7 ---

/// The server answers offers with one of them, or with none.
void offerProtocols(Exchange& x, const std::string& request, const std::string& key,
                    const std::vector<std::string>& offered) {
  x.sendBytes(request);
  const auto head = x.receiveHead(x.patience().reaction);
  if (!head) return x.fail("the server did not answer");
  if (head->status() != 101) return x.inform("the server refused: " + quote(head->startLine, 100));
  const auto chosen = head->all("Sec-WebSocket-Protocol");
  if (chosen.size() > 1) return x.fail("the server answered with more than one line Sec-WebSocket-Protocol");
  if (!chosen.empty() && std::ranges::count(offered, chosen.front()) == 0) {
    return x.fail("the server chose the subprotocol " + quote(chosen.front()) + ", which was not offered");
  }
  std::string problem = acceptanceProblem(*head, key);
  x.setOpen();
  if (problem.empty()) problem = echoProblem(x);
  if (!problem.empty()) return x.fail("the server accepted, but " + problem);
  x.finish();
  x.pass(chosen.empty() ? "the server chose no subprotocol" : "the server chose " + quote(chosen.front()));
}

using Bend = std::function<std::string(const std::string& request)>;

struct Offer {
  std::string id;
  std::string description;
  std::string expectation;
  std::string section;
  Strictness strictness;
  Wanted wanted;
  Bend bend;
};

void addOffers(Catalog& catalog) {
  catalog.group("14.7", "Subprotocols, extensions, origins");
  const auto withProtocols = [&](std::string id, std::string description, std::vector<std::string> offered,
                                 Bend bend) {
    catalog.add(
        id, std::move(description), "The server chooses one of those offered, or none.",
        "RFC 6455, 4.2.2 and 11.3.4", [offered = std::move(offered), bend = std::move(bend)](Exchange& x) {
          const std::string key = randomKey();
          offerProtocols(x, bend(withoutHeader(x.request(key), "Sec-WebSocket-Protocol")), key, offered);
        });
  };
  withProtocols("14.7.1", "No subprotocol is offered.", {},
                [](const std::string& request) { return request; });
  withProtocols("14.7.2", "Two subprotocols are offered that hardly anybody speaks.",
                {"x-wstest-one", "x-wstest-TWO"}, [](const std::string& request) {
                  return withHeader(request, "Sec-WebSocket-Protocol", "x-wstest-one, x-wstest-TWO");
                });
  withProtocols("14.7.3", "Two subprotocols are offered in two lines.", {"x-wstest-one", "x-wstest-two"},
                [](const std::string& request) {
                  return withLine(
                      request,
                      "Sec-WebSocket-Protocol: x-wstest-one\r\nSec-WebSocket-Protocol: x-wstest-two");
                });
  const std::string kLine = "Sec-WebSocket-Protocol: ", kExtension = "Sec-WebSocket-Extensions: ";
  const auto plus = [](std::string line) {
    return [line = std::move(line)](const std::string& request) { return withLine(request, line); };
  };
  const std::string kRefused = "The server refuses with an HTTP error (4xx).";
  const std::string kAny = "Accepted or refused, but not left hanging.";
  for (const Offer& each : std::vector<Offer>{
           {"14.7.4", "A subprotocol's name has a space in it, which is none of a token.", kRefused,
            "RFC 6455, 4.2.1 and 4.3", kRequired, Wanted::refusal, plus(kLine + "x wstest")},
           {"14.7.5", "The list of subprotocols is empty.", kAny, "RFC 6455, 4.3", kInformational,
            Wanted::either, plus(kLine)},
           {"14.7.6", "A subprotocol is offered twice; clients may not do so.", kAny, "RFC 6455, 4.1",
            kInformational, Wanted::either, plus(kLine + "x-wstest, x-wstest")},
           {"14.7.7", "An extension is offered that nobody knows.",
            "The server accepts, without the extension.", "RFC 6455, 4.2.2 and 9.1", kRequired,
            Wanted::acceptance, plus(kExtension + "x-wstest; a=1; b=\"two\"; c")},
           {"14.7.8", "The extensions are no list of extensions: ';'.", kRefused, "RFC 6455, 9.1", kRequired,
            Wanted::refusal, plus(kExtension + ";")},
           {"14.7.9", "An extension's parameter is quoted, and is no token inside.", kRefused,
            "RFC 6455, 9.1", kRequired, Wanted::refusal, plus(kExtension + "x-wstest; a=\"b c\"")},
           {"14.7.10", "An extension's parameter has an equals sign and no value.", kRefused, "RFC 6455, 9.1",
            kRequired, Wanted::refusal, plus(kExtension + "x-wstest; a=")},
           {"14.7.11", "An extension's parameter has a quote that does not end.", kRefused, "RFC 6455, 9.1",
            kRequired, Wanted::refusal, plus(kExtension + "x-wstest; a=\"b")},
           {"14.7.12", "The origin is 'null', as browsers send it for files.", kAny,
            "RFC 6455, 4.2.2 and 10.2", kInformational, Wanted::either, plus("Origin: null")},
           {"14.7.13", "The origin is a foreign site.", kAny, "RFC 6455, 10.2", kInformational,
            Wanted::either, plus("Origin: https://elsewhere.invalid")},
           {"14.7.14", "The origin is none.", kAny, "RFC 6454, 7.1", kInformational, Wanted::either,
            plus("Origin: ://%%%")},
           {"14.7.15", "There are two origins.", kAny, "RFC 6454, 7.3", kInformational, Wanted::either,
            plus("Origin: https://one.invalid\r\nOrigin: https://two.invalid")},
           {"14.7.16", "Cookies and other fields of no concern.", "The server accepts.", "RFC 6455, 4.2.1",
            kRecommended, Wanted::acceptance,
            plus("Cookie: a=\"1,2\"; b=; c\r\nAccept-Language: de, *;q=0.1\r\nPragma: no-cache")},
       }) {
    catalog
        .add(each.id, each.description, each.expectation, each.section,
             [wanted = each.wanted, bend = each.bend](Exchange& x) {
               const std::string key = randomKey();
               attempt(x, {.key = key, .bytes = bend(x.request(key)), .wanted = wanted});
             })
        .strictness = each.strictness;
  }
}

// --- 14.8 ---

/// Sends the beginning of a request and more of it without end, up to `most` bytes.
void sendWithoutEnd(Exchange& x, const std::string& beginning, const std::string& more, std::size_t most) {
  std::size_t sent = beginning.size();
  bool isTaken = x.sendBytes(beginning);
  while (isTaken && sent < most) {
    isTaken = x.sendBytes(more);
    sent += more.size();
    const auto head = x.receiveHead(Duration::zero());
    if (head)
      return x.pass("the server answered " + quote(head->startLine, 100) + " after " +
                    std::to_string(sent / kKiB) + " KiB");
  }
  // What it has not read yet it may still refuse.
  const auto head = x.receiveHead(x.patience().reaction);
  if (head) return x.pass("the server answered " + quote(head->startLine, 100));
  if (x.hasEnded())
    return x.pass("the server ended the connection after at most " + std::to_string(sent / kKiB) + " KiB");
  x.fail("the server took " + std::to_string(sent / kKiB) + " KiB of a request and waits for more");
}

void addSizes(Catalog& catalog) {
  catalog.group("14.8", "Large requests");
  const auto large = [&](std::string id, std::string description, std::string section, Strictness strictness,
                         Wanted wanted, Bend bend) {
    const std::string expectation =
        wanted == Wanted::acceptance
            ? "The server accepts."
            : "Accepted, or refused with an HTTP error, or dropped; not left hanging.";
    catalog
        .add(id, std::move(description), expectation, std::move(section),
             [wanted, bend = std::move(bend)](Exchange& x) {
               const std::string key = randomKey();
               attempt(x, {.key = key, .bytes = bend(x.request(key)), .wanted = wanted, .isHeavy = true});
               if (wanted != Wanted::acceptance) checkStillServing(x);
             })
        .strictness = strictness;
  };
  const auto withQuery = [](std::size_t size) {
    return [size](const std::string& request) {
      const std::string line = request.substr(0, request.find("\r\n"));
      const auto space = line.rfind(' ');
      const std::string sign = line.find('?') == std::string::npos ? "?" : "&";
      return withStartLine(
          request, line.substr(0, space) + sign + "fill=" + std::string(size, 'x') + line.substr(space));
    };
  };
  large("14.8.1", "The request line has about 7900 bytes: 8000 are to be supported.", "RFC 9112, 3",
        kRecommended, Wanted::acceptance, withQuery(7850));
  large("14.8.2", "The request's target has 70 KiB.", "RFC 9112, 3 and RFC 9110, 15.5.15", kRecommended,
        Wanted::either, withQuery(70 * kKiB));
  large("14.8.3", "One header field has 70 KiB.", "RFC 9110, 5.4", kRecommended, Wanted::either,
        [](const std::string& request) {
          return withLine(request, "X-Wstest: " + std::string(70 * kKiB, 'x'));
        });
  large("14.8.4", "There are 1000 header fields.", "RFC 9110, 5.4", kRecommended, Wanted::either,
        [](const std::string& request) {
          std::string lines = "X-Wstest-0: 0";
          for (int i = 1; i < 1000; ++i)
            lines += "\r\nX-Wstest-" + std::to_string(i) + ": " + std::to_string(i);
          return withLine(request, lines);
        });
  catalog
      .add("14.8.5", "A header field that does not end: up to 16 MiB.",
           "The server has a limit: it answers with an error, or ends the connection.",
           "RFC 9110, 5.4 and 17.5",
           [](Exchange& x) {
             const std::string request = x.request(randomKey());
             sendWithoutEnd(x,
                            request.substr(0, request.size() - 2) + "X-Wstest: ", std::string(64 * kKiB, 'x'),
                            16 * kMiB);
             checkStillServing(x);
           })
      .strictness = kRecommended;
  catalog
      .add("14.8.6", "Header fields that do not end: up to 16 MiB.",
           "The server has a limit: it answers with an error, or ends the connection.",
           "RFC 9110, 5.4 and 17.5",
           [](Exchange& x) {
             const std::string request = x.request(randomKey());
             std::string more;
             while (more.size() < 64 * kKiB) more += "X-Wstest: 1\r\n";
             sendWithoutEnd(x, request.substr(0, request.size() - 2), more, 16 * kMiB);
             checkStillServing(x);
           })
      .strictness = kRecommended;
  catalog
      .add("14.8.7", "A request line that does not end: up to 16 MiB.",
           "The server has a limit: it answers with an error, or ends the connection.",
           "RFC 9112, 3 and RFC 9110, 17.5",
           [](Exchange& x) {
             sendWithoutEnd(x, "GET /", std::string(64 * kKiB, 'x'), 16 * kMiB);
             checkStillServing(x);
           })
      .strictness = kRecommended;
}

// --- 14.9 ---

/// Opens with a right request, judges the response with `problem`, and whether the connection works.
void inspectResponse(Exchange& x, const std::function<std::string(const HttpHead&)>& problemOf) {
  const std::string key = randomKey();
  x.sendBytes(withoutHeader(x.request(key), "Sec-WebSocket-Protocol"));
  const auto head = x.receiveHead(x.patience().reaction);
  if (!head) return x.fail("the server did not answer");
  std::string problem =
      head->status() == 101 ? acceptanceProblem(*head, key) : "it is " + quote(head->startLine, 100);
  if (problem.empty()) problem = problemOf(*head);
  if (!problem.empty()) return x.fail("the response: " + problem);
  x.setOpen();
  problem = echoProblem(x);
  if (!problem.empty()) return x.fail("the server accepted, but " + problem);
  x.finish();
  x.pass("the response is as it should be, and the connection works");
}

/// Which of these header fields the response has; empty when none.
std::string unwanted(const HttpHead& head, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (!head.all(name).empty()) return std::string("it has ") + name;
  }
  return "";
}

void addResponses(Catalog& catalog) {
  catalog.group("14.9", "The server's response");
  catalog.add("14.9.1", "The response's form.",
              "A status line 'HTTP/1.1 101 …', and header fields each with a name and a colon, one "
              "Sec-WebSocket-Accept.",
              "RFC 6455, 4.2.2 and 11.3.3", [](Exchange& x) {
                inspectResponse(x, [](const HttpHead& head) -> std::string {
                  if (!head.startLine.starts_with("HTTP/1.1 101 "))
                    return "its status line is " + quote(head.startLine);
                  if (head.raw.find('\0') != std::string::npos) return "it has a NUL byte";
                  for (const auto& [name, value] : head.headers) {
                    if (!isToken(name)) return "it has a header field named " + quote(name);
                  }
                  return "";
                });
              });
  catalog.add("14.9.2", "The response's length: it has no body.",
              "Neither Content-Length nor Transfer-Encoding.", "RFC 9110, 8.6 and RFC 9112, 6.1",
              [](Exchange& x) {
                inspectResponse(x, [](const HttpHead& head) {
                  return unwanted(head, {"Content-Length", "Transfer-Encoding"});
                });
              });
  catalog.add("14.9.3", "What nobody asked for.", "Neither extensions nor a subprotocol.", "RFC 6455, 4.2.2",
              [](Exchange& x) {
                inspectResponse(x, [](const HttpHead& head) {
                  return unwanted(head, {"Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"});
                });
              });
  catalog.add("14.9.4", "Two connections with different keys.", "Each gets the answer to its own key.",
              "RFC 6455, 4.2.2", [](Exchange& x) {
                const auto second = x.another();
                if (!second->open()) return x.fail("a second connection: " + second->verdict().result);
                inspectResponse(x, [](const HttpHead&) { return std::string(); });
              });
}

}  // namespace

void addServerTransport(Catalog& catalog) {
  addArrival(catalog);
  addOffers(catalog);
  addSizes(catalog);
  addResponses(catalog);
}

}  // namespace wstest
