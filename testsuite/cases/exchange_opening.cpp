// The opening handshake as an application does it (RFC 6455, 4), both roles.
#include <algorithm>

#include "cases/exchange.hpp"

namespace wstest {
namespace {

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

std::string header(std::string_view name, std::string_view value) {
  return std::string(name) + ": " + std::string(value) + "\r\n";
}

/// Why this answer fits none of the offers; empty when it does (RFC 7692, 7.1). A server that leaves out
/// server_max_window_bits=15 has not broken the offer: without the parameter its window is the same 2^15
/// bytes.
std::string whyNotOffered(const DeflateParameters& answer, const std::vector<DeflateParameters>& offers) {
  const auto fits = [&](const DeflateParameters& offer) {
    return (answer.serverNoContextTakeover || !offer.serverNoContextTakeover) &&
           (offer.serverMaxWindowBits == 0 ||
            (offer.serverMaxWindowBits == 15 && answer.serverMaxWindowBits == 0) ||
            (answer.serverMaxWindowBits != 0 && answer.serverMaxWindowBits <= offer.serverMaxWindowBits)) &&
           (answer.clientMaxWindowBits == 0 || offer.clientMaxWindowBits != 0) &&
           (offer.clientMaxWindowBits <= 0 || answer.clientMaxWindowBits <= offer.clientMaxWindowBits);
  };
  if (std::ranges::any_of(offers, fits)) return "";
  return "the server's '" + answer.text() + "' answers none of the offers";
}

/// The first of `wanted` that the client's offers allow, as an answer. `wanted` is written from the point of
/// view of a client that asks its server: here the server asks the client.
std::optional<DeflateParameters> chooseAnswer(const std::vector<DeflateParameters>& wanted,
                                              const std::vector<ExtensionText>& offers) {
  for (const DeflateParameters& wish : wanted) {
    for (const ExtensionText& text : offers) {
      const auto offer = text.name == "permessage-deflate" ? parseDeflate(text, true, nullptr) : std::nullopt;
      if (!offer || (wish.serverMaxWindowBits != 0 && offer->clientMaxWindowBits == 0)) continue;
      DeflateParameters answer;
      answer.serverNoContextTakeover = offer->serverNoContextTakeover;
      answer.serverMaxWindowBits = offer->serverMaxWindowBits;
      answer.clientNoContextTakeover = wish.serverNoContextTakeover;
      answer.clientMaxWindowBits = wish.serverMaxWindowBits;
      if (offer->clientMaxWindowBits > 0 && answer.clientMaxWindowBits > offer->clientMaxWindowBits) {
        answer.clientMaxWindowBits = offer->clientMaxWindowBits;
      }
      return answer;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string Exchange::request(const std::string& key, const std::vector<DeflateParameters>& deflate) const {
  std::string text = "GET " + target_->resource + " HTTP/1.1\r\n";
  text += header("Host", target_->hostHeader) + header("User-Agent", "wstest") +
          header("Upgrade", "websocket") + header("Connection", "Upgrade") +
          header("Sec-WebSocket-Key", key) + header("Sec-WebSocket-Version", "13");
  if (!target_->origin.empty()) text += header("Origin", target_->origin);
  if (!target_->protocols.empty()) text += header("Sec-WebSocket-Protocol", join(target_->protocols));
  std::vector<std::string> offers;
  for (const DeflateParameters& offer : deflate) offers.push_back(offer.text());
  if (!offers.empty()) text += header("Sec-WebSocket-Extensions", join(offers));
  for (const auto& [name, value] : target_->headers) text += header(name, value);
  return text + "\r\n";
}

std::string Exchange::response(const std::vector<std::string>& furtherHeaders) const {
  std::string text = "HTTP/1.1 101 Switching Protocols\r\n" + header("Server", "wstest") +
                     header("Upgrade", "websocket") + header("Connection", "Upgrade") +
                     header("Sec-WebSocket-Accept", acceptFor(key_));
  for (const std::string& line : furtherHeaders) text += line + "\r\n";
  return text + "\r\n";
}

bool Exchange::open(const std::vector<DeflateParameters>& deflate) {
  return testsServer() ? openAsClient(deflate) : openAsServer(deflate);
}

bool Exchange::refuseOpening(std::string why) {
  violation_ = why;
  closing_.failedByMe = true;
  fail(std::move(why));
  verdict_.behaviorClose = CloseBehavior::failed;
  verdict_.resultClose = "The connection was never open";
  drop();
  return false;
}

std::optional<HttpHead> Exchange::receiveHead(Duration within) {
  const TimePoint until = std::min(limit_, Clock::now() + within);
  for (;;) {
    auto parsed = parseHead(input_);
    if (parsed) {
      httpResponse_ = parsed->first.raw;
      input_.erase(0, parsed->second);
      return std::move(parsed->first);
    }
    constexpr std::size_t kLongestHead = 1 << 20;
    if (input_.size() > kLongestHead || !fill(until)) return std::nullopt;
  }
}

bool Exchange::openAsClient(const std::vector<DeflateParameters>& deflate) {
  sendBytes(request(key_, deflate));
  const auto head = receiveHead(patience_.reaction);
  if (!head) {
    return refuseOpening(ended_ ? "the server ended the connection instead of answering the opening handshake"
                                : "the server did not answer the opening handshake");
  }
  if (!isResponseRight(*head, deflate)) return false;
  setOpen(deflate_);
  return true;
}

bool Exchange::isResponseRight(const HttpHead& head, const std::vector<DeflateParameters>& offers) {
  if (head.status() != 101) return refuseOpening("the server answered '" + head.startLine + "', not 101");
  if (!head.hasToken("Upgrade", "websocket")) return refuseOpening("the response lacks Upgrade: websocket");
  if (!head.hasToken("Connection", "upgrade")) return refuseOpening("the response lacks Connection: Upgrade");
  const auto accept = head.all("Sec-WebSocket-Accept");
  if (accept.size() != 1 || accept.front() != acceptFor(key_)) {
    return refuseOpening("Sec-WebSocket-Accept is wrong: " + quote(join(accept)) + " instead of " +
                         acceptFor(key_));
  }
  const auto protocols = head.all("Sec-WebSocket-Protocol");
  if (!protocols.empty() &&
      (protocols.size() > 1 || std::ranges::count(target_->protocols, protocols.front()) == 0)) {
    return refuseOpening("the server chose the subprotocol " + quote(join(protocols)) +
                         ", which was not offered");
  }
  const auto extensionHeader = head.value("Sec-WebSocket-Extensions");
  for (const ExtensionText& extension : parseExtensions(extensionHeader.value_or(""))) {
    if (extension.name.empty() && !extensionHeader) continue;
    if (offers.empty() || extension.name != "permessage-deflate" || deflate_) {
      return refuseOpening("the server answered with an extension that was not offered: " +
                           quote(extension.name));
    }
    std::string problem;
    deflate_ = parseDeflate(extension, false, &problem);
    if (deflate_) problem = whyNotOffered(*deflate_, offers);
    if (!problem.empty()) return refuseOpening("permessage-deflate: " + problem);
  }
  return true;
}

bool Exchange::openAsServer(const std::vector<DeflateParameters>& deflate) {
  if (request_.method() != "GET" || !request_.startLine.ends_with(" HTTP/1.1")) {
    return refuseOpening("the client's request is no GET of HTTP/1.1: " + quote(request_.startLine));
  }
  if (!request_.hasToken("Upgrade", "websocket"))
    return refuseOpening("the request lacks Upgrade: websocket");
  if (!request_.hasToken("Connection", "upgrade"))
    return refuseOpening("the request lacks Connection: Upgrade");
  if (request_.all("Sec-WebSocket-Version") != std::vector<std::string>{"13"}) {
    return refuseOpening("Sec-WebSocket-Version is not 13");
  }
  if (request_.all("Sec-WebSocket-Key").size() != 1)
    return refuseOpening("there is not one Sec-WebSocket-Key");
  deflate_ = chooseAnswer(deflate, parseExtensions(request_.value("Sec-WebSocket-Extensions").value_or("")));
  std::vector<std::string> further;
  for (const std::string& offered : splitList(request_.value("Sec-WebSocket-Protocol").value_or(""))) {
    if (std::ranges::count(protocols_, offered) == 0) continue;
    further.push_back("Sec-WebSocket-Protocol: " + offered);
    break;
  }
  if (deflate_) further.push_back("Sec-WebSocket-Extensions: " + deflate_->text());
  sendBytes(response(further));
  setOpen(deflate_);
  return true;
}

void Exchange::setOpen(std::optional<DeflateParameters> deflate) {
  isOpen_ = true;
  deflate_ = deflate;
  if (deflate_) startDeflate();
  frames_.add(input_);
  input_.clear();
}

void Exchange::startDeflate() {
  constexpr int kLargest = 15;
  const auto bits = [](int agreed) { return agreed > 0 ? agreed : kLargest; };
  const int serverBits = bits(deflate_->serverMaxWindowBits);
  const int clientBits = bits(deflate_->clientMaxWindowBits);
  const bool serverTakesOver = !deflate_->serverNoContextTakeover;
  const bool clientTakesOver = !deflate_->clientNoContextTakeover;
  if (testsServer()) {
    deflater_.emplace(clientBits, clientTakesOver);
    inflater_.emplace(serverBits, serverTakesOver);
  } else {
    deflater_.emplace(serverBits, serverTakesOver);
    inflater_.emplace(clientBits, clientTakesOver);
  }
}

}  // namespace wstest
