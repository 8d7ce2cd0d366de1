#include "longpoll_client.hpp"

#include <autobahn/util/endpoint_url.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/tls.hpp>
#include <autobahn/wamp/payload.hpp>
#include <autobahn/websocket/client.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http_poster.hpp"
#include "serialized_transport.hpp"

namespace autobahn::inline v0::wamp {
namespace {

namespace http = websocket::http;

constexpr util::UrlFamily kLongPoll{"long-poll", "http", "https"};
/// How long a server may keep a request that waits for messages, beyond TransportConfig::timeout.
constexpr std::chrono::seconds kPollWait{60};
/// Octets put into one request of a batched serializer: a server's bodies have a limit, often 1 MiB.
constexpr std::size_t kMostInBatch = std::size_t{256} << 10;
constexpr char kJson[] = "application/json; charset=utf-8";

std::string describe(const http::Response& response) {
  std::string text = "HTTP status " + std::to_string(response.status);
  const std::string_view line = std::string_view(response.body).substr(0, response.body.find('\n'));
  if (!line.empty() && line.size() <= 200 && http::isFieldValue(line)) text += ": " + std::string(line);
  return text;
}

/// What a server's `open` gives.
struct Opened {
  std::string protocol;
  std::string transport;
};

std::optional<Opened> parseOpened(const std::string& body) {
  try {
    const Payload payload = Payload::encoded(Encoding::json, "[" + body + "]");
    if (payload.args().size() != 1 || !payload.args()[0].isDict()) return std::nullopt;
    const Value* const protocol = payload.args()[0].find("protocol");
    const Value* const transport = payload.args()[0].find("transport");
    const bool isGood = protocol != nullptr && protocol->isString() && transport != nullptr &&
                        transport->isString() && !transport->asString().empty();
    if (!isGood) return std::nullopt;
    return Opened{protocol->asString(), transport->asString()};
  } catch (const SerializationError&) {
    return std::nullopt;
  }
}

std::shared_ptr<const PostTarget> targetOf(const TransportConfig& config) {
  const util::EndpointUrl url = util::parseEndpointUrl(kLongPoll, config.url);
  if (url.resource.find('?') != std::string::npos) util::failUrl(kLongPoll, "a query is not possible");
  auto target = std::make_shared<PostTarget>();
  target->dial.host = url.host;
  target->dial.port = url.port;
  target->dial.unixPath = url.unixPath;
  target->dial.proxy = config.proxy;
  if (url.isSecure) {
    const util::TlsOptions tls = config.tls.value_or(util::TlsOptions{});
    target->dial.tls = util::TlsContext::client(tls);
    target->dial.serverName = tls.serverName.empty() ? url.host : tls.serverName;
  }
  target->host = url.host.find(':') == std::string::npos ? url.host : '[' + url.host + ']';
  if (url.port != 0) target->host += ':' + std::to_string(url.port);
  target->path = url.resource;
  while (target->path.ends_with('/')) target->path.pop_back();
  target->headers.add("User-Agent", websocket::WebSocketClientFactory::defaultUserAgent());
  for (const auto& [name, value] : config.headers) target->headers.add(name, value);
  target->timeout = config.timeout;
  // As large as WebSocket's messages; of a batch, all together.
  const std::size_t most = config.websocket.maxMessagePayloadSize;
  target->maxBodySize = most == 0 ? SIZE_MAX : most;
  return target;
}

/// Sends one request at a time, in order; one more request waits for the server's messages.
class LongPollClientTransport final : public SerializedTransport {
 public:
  LongPollClientTransport(asio::io_context& io, std::shared_ptr<const PostTarget> target,
                          std::unique_ptr<HttpPoster> sender, const Opened& opened,
                          std::unique_ptr<Serializer> serializer, std::shared_ptr<TransportHandler> handler,
                          std::string url)
      : SerializedTransport(std::move(serializer), std::move(handler), io.get_executor()),
        loop_(util::AsioLoop::of(io)),
        path_('/' + http::percentEncode(opened.transport)),
        sender_(std::move(sender)),
        receiver_(std::make_unique<HttpPoster>(io, std::move(target))) {
    details_.type = "longpoll";
    details_.url = std::move(url);
    details_.protocol = opened.protocol;
    details_.serializer = this->serializer()->id();
    details_.network = sender_->network();
  }

  TransportDetails details() const override { return details_; }
  std::string getChannelId(std::string_view /*type*/) const override { return {}; }

  void start() {
    const auto guard = shared_from_this();
    opened();
    if (isOpen()) fetch();
  }
  /// Its connection object goes.
  void giveUp() { finish(false, "the connection was given up"); }

 protected:
  bool sendBytes(std::string_view bytes, bool /*isBinary*/) override {
    if (!sender_) return false;
    queue_.emplace_back(bytes);
    sendLater();
    return true;
  }
  void closeConnection() override {
    closes_ = true;
    receiver_.reset();
    sendLater();
  }
  void abortConnection() override {
    drop();
    later([](LongPollClientTransport& self) { self.finish(false, "aborted by this end"); });
  }
  void failConnection(const std::string& problem) override {
    problem_ = problem;
    closeConnection();
  }

 private:
  template <class Function>
  void later(Function function) {
    loop_.post([self = std::static_pointer_cast<LongPollClientTransport>(shared_from_this()), function] {
      function(*self);
    });
  }
  std::weak_ptr<LongPollClientTransport> weak() {
    return std::static_pointer_cast<LongPollClientTransport>(shared_from_this());
  }
  void drop() {
    sender_.reset();
    receiver_.reset();
  }
  void finish(bool wasClean, const std::string& reason) {
    const auto guard = shared_from_this();
    drop();
    ended(wasClean, reason);
  }

