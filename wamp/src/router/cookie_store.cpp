#include <autobahn/util/crypto.hpp>
#include <autobahn/wamp/router/cookie_store.hpp>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::size_t kRandomSize = 16;
constexpr std::size_t kTagSize = 16;

// RFC 9110 section 5.6.2, token.
bool isToken(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  for (const char each : text) {
    const bool isAlphanumeric =
        (each >= '0' && each <= '9') || (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z');
    if (!isAlphanumeric && kOthers.find(each) == std::string_view::npos) return false;
  }
  return !text.empty();
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

std::string_view sameSiteName(SameSite sameSite) {
  static constexpr std::string_view kNames[] = {"Strict", "Lax", "None"};
  return kNames[static_cast<std::size_t>(sameSite)];
}

/// The answer to a HELLO by cookie.
class CookieExchange : public Authentication {
 public:
  explicit CookieExchange(const CookieStore::Login* login) {
    if (login != nullptr) login_ = *login;
  }
  void start(Answer answer) override {
    if (!login_) return answer(AuthDeny{.message = "nobody has logged in with this cookie"});
    answer(AuthAccept{
        .authid = login_->authid, .authrole = login_->authrole, .authprovider = login_->authprovider});
  }
  void authenticate(const message::Authenticate&, Answer answer) override { answer(AuthDeny{}); }

 private:
  std::optional<CookieStore::Login> login_;
};

}  // namespace

CookieStore::CookieStore(CookieOptions options, Clock clock)
    : options_(std::move(options)), clock_(std::move(clock)) {
  if (!isToken(options_.name)) throw std::invalid_argument("no name for a cookie: " + options_.name);
  if (options_.maxAge.count() <= 0) throw std::invalid_argument("a cookie's maxAge must be > 0");
}

// ---- The handshake

std::string CookieStore::tagOf(std::string_view random) const {
  return util::hmacSha256(secret_.view(), random).substr(0, kTagSize);
}

std::string CookieStore::make() const {
  const Secret random = Secret::random(kRandomSize);
  return util::base64Encode(std::string(random.view()) + tagOf(random.view()));
}

// Made here: nobody can be made to use a cookie that somebody else has thought up.
bool CookieStore::isOurs(std::string_view cookie) const {
  const std::optional<std::string> bytes = util::base64Decode(cookie);
  if (!bytes || bytes->size() != kRandomSize + kTagSize) return false;
  const std::string_view all = *bytes;
  return util::constantTimeEquals(all.substr(kRandomSize), tagOf(all.substr(0, kRandomSize)));
}

CookieStore::Greeting CookieStore::greet(std::string_view header, bool isSecure) const {
  // RFC 6265 section 4.2.1: name=value; name=value
  while (!header.empty()) {
    const std::size_t end = header.find(';');
    const std::string_view pair = trimmed(header.substr(0, end));
    header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != options_.name) continue;
    const std::string_view value = pair.substr(equals + 1);
    if (isOurs(value)) return {.cookie = std::string(value)};
  }
  Greeting made{.cookie = make()};
  made.setCookie = options_.name + "=" + made.cookie +
                   "; Path=/; Max-Age=" + std::to_string(options_.maxAge.count()) + "; HttpOnly; SameSite=";
  made.setCookie += sameSiteName(options_.sameSite);
  if (isSecure || options_.isAlwaysSecure) made.setCookie += "; Secure";
  return made;
}

// ---- Logins

void CookieStore::forgetOld() {
  const auto now = clock_();
  while (!logins_.empty() && (logins_.front().end <= now || logins_.size() > options_.maxLogins)) {
    byKey_.erase(logins_.front().key);
    logins_.pop_front();
  }
}

const CookieStore::Login* CookieStore::find(std::string_view cookie, std::string_view realm) {
  forgetOld();
  const auto found = byKey_.find({std::string(cookie), std::string(realm)});
  return found == byKey_.end() ? nullptr : &found->second->login;
}

void CookieStore::remember(std::string_view cookie, std::string_view realm, Login login) {
  Key key{cookie, realm};
  if (const auto found = byKey_.find(key); found != byKey_.end()) {
    logins_.erase(found->second);
    byKey_.erase(found);
  }
  logins_.push_back({key, std::move(login), clock_() + options_.maxAge});
  byKey_.emplace(std::move(key), std::prev(logins_.end()));
  forgetOld();
}

std::size_t CookieStore::forgetUser(std::string_view realm, std::string_view authid) {
  std::size_t count = 0;
  for (auto each = logins_.begin(); each != logins_.end();) {
    if (each->key.second != realm || each->login.authid != authid) {
      ++each;
      continue;
    }
    byKey_.erase(each->key);
    each = logins_.erase(each);
    ++count;
  }
  return count;
}

void CookieStore::forgetAll() {
  byKey_.clear();
  logins_.clear();
}

// ---- Authentication

bool CookieAuthenticator::suits(std::string_view realm, const PeerDetails& peer) {
  return !peer.cookie.empty() && cookies_->find(peer.cookie, realm) != nullptr;
}

std::unique_ptr<Authentication> CookieAuthenticator::begin(AuthenticationRequest request) {
  const bool hasCookie = !request.peer.cookie.empty();
  return std::make_unique<CookieExchange>(hasCookie ? cookies_->find(request.peer.cookie, request.realm)
                                                    : nullptr);
}

void CookieAuthenticator::onJoin(const SessionInfo& session) {
  if (session.peer.cookie.empty() || session.authmethod == "cookie" || session.authmethod == "anonymous") {
    return;
  }
  cookies_->remember(
      session.peer.cookie, session.realm,
      {.authid = session.authid, .authrole = session.authrole, .authprovider = session.authprovider});
}

}  // namespace autobahn::inline v0::wamp
