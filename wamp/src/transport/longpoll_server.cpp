#include "longpoll_server.hpp"

#include <array>
#include <autobahn/util/crypto.hpp>
#include <autobahn/util/log.hpp>
#include <autobahn/util/random.hpp>
#include <autobahn/wamp/payload.hpp>
#include <autobahn/wamp/value.hpp>
#include <autobahn/websocket/forwarded.hpp>
#include <utility>
#include <vector>

#include "url_scheme.hpp"

namespace autobahn::inline v0::wamp {
namespace {

namespace http = websocket::http;

constexpr util::Logger kLog{"autobahn.wamp"};
/// Octets of an `open`, which names protocols only.
constexpr std::size_t kMaxOpenSize = 4096;

/// 128 bits nobody can guess: who knows it owns the transport.
std::string newTransportId() {
  std::array<char, 16> bytes;
  util::randomBytes(bytes);
  return util::hexEncode({bytes.data(), bytes.size()});
}

void add(http::Headers& headers, const http::Headers& more) {
  for (const auto& [name, value] : more) headers.add(name, value);
}

/// What a page of an origin that is welcome needs to read the answer (Fetch, "CORS protocol"). Clients send
/// their cookies along, which "*" would not do for.
http::Headers corsHeaders(const http::Request& request) {
  http::Headers headers{{"Cache-Control", "no-store"}};
  const std::string* const origin = request.headers.find("Origin");
  if (origin == nullptr) return headers;
  headers.add("Access-Control-Allow-Origin", *origin);
  headers.add("Access-Control-Allow-Credentials", "true");
  headers.add("Vary", "Origin");
  return headers;
}

http::Response preflightAnswer() {
  http::Response response = emptyAnswer();
  response.headers.add("Access-Control-Allow-Methods", "POST, OPTIONS");
  response.headers.add("Access-Control-Allow-Headers", "Content-Type");
  response.headers.add("Access-Control-Max-Age", "600");
  return response;
}

asio::awaitable<http::Response> withHeaders(asio::awaitable<http::Response> answer, http::Headers headers) {
  http::Response response = co_await std::move(answer);
  add(response.headers, headers);
  co_return response;
}

}  // namespace

LongPollServer::LongPollServer(util::EventLoop& loop, std::string base, LongPollOptions options,
                               SerializerSet serializers, websocket::ServerOptions web,
                               TransportHandlerFactory makeHandler)
    : loop_(loop),
      base_(std::move(base)),
      options_(options),
      serializers_(std::move(serializers)),
      web_(std::move(web)),
      makeHandler_(std::move(makeHandler)) {
  options_.validate();
  while (base_.ends_with('/')) base_.pop_back();
}

bool LongPollServer::serves(const http::Request& request) const {
  const std::string_view path = withoutQuery(request.target);
  return path.starts_with(base_) && (path.size() == base_.size() || path[base_.size()] == '/');
}

websocket::HttpDecision LongPollServer::answer(const http::Request& request,
                                               const websocket::TransportDetails& network) {
  const std::string* const origin = request.headers.find("Origin");
  if (origin != nullptr && !web_.allowsOrigin(*origin)) {
    return plainAnswer(403, "this origin may not connect here");
  }
  http::Headers headers = corsHeaders(request);
  const auto now = [&headers](http::Response response) {
    add(response.headers, headers);
    return response;
  };
  if (request.method == "OPTIONS") return now(preflightAnswer());
  if (request.method != "POST") {
    headers.add("Allow", "POST, OPTIONS");
    return now(plainAnswer(405, "this is for long-poll clients of WAMP, which POST"));
  }
  const std::string_view path = withoutQuery(request.target).substr(base_.size());
  if (path == "/open") return now(open(request, network));
  const std::size_t slash = path.rfind('/');
  const std::string_view action = slash == path.npos ? std::string_view() : path.substr(slash + 1);
  const auto found = transports_.find(std::string(path.substr(0, slash)));
  if (found == transports_.end()) {
    // After GOODBYE the router may have closed first: Autobahn|JS waits for this to succeed.
    return now(action == "close" ? emptyAnswer() : plainAnswer(404, "there is no such transport"));
  }
  const auto transport = found->second;  // it may end within
  websocket::HttpDecision decision = use(*transport, action, request);
  if (decision.isReady()) return now(decision.takeValue());
  return withHeaders(decision.takeAwaitable(), std::move(headers));
}

websocket::HttpDecision LongPollServer::use(LongPollTransport& transport, std::string_view action,
                                            const http::Request& request) {
  if (action == "receive") return transport.fetch();
  if (action == "send") return transport.takeSent(request.body);
  if (action == "close") return transport.closeByClient();
  return plainAnswer(404, "a transport has receive, send and close");
}

// ---- Opening

/// The first protocol of the client's that is spoken here; or nullptr and what is wrong.
std::unique_ptr<Serializer> LongPollServer::choose(const std::string& body, std::string& problem) const {
  problem = "the body is no JSON object with a list \"protocols\"";
  if (body.size() > kMaxOpenSize) return nullptr;
  try {
    const Payload payload = Payload::encoded(Encoding::json, "[" + body + "]");
    if (payload.args().size() != 1 || !payload.args()[0].isDict()) return nullptr;
    const Value* const protocols = payload.args()[0].find("protocols");
    if (protocols == nullptr || !protocols->isList()) return nullptr;
    for (const Value& each : protocols->asList()) {
      if (!each.isString()) return nullptr;
      if (auto serializer = serializers_.makeForSubprotocol(each.asString())) return serializer;
    }
  } catch (const SerializationError&) {
    return nullptr;
  }
  problem = "none of the protocols is spoken here:";
  for (const std::string& each : serializers_.subprotocols()) problem += ' ' + each;
  return nullptr;
}

/// Counts a transport of `address`, unless there are too many.
bool LongPollServer::admit(const std::string& address) {
  using Verdict = util::Admission::Verdict;
  if (admission_.enter(options_.maxTransports) != Verdict::welcome) {
    admission_.leave();
    return false;
  }
  if (address.empty() ||
      admission_.enterAddress(address, options_.maxTransportsPerAddress) == Verdict::welcome) {
    return true;
  }
  admission_.leaveAddress(address);
  admission_.leave();
  return false;
}

void LongPollServer::leave(const std::string& id, const std::string& address) {
  transports_.erase('/' + id);
  if (!address.empty()) admission_.leaveAddress(address);
  admission_.leave();
  tellIfDrained();
}

http::Response LongPollServer::open(const http::Request& request, websocket::TransportDetails network) {
  if (isClosed_) return plainAnswer(503, "the server is going away");
  std::string problem;
  auto serializer = choose(request.body, problem);
  if (!serializer) return plainAnswer(400, problem);
  if (auto client = websocket::forwardedFor(request.headers, web_.trustXForwardedFor); !client.empty()) {
    network.peerAddress = std::move(client);
  }
  const std::string address = network.peerAddress;
  if (!admit(address)) return plainAnswer(503, "too many transports");
  const std::string id = newTransportId();
  const std::string protocol = serializer->subprotocol();
  const auto transport =
      std::make_shared<LongPollTransport>(loop_, options_, std::move(serializer), makeHandler_(), network,
                                          [weak = weak_from_this(), id, address] {
                                            if (const auto self = weak.lock()) self->leave(id, address);
                                          });
  transports_.emplace('/' + id, transport);
  kLog.debug("long-poll transport open", {{"peer", network.peer}, {"protocol", protocol}});
  transport->start();
  http::Response response;
  response.headers.add("Content-Type", "application/json; charset=utf-8");
  response.body = R"({"protocol":")" + protocol + R"(","transport":")" + id + R"("})";
  return response;
}

// ---- The end

void LongPollServer::drain(std::chrono::milliseconds linger, std::function<void()> done) {
  isClosed_ = true;
  drained_.push_back(std::move(done));
  const auto present = transports_;
  for (const auto& each : present) each.second->goAway(linger);
  tellIfDrained();
}

void LongPollServer::tellIfDrained() {
  if (!transports_.empty()) return;
  for (const auto& done : std::exchange(drained_, {})) done();
}

void LongPollServer::shutDown() {
  isClosed_ = true;
  drained_.clear();
  const auto present = transports_;
  for (const auto& each : present) each.second->terminate("server stopped");
}

}  // namespace autobahn::inline v0::wamp
