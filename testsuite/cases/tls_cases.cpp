// 19: WebSocket over TLS: what clients must check, what servers must refuse, and that the layers keep apart.
#include <algorithm>
#include <functional>

#include "cases/beyond.hpp"

namespace wstest {
namespace {

constexpr auto kRecommended = Strictness::recommended;
constexpr auto kInformational = Strictness::informational;

/// TLS over the case's connection. Why not, in words; empty when it stands.
std::string tlsProblem(Exchange& x, const TlsClientSettings& settings) {
  try {
    x.adopt(startTlsClient(x.release(), x.target().host, settings, Clock::now() + x.patience().reaction,
                           x.stop()));
    return "";
  } catch (const ConnectError& error) {
    return error.what();
  }
}

/// TLS within these versions, an opening handshake and an echo.
void tryVersions(Exchange& x, TlsLevel atLeast, TlsLevel atMost) {
  TlsClientSettings settings = x.target().tls;
  settings.atLeast = atLeast;
  settings.atMost = atMost;
  std::string problem = tlsProblem(x, settings);
  if (!problem.empty()) return x.fail(problem);
  if (!x.open()) return;
  problem = echoProblem(x);
  if (!problem.empty()) return x.fail(problem);
  x.finish();
  x.pass("connected with " + tlsFacts(x.stream()).value_or(TlsFacts{}).version);
}

void expectRefused(Exchange& x, TlsLevel level) {
  TlsClientSettings settings = x.target().tls;
  settings.atLeast = level;
  settings.atMost = level;
  settings.isInsecure = true;
  const std::string problem = tlsProblem(x, settings);
  problem.empty() ? x.fail("the server agreed on " + tlsFacts(x.stream()).value_or(TlsFacts{}).version)
                  : x.pass("refused: " + problem);
}

void tryServerName(Exchange& x, std::optional<std::string> name) {
  TlsClientSettings settings = x.target().tls;
  settings.serverName = std::move(name);
  // The certificate may be another one for another name.
  settings.isInsecure = true;
  const std::string problem = tlsProblem(x, settings);
  if (!problem.empty()) return x.inform("refused: " + problem);
  if (!x.open()) return;
  x.finish();
  x.inform("accepted");
}

// --- 19.1 ---

void speakPlainly(Exchange& x) {
  x.sendBytes(x.request(randomKey()));
  const auto head = x.receiveHead(x.patience().reaction);
  if (head && head->status() == 101) return x.fail("the server accepted without TLS");
  if (head) return x.pass("the server answered " + quote(head->startLine, 100));
  if (!x.hasEnded()) return x.fail("the server kept the connection for " + text(x.patience().reaction));
  x.pass("the server ended the connection");
}

void sendBrokenHello(Exchange& x) {
  // A record of a handshake that announces a ClientHello and has nonsense in it.
  x.sendBytes(std::string("\x16\x03\x01\x00\x10\x01\x00\x00\x0C", 9) + std::string(12, '\xFF'));
  if (!hasEndedWithin(x, x.patience().reaction)) return x.fail("the server kept the connection");
  x.pass("the server ended the connection");
}

void stayJustConnected(Exchange& x) {
  x.pass("others are served meanwhile");
  checkStillServing(x);
}

void renegotiateOnce(Exchange& x) {
  TlsClientSettings settings = x.target().tls;
  settings.atMost = TlsLevel::tls12;
  settings.atLeast = TlsLevel::tls12;
  const std::string problem = tlsProblem(x, settings);
  if (!problem.empty()) return x.unimplemented("no TLS 1.2, and so no renegotiation: " + problem);
  if (!x.open()) return;
  switch (renegotiate(x.stream(), Clock::now() + x.patience().reaction, x.stop())) {
    case Renegotiation::refused:
      return x.pass("the server refused");
    case Renegotiation::notPossible:
      return x.pass("the server does not support renegotiation");
    case Renegotiation::done:
      break;
  }
  const std::string afterwards = echoProblem(x);
  if (!afterwards.empty()) return x.fail("the server renegotiated, and then " + afterwards);
  x.finish();
  x.nonStrict("the server renegotiated because a client asked for it, which costs it more than the client");
}

/// Case of the server's TLS, which the case starts itself.
Case& addForServers(Catalog& catalog, std::string id, std::string description, std::string expectation,
                    std::string section, Strictness strictness, std::function<void(Exchange&)> run) {
  Case& made = catalog.add(id, std::move(description), std::move(expectation), std::move(section),
                           [run = std::move(run)](Exchange& x) {
                             run(x);
                             checkStillServing(x);
                           });
  made.strictness = strictness;
  made.tests = Tests::servers;
  made.opening = Opening::tcp;
  return made;
}

void addServers(Catalog& catalog) {
  catalog.group("19.1", "TLS of servers");
  addForServers(catalog, "19.1.1", "TLS 1.3 only.", "The server speaks it.", "RFC 9325, 3.1.1", kRecommended,
                [](Exchange& x) { tryVersions(x, TlsLevel::tls13, TlsLevel::tls13); });
  addForServers(catalog, "19.1.2", "TLS 1.2 only.", "The server speaks it.", "RFC 9325, 3.1.1", kRecommended,
                [](Exchange& x) { tryVersions(x, TlsLevel::tls12, TlsLevel::tls12); });
  addForServers(catalog, "19.1.3", "TLS 1.1 only.", "The server refuses.", "RFC 8996, 5", kRecommended,
                [](Exchange& x) { expectRefused(x, TlsLevel::tls11); });
  addForServers(catalog, "19.1.4", "TLS 1.0 only.", "The server refuses.", "RFC 8996, 4", kRecommended,
                [](Exchange& x) { expectRefused(x, TlsLevel::tls10); });
  addForServers(catalog, "19.1.5", "The client does not name the server (no SNI).", "Up to the server.",
                "RFC 6066, 3", kInformational, [](Exchange& x) { tryServerName(x, std::nullopt); });
  addForServers(catalog, "19.1.6", "The client asks for another server (SNI).", "Up to the server.",
                "RFC 6066, 3 and RFC 6455, 4.2.2", kInformational,
                [](Exchange& x) { tryServerName(x, "elsewhere.invalid"); });
  addForServers(catalog, "19.1.7", "A handshake without TLS at the port for TLS.",
                "An HTTP error, or the end of the connection.", "RFC 6455, 4.2.2", Strictness::required,
                speakPlainly);
  addForServers(catalog, "19.1.8", "A broken ClientHello.", "An alert or not, and the end of the connection.",
                "RFC 8446, 6.2", kRecommended, sendBrokenHello);
  addForServers(catalog, "19.1.9", "A connection that does not begin TLS.", "Others are served meanwhile.",
                "RFC 6455, 10.4", kRecommended, stayJustConnected);
  addForServers(catalog, "19.1.10", "The client asks for renegotiation (TLS 1.2).", "The server refuses.",
                "RFC 9325, 3.5 and RFC 5746", kRecommended, renegotiateOnce);
}

// --- 19.2 ---

/// TCP ends without close_notify while a message is under way: nobody may take what there is for the whole.
void truncate(Exchange& x, const std::vector<Frame>& frames, std::size_t cutOff) {
  std::string bytes;
  for (const Frame& frame : frames) bytes += encodeFrame(frame, x.testsServer(), 0x12345678);
  x.sendBytes(std::string_view(bytes).substr(0, bytes.size() - cutOff));
  x.stream().endWriting(true);
  while (const auto frame = x.receiveFrame(x.patience().reaction)) {
    if (!opcode::isControl(frame->opcode)) return x.fail("the peer echoed a message that was cut off");
  }
  if (!x.hasEnded()) return x.fail("the peer keeps the connection");
  x.pass("the peer ended the connection");
  checkStillServing(x);
}

/// RFC 8446, 6.1: who ends its side says so.
void expectCloseNotify(Exchange& x) {
  x.send(Frame{.opcode = opcode::close, .payload = "\x03\xE8"});
  const auto answer = x.receiveFrame(x.patience().reaction);
  if (!answer || answer->opcode != opcode::close) return x.fail("our Close was not answered");
  if (!x.testsServer()) x.stream().endWriting();
  if (!hasEndedWithin(x, x.patience().reaction)) return x.fail("the peer did not end the connection");
  x.ended() == Io::end ? x.pass("close_notify came") : x.nonStrict("TCP ended without close_notify");
}

void addBoth(Catalog& catalog) {
  catalog.group("19.2", "TLS and what it carries");
  catalog.add("19.2.1", "A message in TLS records of one byte.", "It is echoed.", "RFC 8446, 5.1",
              [](Exchange& x) {
                x.sendMessage(letters(500, 500), false, 0, 1);
                expectEcho(x, letters(500, 500));
              });
  catalog.add("19.2.2", "A message of 1 MiB: in many records.", "It is echoed.", "RFC 8446, 5.1",
              [](Exchange& x) {
                const std::string payload = letters(1 << 20, 1 << 20);
                x.sendMessage(payload, true);
                expectEcho(x, payload, true);
              });
  catalog.add("19.2.3", "TCP ends without close_notify in the middle of a frame.",
              "The message is not taken for a whole one; the peer ends the connection.",
              "RFC 8446, 6.1 and RFC 6455, 5.2",
              [](Exchange& x) { truncate(x, {Frame{.payload = "this is cut off"}}, 6); });
  catalog.add("19.2.4", "TCP ends without close_notify between the fragments of a message.",
              "The message is not taken for a whole one; the peer ends the connection.",
              "RFC 8446, 6.1 and RFC 6455, 5.4", [](Exchange& x) {
                truncate(x,
                         {Frame{.payload = "this", .fin = false},
                          Frame{.opcode = opcode::continuation, .payload = " is cut off", .fin = false}},
                         0);
              });
  catalog
      .add("19.2.5", "After the closing handshake: how does the peer end TLS?", "With close_notify.",
           "RFC 8446, 6.1", expectCloseNotify)
      .strictness = kRecommended;
}

// --- 19.3 ---

bool isAddress(std::string_view host) {
  return host.find_first_not_of("0123456789.") == std::string_view::npos ||
         host.find(':') != std::string_view::npos;
}

void inspectServerName(Exchange& x) {
  const auto named = tlsFacts(x.stream()).value_or(TlsFacts{}).requestedName;
  const std::string authority = x.clientRequest().value("Host").value_or("");
  const std::string host = authority.starts_with('[') ? authority.substr(0, authority.find(']'))
                                                      : authority.substr(0, authority.find(':'));
  if (x.open()) x.finish();
  if (named && isAddress(*named))
    return x.fail("the client sent an address as its server's name: " + quote(*named));
  if (named && *named != host)
    return x.nonStrict("the client asked for " + quote(*named) + ", and then for " + quote(host));
  if (!named && isAddress(host)) return x.inform("the client was given an address: there is no name to send");
  if (!named) return x.fail("the client did not send the name " + quote(host));
  x.pass("the client sent " + quote(*named));
}

void addClients(Catalog& catalog) {
  catalog.group("19.3", "TLS of clients");
  Case& named =
      catalog.add("19.3.1", "The name of the server in the client's TLS handshake (SNI).",
                  "The host's name, never an address.", "RFC 6455, 4.1 and RFC 6066, 3", inspectServerName);
  named.tests = Tests::clients;
  named.opening = Opening::byCase;
  const auto refuse = [&](std::string id, Presents presents, std::string description, std::string section,
                          std::string words) {
    Case& made =
        catalog.add(id, std::move(description), "The client refuses, and sends no request.",
                    std::move(section), [words = std::move(words)](Exchange& x) {
                      x.fail("the client accepted a certificate " + words + ", and sent its request");
                      x.drop();
                    });
    made.tests = Tests::clients;
    made.opening = Opening::byCase;
    made.presents = presents;
  };
  const std::string section = "RFC 6455, 4.1 and RFC 9525, 6";
  refuse("19.3.2", Presents::otherHost, "The server's certificate is for another host.", section,
         "for another host");
  refuse("19.3.3", Presents::unknownAuthority, "The server's certificate is signed by somebody unknown.",
         "RFC 6455, 4.1 and RFC 5280, 6.1", "of an unknown authority");
  refuse("19.3.4", Presents::expired, "The server's certificate has expired.",
         "RFC 6455, 4.1 and RFC 5280, 6.1.3", "that has expired");
  Case& version = catalog.add("19.3.5", "The version of TLS that the client agrees on.", "1.2 or 1.3.",
                              "RFC 8996, 4 and 5", [](Exchange& x) {
                                const auto facts = tlsFacts(x.stream());
                                if (x.open()) x.finish();
                                x.inform(facts ? facts->version + ", " + facts->cipher : "no TLS");
                              });
  version.tests = Tests::clients;
  version.opening = Opening::byCase;
  version.strictness = kInformational;
}

}  // namespace

void addTls(Catalog& catalog) {
  const std::size_t before = catalog.cases.size();
  catalog.group("19", "TLS");
  addServers(catalog);
  addBoth(catalog);
  addClients(catalog);
  for (std::size_t i = before; i < catalog.cases.size(); ++i) catalog.cases[i].needsTls = true;
}

}  // namespace wstest
