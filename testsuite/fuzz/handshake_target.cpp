// The opening handshake: a server's judgement of any request, a client's of any answer, and what our client
// asks for. What one end of ours accepts, the other one does too.
#include <algorithm>
#include <autobahn/util/crypto.hpp>
#include <autobahn/websocket/engine.hpp>

#include "choices.hpp"
#include "target.hpp"
#include "websocket/src/handshake.hpp"

namespace autobahn::fuzz {
namespace {

using namespace websocket;
using http::ParseStatus;

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

struct Server {
  ServerOptions options;
  ServerIdentity identity;
};

Server readServer(Choices& choices) {
  static const std::vector<std::vector<std::string>> kOrigins = {
      {"*"}, {"https://example.com"}, {"http://*.example.com:8080", "https://a*b*c:*"}, {"*://localhost:*"},
      {},    {"http://[::1]"}};
  const unsigned flags = choices.byte();
  Server server;
  server.options.allowedOrigins = kOrigins[choices.below(kOrigins.size())];
  server.options.allowNullOrigin = (flags & 1) != 0;
  if ((flags & 2) != 0) server.options.versions = {13};
  if ((flags & 4) != 0) server.options.perMessageCompressionAccept = acceptPerMessageDeflate();
  server.options.trustXForwardedFor = static_cast<int>(flags >> 3 & 3);
  if ((flags & 0x20) != 0) server.options.maxHandshakeSize = 300;
  if ((flags & 0x40) != 0) server.identity.externalPort = 8080;
  server.identity.isSecure = (flags & 0x80) != 0;
  server.identity.server = "fuzzed";
  server.identity.protocols = {"wamp.2.json", "chat"};
  return server;
}

std::optional<http::Request> readRequest(std::string_view text, std::string_view* behind = nullptr) {
  http::RequestParser parser;
  if (parser.feed(text) != ParseStatus::complete) return std::nullopt;
  if (behind != nullptr) *behind = text;
  return std::move(parser.request());
}

// ---- A server, any request

void checkRefusal(const http::Response& refused) {
  require(refused.status >= 400 && refused.status <= 599 && !refused.body.empty(),
          "a refusal without status or reason");
  require(!refused.keepAlive, "a connection that was refused goes on");
  http::ResponseParser parser;
  const std::string text = http::serialize(refused);
  std::string_view rest = text;
  require(parser.feed(rest) == ParseStatus::complete && rest.empty(), "a refusal that is no answer");
  require(parser.response().status == refused.status && !parser.response().keepAlive, "another refusal");
}

// '*' matches any run: tried in every way.
bool matches(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() != '*')
    return !text.empty() && text.front() == pattern.front() && matches(text.substr(1), pattern.substr(1));
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (matches(text.substr(i), pattern.substr(1))) return true;
  }
  return false;
}

// What is allowed by a pattern without a port is so with the scheme's own.
void checkOrigin(const std::string& origin, const ServerOptions& options) {
  if (origin == "null")
    return require(options.allowNullOrigin || options.allowedOrigins.front() == "*", "null is let in");
  std::string text = origin;
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const bool matchesOne = std::ranges::any_of(options.allowedOrigins, [&](const std::string& pattern) {
    for (const std::string& spelled : {text, text + ":80", text + ":443"}) {
      for (const std::string& wanted : {pattern, pattern + ":80", pattern + ":443"}) {
        if (matches(spelled, wanted)) return true;
      }
    }
    return false;
  });
  require(matchesOne, "an origin is let in that matches no pattern: " + origin);
}

