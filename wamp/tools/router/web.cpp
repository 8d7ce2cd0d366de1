#include "web.hpp"

#include <asio/awaitable.hpp>
#include <asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "embedded.hpp"
#include "service.hpp"

namespace router_tool {

using namespace autobahn::websocket;

namespace {

// The page loads nothing but its own files, and talks to nobody but this server.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

http::Response answer(int status, std::string type, std::string body) {
  http::Response response{.status = status, .body = std::move(body)};
  response.headers.add("Content-Type", std::move(type));
  response.headers.add("Cache-Control", "no-cache");
  response.headers.add("X-Content-Type-Options", "nosniff");
  return response;
}

/// One of the page's files; they are all compiled in.
std::optional<http::Response> pageFile(const std::string& name) {
  const EmbeddedFile* const file = embedded(name.empty() ? "index.html" : name);
  if (file == nullptr || file->name == "default.json") return std::nullopt;
  http::Response response = answer(200, std::string(contentType(file->name)), std::string(file->content));
  response.headers.add("Content-Security-Policy", kPolicy);
  response.headers.add("Referrer-Policy", "no-referrer");
  return response;
}

using Listeners = std::vector<autobahn::wamp::RouterListenerMetrics>;

asio::awaitable<Listeners> readListeners(Service& service) {
  const auto begin = [&service](auto handler) {
    const auto kept = std::make_shared<decltype(handler)>(std::move(handler));
    service.server().readMetrics([kept](const Listeners& all) { std::move (*kept)(all); });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(Listeners)>(begin, asio::use_awaitable);
}

asio::awaitable<http::Response> metrics(Service& service) {
  const Listeners listeners = co_await readListeners(service);
  std::string text = metricsText(service, listeners);
  co_return answer(200, "text/plain; version=0.0.4; charset=utf-8", std::move(text));
}

std::optional<http::Response> find(Service& service, const WebConfig& config, const http::Request& request) {
  const std::string path = request.path();
  if (path == config.health) return answer(200, "application/json", healthJson(service));
  for (const StaticFiles& each : config.files) {
    if (auto found = each.respond(request)) return found;
  }
  if (!config.page || !path.starts_with(*config.page)) return std::nullopt;
  const std::string name = path.substr(config.page->size());
  if (name == "status.json") {
    return answer(200, "application/json", statusJson(service, config.webSocketPath));
  }
  return pageFile(name);
}

}  // namespace

HttpHandler makeWeb(Service& service, WebConfig config) {
  const auto shared = std::make_shared<const WebConfig>(std::move(config));
  return [&service, shared](const http::Request& request, const TransportDetails&) -> HttpDecision {
    if (request.method != "GET" && request.method != "HEAD") {
      http::Response response = answer(405, "text/plain", "only GET and HEAD\n");
      response.headers.add("Allow", "GET, HEAD");
      return response;
    }
    if (request.path() == shared->metrics) return metrics(service);
    auto found = find(service, *shared, request);  // for HEAD, too: the engine leaves the body out
    return found ? *std::move(found) : answer(404, "text/plain", "no such page\n");
  };
}

}  // namespace router_tool
