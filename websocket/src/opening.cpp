#include "opening.hpp"

#include <utility>

namespace autobahn::inline v0::websocket {

namespace {

constexpr std::string_view kFlashPolicyRequest{"<policy-file-request/>\0", 23};
/// A body that explains a refused handshake is read up to here.
constexpr std::size_t kMaxRefusalBody = 64 * 1024;

http::Limits limitsOf(const ProtocolOptions& options, std::size_t maxBody) {
  http::Limits limits;
  limits.maxHeadSize = options.maxHandshakeSize;
  limits.maxHeaders = options.maxHeaders;
  limits.maxBodySize = maxBody;
  return limits;
}

}  // namespace

ServerOpening::ServerOpening(std::shared_ptr<const ServerOptions> options,
                             std::shared_ptr<const ServerIdentity> identity)
    : options_(std::move(options)),
      identity_(std::move(identity)),
      parser_(limitsOf(*options_, options_->maxHttpBodySize)),
      mayBeFlash_(options_->serveFlashSocketPolicy) {}

std::optional<ServerOpening::Step> ServerOpening::takeFlashRequest(std::string_view& input) {
  while (mayBeFlash_ && !input.empty()) {
    if (input.front() != kFlashPolicyRequest[flashRequest_.size()]) {
      mayBeFlash_ = false;
      std::string_view seen = flashRequest_;
      if (!seen.empty()) parser_.feed(seen);
      flashRequest_.clear();
      break;
    }
    flashRequest_ += input.front();
    input.remove_prefix(1);
    if (flashRequest_.size() == kFlashPolicyRequest.size()) return Step::flashPolicy;
  }
  return mayBeFlash_ ? std::optional(Step::needMore) : std::nullopt;
}

ServerOpening::Step ServerOpening::next(std::string_view& input) {
  if (const auto step = takeFlashRequest(input)) return *step;
  switch (parser_.feed(input)) {
    case http::ParseStatus::partial:
      return Step::needMore;
    case http::ParseStatus::bad:
      answer_ = refusal(parser_.error().status, parser_.error().reason);
      return Step::refused;
    case http::ParseStatus::complete:
      break;
  }
  asked_ = Step::refused;
  if (!wantsWebSocket(parser_.request())) return asked_ = Step::httpRequest;
  if (auto refused = checkRequest(std::move(parser_.request()), *options_, *identity_, request_)) {
    answer_ = std::move(*refused);
    return Step::refused;
  }
  return asked_ = Step::connect;
}

void ServerOpening::requestAnswered() {
  asked_ = Step::needMore;
  parser_.reset();
}

ClientOpening::ClientOpening(std::shared_ptr<const ClientOptions> options, ClientRequest request_)
    : request(std::move(request_)),
      options_(std::move(options)),
      parser_(limitsOf(*options_, kMaxRefusalBody)) {}

std::string ClientOpening::start() {
  key_ = newKey();
  return buildRequest(request, *options_, key_);
}

ClientOpening::Step ClientOpening::next(std::string_view& input) {
  switch (parser_.feed(input)) {
    case http::ParseStatus::partial:
      return Step::needMore;
    case http::ParseStatus::bad:
      // A refusal whose page is too long is a refusal all the same.
      if (parser_.headComplete() && parser_.response().status != 101) return check();
      error_ = "malformed HTTP response: " + parser_.error().reason;
      return Step::failed;
    case http::ParseStatus::complete:
      return check();
  }
  return Step::needMore;
}

ClientOpening::Step ClientOpening::finish() {
  if (waiting_ || parser_.finish() != http::ParseStatus::complete) return Step::needMore;
  return check();
}

ClientOpening::Step ClientOpening::check() {
  waiting_ = true;
  error_ = checkResponse(parser_.response(), request, *options_, key_, response, compression);
  return error_.empty() ? Step::connected : Step::failed;
}

}  // namespace autobahn::inline v0::websocket