// RFC 6455 section 4.2.1, once more.
void checkAccepted(const http::Request& request, const Server& server, const ConnectionRequest& out) {
  const Headers& headers = request.headers;
  require(request.method == "GET" && request.minorVersion == 1 && request.body.empty(),
          "not a GET of HTTP/1.1 without a body");
  require(http::listContains(headers, "Upgrade", "websocket") &&
              http::listContains(headers, "Connection", "upgrade"),
          "nobody asked for an upgrade");
  require(headers.count("Host") == 1 && headers.count("Sec-WebSocket-Key") == 1 &&
              headers.count("Sec-WebSocket-Version") == 1,
          "a header is there more than once, or not");
  const auto key = util::base64Decode(headers.get("Sec-WebSocket-Key"));
  require(!key || key->size() == 16, "a key of another size");
  require(std::ranges::count(server.options.versions, out.version) == 1, "a version that is not spoken");
  require(server.identity.externalPort == 0 || out.port == server.identity.externalPort, "another port");
  require(out.path.starts_with('/') && !out.host.empty(), "no path or no host");
  if (!out.origin.empty()) checkOrigin(out.origin, server.options);
  if (server.options.trustXForwardedFor == 0)
    require(out.forwardedFor.empty(), "X-Forwarded-For is believed");
  require(out.forwardedFor.find_first_of("\r\n, ") == std::string::npos,
          "not one address: " + out.forwardedFor);
}

// What we answer to it, our client takes, when it is what our client has asked for.
void checkAnswer(const ConnectionRequest& request, const Server& server) {
  const auto compression = negotiateServer(request, server.options);
  ConnectionAccept accept;
  accept.subprotocol = chooseSubprotocol(request, server.identity.protocols);
  accept.headers.add("X-Fuzz", "1");
  const std::string text = buildAccept(request, server.identity, accept, compression);
  http::ResponseParser parser;
  std::string_view rest = text;
  require(parser.feed(rest) == ParseStatus::complete && rest.empty(), "an answer that cannot be read");
  ClientOptions options;
  for (const ExtensionOffer& extension : request.extensions) {
    std::string error;
    const auto offer = PerMessageDeflateOffer::parse(extension, error);
    if (offer) options.perMessageCompressionOffers.push_back(*offer);
  }
  ClientRequest asked;
  asked.protocols = request.protocols;
  ConnectionResponse response;
  std::optional<PerMessageDeflateParameters> agreed;
  const std::string problem = checkResponse(parser.response(), asked, options,
                                            request.headers.get("Sec-WebSocket-Key"), response, agreed);
  require(problem.empty(), "our client refuses our answer: " + problem);
  require(response.protocol == accept.subprotocol, "another subprotocol");
  require(agreed.has_value() == compression.has_value(), "compression for one end only");
}

void tryServer(Choices& choices) {
  const Server server = readServer(choices);
  const auto request = readRequest(choices.rest());
  if (!request) return;
  ConnectionRequest out;
  if (const auto refused = checkRequest(*request, server.options, server.identity, out))
    return checkRefusal(*refused);
  require(wantsWebSocket(*request), "it does not want a WebSocket");
  checkAccepted(*request, server, out);
  checkAnswer(out, server);
}

// ---- A client, any answer

