// Lets in who has a bearer token (programs) or a session cookie (browsers). The decision is made before the
// connection is accepted; who is refused sees HTTP 401.
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <autobahn/util/crypto.hpp>
#include <autobahn/websocket/server.hpp>
#include <map>
#include <string>

#include "common/program.hpp"
#include "common/server.hpp"

using namespace autobahn;
using namespace autobahn::websocket;

namespace {

/// The value of a cookie, or nothing (RFC 6265 section 4.2).
std::string_view cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(';'), header.size());
    std::string_view pair = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
  }
  return {};
}

/// Whose secret it is; empty for nobody's. Looks at all of them, and compares in constant time.
std::string owner(const std::map<std::string, std::string>& secrets, std::string_view given) {
  std::string found;
  for (const auto& [user, secret] : secrets) {
    if (util::constantTimeEquals(secret, given)) found = user;
  }
  return found;
}

class Guarded final : public WebSocketServerProtocol {
 public:
  ConnectDecision onConnect(const ConnectionRequest& request) override {
    constexpr std::string_view kBearer = "Bearer ";
    const std::string_view authorization = request.headers.get("Authorization");
    if (authorization.starts_with(kBearer))
      return look(kTokens, std::string(authorization.substr(kBearer.size())));
    return look(kSessions, std::string(cookie(request.headers.joined("Cookie"), "session")));
  }
  void onOpen() override { sendMessage("welcome, " + user_); }

 private:
  // Would ask a database. A coroutine takes what it needs by value: the request is gone when it goes on.
  asio::awaitable<ConnectionAccept> look(const std::map<std::string, std::string>& secrets,
                                         std::string given) {
    co_await asio::post(executor(), asio::use_awaitable);  // stands for a slow look-up
    user_ = owner(secrets, given);
    if (user_.empty()) {
      throw ConnectionDeny(ConnectionDeny::kUnauthorized, "a valid token or session is needed",
                           {{"WWW-Authenticate", "Bearer"}});
    }
    co_return ConnectionAccept{};
  }

  // Real ones come from a store, and are kept there as digests.
  inline static const std::map<std::string, std::string> kTokens{{"alice", "token-of-alice"}};
  inline static const std::map<std::string, std::string> kSessions{{"bob", "session-of-bob"}};
  std::string user_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Lets in who has a token (token-of-alice) or a session cookie (session-of-bob).",
               "authentication_server"};
  examples::ServerArguments arguments;
  arguments.addTo(app);
  std::vector<std::string> origins{"http://127.0.0.1:*", "http://localhost:*"};
  app.add_option("--origin", origins, "pages that may connect (default: those of this machine)");
  return examples::run(app, argc, argv, [&] {
    WebSocketServerFactory factory(arguments.url());
    ServerOptions options;
    // Browsers send the cookie along whatever page opens the connection: with cookies, origins must be
    // listed.
    options.allowedOrigins = origins;
    factory.setProtocolOptions(options);
    factory.setProtocol<Guarded>();
    arguments.listen(factory);
    factory.run();
    return 0;
  });
}