  /// Messages of one turn may share a request.
  void sendLater() {
    if (std::exchange(isSendDue_, true)) return;
    later([](LongPollClientTransport& self) {
      self.isSendDue_ = false;
      self.sendNext();
    });
  }
  void sendNext();
  void sent(const std::string& problem, const http::Response& response);
  void fetch();
  void fetched(const std::string& problem, const http::Response& response);

  util::EventLoop& loop_;
  std::string path_;
  std::unique_ptr<HttpPoster> sender_;  ///< null once it is over
  std::unique_ptr<HttpPoster> receiver_;
  TransportDetails details_;
  std::deque<std::string> queue_;
  std::string problem_;  ///< why this end closes, if the server is to blame
  bool isSendDue_ = false;
  bool closes_ = false;
};

void LongPollClientTransport::sendNext() {
  if (!sender_ || sender_->isBusy()) return;
  if (queue_.empty()) {
    if (!closes_) return;
    return sender_->post(path_ + "/close", {}, {}, {}, [weak = weak()](const std::string&, http::Response) {
      const auto self = weak.lock();
      // Whatever it says: the server forgets transports that nobody asks for.
      if (self)
        self->finish(self->problem_.empty(), self->problem_.empty() ? "closed by this end" : self->problem_);
    });
  }
  std::string body = std::move(queue_.front());
  queue_.pop_front();
  const bool isBatched = details_.serializer.ends_with(".batched");
  while (isBatched && !queue_.empty() && body.size() + queue_.front().size() <= kMostInBatch) {
    body += queue_.front();
    queue_.pop_front();
  }
  const char* const type = serializer()->isBinary() ? "application/octet-stream" : kJson;
  sender_->post(path_ + "/send", type, std::move(body), {},
                [weak = weak()](const std::string& problem, const http::Response& response) {
                  if (const auto self = weak.lock()) self->sent(problem, response);
                });
}

void LongPollClientTransport::sent(const std::string& problem, const http::Response& response) {
  if (!problem.empty()) return finish(false, problem);
  // 202 is the specification's, 204 Crossbar.io's and ours.
  if (response.status / 100 == 2) return sendNext();
  if (closes_) {
    queue_.clear();
    return sendNext();
  }
  finish(false, "a message was not taken: " + describe(response));
}

void LongPollClientTransport::fetch() {
  receiver_->post(path_ + "/receive", {}, {}, kPollWait,
                  [weak = weak()](const std::string& problem, const http::Response& response) {
                    if (const auto self = weak.lock()) self->fetched(problem, response);
                  });
}

void LongPollClientTransport::fetched(const std::string& problem, const http::Response& response) {
  if (!problem.empty()) return finish(false, problem);
  if (response.status / 100 != 2) return finish(false, describe(response));
  if (!response.body.empty()) received(response.body, serializer()->isBinary());
  if (isOpen() && receiver_) fetch();
}

/// Opens, then owns the transport.
class LongPollConnection final : public ClientConnection {
 public:
  LongPollConnection(asio::io_context& io, const TransportConfig& config,
                     std::shared_ptr<TransportHandler> handler)
      : io_(io),
        target_(targetOf(config)),
        serializers_(config.serializers),
        url_(config.url),
        handler_(std::move(handler)),
        opener_(std::make_unique<HttpPoster>(io, target_)) {
    std::string body;
    for (const std::string& each : serializers_.subprotocols()) {
      body += (body.empty() ? R"({"protocols":[")" : R"(",")") + each;
    }
    if (body.empty()) throw std::invalid_argument("no serializer to offer");
    body += R"("]})";
    opener_->post(
        "/open", kJson, std::move(body), {},
        [this](const std::string& problem, const http::Response& response) { opened(problem, response); });
  }
  ~LongPollConnection() override {
    if (transport_) {
      transport_->giveUp();
    } else {
      refuse("the connection was given up");
    }
  }

 private:
  void refuse(const std::string& reason) {
    if (const auto handler = std::exchange(handler_, nullptr)) handler->onClose(false, reason);
  }
  void opened(const std::string& problem, const http::Response& response) {
    if (!problem.empty()) return refuse(problem);
    if (response.status != 200) return refuse("the transport was refused: " + describe(response));
    const auto opened = parseOpened(response.body);
    if (!opened) return refuse("the answer to open is no JSON object with protocol and transport");
    auto serializer = serializers_.makeForSubprotocol(opened->protocol);
    if (!serializer) return refuse("the server chose a protocol that was not offered: " + opened->protocol);
    transport_ = std::make_shared<LongPollClientTransport>(io_, target_, std::move(opener_), *opened,
                                                           std::move(serializer),
                                                           std::exchange(handler_, nullptr), url_);
    const auto transport = transport_;
    transport->start();
  }

  asio::io_context& io_;
  std::shared_ptr<const PostTarget> target_;
  SerializerSet serializers_;
  std::string url_;
  std::shared_ptr<TransportHandler> handler_;  ///< until the transport has it
  std::unique_ptr<HttpPoster> opener_;
  std::shared_ptr<LongPollClientTransport> transport_;
};

}  // namespace

std::unique_ptr<ClientConnection> connectLongPoll(asio::io_context& io, const TransportConfig& config,
                                                  std::shared_ptr<TransportHandler> handler) {
  return std::make_unique<LongPollConnection>(io, config, std::move(handler));
}

}  // namespace autobahn::inline v0::wamp
