#include <autobahn/wamp/router/tls_authenticator.hpp>
#include <optional>
#include <stdexcept>

#include "static_exchange.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::size_t kFingerprintDigits = 64;

/// All is known with HELLO.
class TlsExchange : public Authentication {
 public:
  explicit TlsExchange(AuthAnswer answer) : answer_(std::move(answer)) {}
  void start(Answer answer) override { answer(std::move(answer_)); }
  void authenticate(const message::Authenticate&, Answer answer) override { answer(AuthDeny{}); }

 private:
  AuthAnswer answer_;
};

// Lower case without colons, as the TLS layer writes it.
std::string normalized(std::string_view sha256) {
  std::string digits;
  for (const char each : sha256) {
    if (each == ':') continue;
    const char digit = each >= 'A' && each <= 'F' ? static_cast<char>(each - 'A' + 'a') : each;
    if (!(digit >= '0' && digit <= '9') && !(digit >= 'a' && digit <= 'f')) {
      throw std::invalid_argument("no fingerprint: " + std::string(sha256));
    }
    digits += digit;
  }
  if (digits.size() != kFingerprintDigits) {
    throw std::invalid_argument("no SHA-256 fingerprint: " + std::string(sha256));
  }
  return digits;
}

std::string partOf(const PeerDetails& peer, std::string_view name) {
  const auto found = peer.more.find("peer_cert");
  if (found == peer.more.end() || !found->second.isDict()) return {};
  return router::textOf(found->second.asDict(), name).value_or("");
}

}  // namespace

void TlsAuthenticator::setFingerprint(std::string_view sha256, std::string authid, std::string authrole) {
  byFingerprint_.insert_or_assign(normalized(sha256), User{std::move(authid), std::move(authrole)});
}

void TlsAuthenticator::setCommonName(std::string_view name, std::string authid, std::string authrole) {
  if (name.empty()) throw std::invalid_argument("a common name must not be empty");
  byCommonName_.insert_or_assign(std::string(name), User{std::move(authid), std::move(authrole)});
}

bool TlsAuthenticator::removeFingerprint(std::string_view sha256) {
  return byFingerprint_.erase(normalized(sha256)) > 0;
}

bool TlsAuthenticator::removeCommonName(std::string_view name) {
  return byCommonName_.erase(std::string(name)) > 0;
}

const TlsAuthenticator::User* TlsAuthenticator::find(const PeerDetails& peer) const {
  if (const auto found = byFingerprint_.find(partOf(peer, "sha256")); found != byFingerprint_.end()) {
    return &found->second;
  }
  const auto found = byCommonName_.find(partOf(peer, "common_name"));
  return found == byCommonName_.end() ? nullptr : &found->second;
}

bool TlsAuthenticator::suits(std::string_view /*realm*/, const PeerDetails& peer) {
  return peer.more.contains("peer_cert");
}

std::unique_ptr<Authentication> TlsAuthenticator::begin(AuthenticationRequest request) {
  const User* user = find(request.peer);
  if (user == nullptr || request.authid.value_or(user->authid) != user->authid) {
    return std::make_unique<TlsExchange>(AuthDeny{.message = "the certificate is nobody's here"});
  }
  return std::make_unique<TlsExchange>(
      AuthAccept{.authid = user->authid, .authrole = user->authrole, .authprovider = "static"});
}

}  // namespace autobahn::inline v0::wamp
