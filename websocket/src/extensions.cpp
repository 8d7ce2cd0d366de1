// Sec-WebSocket-Extensions: its grammar, and a server's choice among the offers.
#include <algorithm>
#include <autobahn/websocket/http.hpp>
#include <stdexcept>

#include "handshake.hpp"

namespace autobahn::inline v0::websocket {
namespace {

// Walks once over the value (RFC 6455 section 9.1, with the list and white-space rules of RFC 9110).
class ExtensionReader {
 public:
  explicit ExtensionReader(std::string_view text) : rest_(text) {}

  std::optional<std::vector<ExtensionOffer>> read() {
    std::vector<ExtensionOffer> all;
    while (true) {
      skipSpace();
      if (rest_.empty()) return all;
      if (take(',')) continue;
      auto offer = readOffer();
      if (!offer) return std::nullopt;
      all.push_back(std::move(*offer));
      skipSpace();
      if (!rest_.empty() && !take(',')) return std::nullopt;
    }
  }

 private:
  std::optional<ExtensionOffer> readOffer() {
    ExtensionOffer offer;
    offer.name = readToken();
    if (offer.name.empty()) return std::nullopt;
    for (skipSpace(); take(';'); skipSpace()) {
      skipSpace();
      std::string name = readToken();
      if (name.empty()) return std::nullopt;
      skipSpace();
      std::optional<std::string> value;
      if (take('=')) {
        skipSpace();
        value = rest_.starts_with('"') ? readQuoted() : readToken();
        // A quoted value must be a token once the quotes are off.
        if (!http::isToken(*value)) return std::nullopt;
      }
      offer.parameters.emplace_back(std::move(name), std::move(value));
    }
    return offer;
  }

  std::string readToken() {
    const std::size_t end = std::min(rest_.find_first_of(" \t,;=\""), rest_.size());
    const std::string_view token = rest_.substr(0, end);
    if (!http::isToken(token)) return {};
    rest_.remove_prefix(end);
    return std::string(token);
  }

  // Empty when the quotes are not closed.
  std::string readQuoted() {
    std::string value;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return value;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) break;
      value += rest_[i];
    }
    return {};
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skipSpace() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

  std::string_view rest_;
};

bool isSame(const PerMessageDeflateOffer& a, const PerMessageDeflateOffer& b) {
  return a.acceptNoContextTakeover == b.acceptNoContextTakeover &&
         a.acceptMaxWindowBits == b.acceptMaxWindowBits &&
         a.requestNoContextTakeover == b.requestNoContextTakeover &&
         a.requestMaxWindowBits == b.requestMaxWindowBits;
}

}  // namespace

std::optional<std::vector<ExtensionOffer>> parseExtensions(std::string_view value) {
  return ExtensionReader(value).read();
}

std::optional<PerMessageDeflateOfferAccept> negotiateServer(const ConnectionRequest& request,
                                                            const ServerOptions& options) {
  if (!options.perMessageCompressionAccept) return std::nullopt;
  std::vector<PerMessageDeflateOffer> offers;
  for (const ExtensionOffer& extension : request.extensions) {
    if (extension.name != PerMessageDeflateOffer::kExtensionName) continue;
    std::string error;
    if (const auto offer = PerMessageDeflateOffer::parse(extension, error)) offers.push_back(*offer);
  }
  if (offers.empty()) return std::nullopt;
  auto accept = options.perMessageCompressionAccept(offers);
  if (!accept) return std::nullopt;
  if (std::ranges::none_of(offers, [&](const auto& offer) { return isSame(offer, accept->offer); })) {
    throw std::invalid_argument("perMessageCompressionAccept accepted an offer that the client did not make");
  }
  accept->validate();
  return accept;
}

}  // namespace autobahn::inline v0::websocket