void tryClient(Choices& choices) {
  const unsigned flags = choices.byte();
  ClientOptions options;
  if ((flags & 1) != 0) options.perMessageCompressionOffers.emplace_back();
  if ((flags & 2) != 0)
    options.perMessageCompressionOffers.push_back(
        {.acceptMaxWindowBits = false, .requestNoContextTakeover = true});
  ClientRequest request;
  if ((flags & 4) != 0) request.protocols = {"chat", "superchat"};
  http::ResponseParser parser;
  std::string_view text = choices.rest();
  if (parser.feed(text) != ParseStatus::complete) return;
  ConnectionResponse out;
  std::optional<PerMessageDeflateParameters> agreed;
  const http::Response& response = parser.response();
  const std::string problem = checkResponse(response, request, options, kKey, out, agreed);
  if (!problem.empty()) {
    return require(std::ranges::none_of(problem, [](char c) { return c == '\r' || c == '\n' || c == '\0'; }),
                   "an error that breaks a line");
  }
  require(response.status == 101 &&
              response.headers.get("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
          "an answer to somebody else is accepted");
  require(out.protocol.empty() || std::ranges::count(request.protocols, out.protocol) == 1,
          "a subprotocol nobody asked for");
  require(out.extensions.size() <= (options.perMessageCompressionOffers.empty() ? 0 : 1),
          "extensions nobody asked for");
  require(agreed.has_value() == !out.extensions.empty(), "an extension without its parameters");
}

// ---- A client's request from any words

// As a header's value arrives.
std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

void tryRequest(Choices& choices) {
  ClientRequest asked;
  const unsigned flags = choices.byte();
  asked.isSecure = (flags & 1) != 0;
  asked.port = static_cast<std::uint16_t>(choices.byte() * 257);
  asked.host = choices.line();
  asked.resource = choices.line();
  asked.origin = choices.line();
  asked.useragent = choices.line();
  for (std::size_t i = flags >> 1 & 3; i > 0; --i) asked.protocols.emplace_back(choices.line());
  ClientOptions options;
  if ((flags & 8) != 0) options.version = 8;
  if ((flags & 16) != 0) options.perMessageCompressionOffers.emplace_back();
  if ((flags & 32) != 0) {
    const std::string name(choices.line());
    asked.headers.add(name, std::string(choices.rest()));
  }
  std::string text;
  try {
    text = buildRequest(asked, options, kKey);
  } catch (const std::invalid_argument& error) {
    return require(!std::string_view(error.what()).empty(), "refused without a reason");
  }
  std::string_view behind;
  const auto request = readRequest(text, &behind);
  require(request.has_value() && behind.empty(), "not one request: " + text);
  require(request->target == asked.resource && request->headers.get("User-Agent") == trimmed(asked.useragent),
          "something slipped in");
  const std::size_t own = 5U + !asked.protocols.empty() + !asked.origin.empty() + !asked.useragent.empty() +
                          !options.perMessageCompressionOffers.empty() + asked.headers.size();
  require(request->headers.size() == own, "a header slipped in");
  ConnectionRequest out;
  const auto refused = checkRequest(*request, ServerOptions{}, ServerIdentity{}, out);
  if (refused) {
    // What we ask for is the application's: a path may be one that servers do not take, a header too.
    const bool isTheirs = refused->body.starts_with("path ") || !asked.headers.empty();
    return require(isTheirs, "our server refuses our client: " + refused->body);
  }
  require(out.host == asked.host && out.protocols == asked.protocols && out.origin == trimmed(asked.origin),
          "another request arrives");
}

// ---- The engine, whole and in pieces

std::string runEngine(const Server& server, std::string_view text, std::uint32_t how) {
  Engine engine(std::make_shared<ServerOptions>(server.options),
                std::make_shared<ServerIdentity>(server.identity));
  engine.setTime(Engine::TimePoint{} + std::chrono::hours(1));
  Cuts cuts(how);
  std::string log;
  while (!text.empty() && engine.state() == State::connecting) {
    const ExactBytes piece(text.substr(0, cuts.next(text.size())));
    text.remove_prefix(piece.view().size());
    engine.feed({piece.data(), piece.view().size()});
    for (Event event = engine.next(); event.type != EventType::none; event = engine.next()) {
      log += std::to_string(static_cast<int>(event.type)) + '\n';
      if (event.type == EventType::httpRequest) engine.respond({.body = engine.httpRequest().target});
      if (event.type == EventType::connect) engine.accept({});
      if (event.type == EventType::open) break;
    }
  }
  while (!engine.output().empty()) {
    log += engine.output().front();
    engine.output().consume(engine.output().front().size());
  }
  return log + engine.wasNotCleanReason();
}

void tryEngineOpening(Choices& choices) {
  const Server server = readServer(choices);
  const std::uint32_t seed = choices.byte();
  const std::string_view text = choices.rest();
  const std::string whole = runEngine(server, text, 0);
  for (const std::uint32_t cuts : {1U, 2U + seed}) {
    require(runEngine(server, text, cuts) == whole, "in pieces it ends differently");
  }
}

}  // namespace

void tryHandshake(std::string_view input) {
  Choices choices(input);
  switch (choices.below(4)) {
    case 0:
      return tryServer(choices);
    case 1:
      return tryClient(choices);
    case 2:
      return tryRequest(choices);
    default:
      return tryEngineOpening(choices);
  }
}

}  // namespace autobahn::fuzz
