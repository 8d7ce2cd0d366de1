#include "proxy_handshake.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <autobahn/util/crypto.hpp>
#include <cstddef>
#include <cstring>

#include "socket_address.hpp"

namespace autobahn::inline v0::util {

namespace {

/// Enough for any proxy's answer, its login page's headers included.
constexpr std::size_t kMaxHeadSize = 16 * 1024;

bool isDigit(char c) { return c >= '0' && c <= '9'; }
/// Visible ASCII: what a host name or a header name can consist of, at most.
bool isVisible(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}
bool isFieldValue(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// ---- HTTP CONNECT

class HttpConnectHandshake final : public ProxyHandshake {
 public:
  HttpConnectHandshake(const ProxyTarget& proxy, std::string authority)
      : proxy_(proxy), authority_(std::move(authority)) {}

  Status feed(std::string_view input, std::string& output) override {
    if (!started_) {
      started_ = true;
      if (!request(output)) return Status::failed;
    }
    head_ += input;
    while (true) {
      const std::size_t end = head_.find("\r\n\r\n");
      if (std::min(end, head_.size()) > kMaxHeadSize) return fail("the proxy's answer is too long");
      if (end == std::string::npos) return Status::partial;
      const Status status = answer(std::string_view(head_).substr(0, end + 2));
      head_.erase(0, end + 4);
      if (status == Status::partial) continue;
      if (status == Status::done && !head_.empty())
        return fail("the proxy sent data before it was spoken to");
      return status;
    }
  }

 private:
  bool request(std::string& output) {
    const bool plain = std::all_of(proxy_.headers.begin(), proxy_.headers.end(), [](const auto& header) {
      return isVisible(header.first) && header.first.find(':') == std::string::npos &&
             isFieldValue(header.second);
    });
    if (!isVisible(authority_) || !plain) {
      fail("a host name or header for the proxy contains characters that do not belong there");
      return false;
    }
    output += "CONNECT " + authority_ + " HTTP/1.1\r\nHost: " + authority_ + "\r\n";
    if (!proxy_.username.empty()) {
      output +=
          "Proxy-Authorization: Basic " + base64Encode(proxy_.username + ':' + proxy_.password) + "\r\n";
    }
    for (const auto& [name, value] : proxy_.headers) output += name + ": " + value + "\r\n";
    output += "\r\n";
    return true;
  }

  /// `head`: lines, each with its CRLF. RFC 9112 section 4: HTTP-version SP status-code SP [reason].
  Status answer(std::string_view head) {
    const std::size_t lineEnd = head.find("\r\n");
    const std::string_view line = head.substr(0, lineEnd);
    const bool shaped = line.size() >= 12 && line.starts_with("HTTP/1.") && isDigit(line[7]) &&
                        line[8] == ' ' && isDigit(line[9]) && isDigit(line[10]) && isDigit(line[11]) &&
                        (line.size() == 12 || line[12] == ' ');
    if (!shaped || !isFieldValue(line)) return fail("the proxy does not answer in HTTP/1.1");
    for (head.remove_prefix(lineEnd + 2); !head.empty();) {
      const std::size_t end = head.find("\r\n");
      const std::string_view field = head.substr(0, end);
      if (!isFieldValue(field) || !isVisible(field.substr(0, field.find(':'))) ||
          field.find(':') == std::string_view::npos) {
        return fail("the proxy's answer has a malformed header");
      }
      head.remove_prefix(end + 2);
    }
    if (line[9] == '1') return Status::partial;  // interim
    if (line[9] == '2') return Status::done;
    return fail("the proxy refused: " + printable(line.substr(9)));
  }

  static std::string printable(std::string_view text) {
    std::string result(text.substr(0, 200));
    std::replace_if(
        result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return result;
  }

  ProxyTarget proxy_;
  std::string authority_;
  std::string head_;
  bool started_ = false;
};

// ---- SOCKS5

constexpr char kVersion = 5;
constexpr char kNoAuthentication = 0;
constexpr char kPasswordAuthentication = 2;
constexpr char kPasswordVersion = 1;
constexpr std::size_t kMaxField = 255;

/// RFC 1928 section 6.
constexpr std::array<const char*, 9> kReplies = {
    "succeeded",           "general failure",       "connection not allowed",
    "network unreachable", "host unreachable",      "connection refused",
    "TTL expired",         "command not supported", "address type not supported"};

class Socks5Handshake final : public ProxyHandshake {
 public:
  Socks5Handshake(const ProxyTarget& proxy, std::string host, std::uint16_t port)
      : proxy_(proxy), host_(std::move(host)), port_(port) {}

  Status feed(std::string_view input, std::string& output) override {
    if (!started_) {
      started_ = true;
      if (!greet(output)) return Status::failed;
    }
    input_ += input;
    while (true) {
      const std::size_t before = input_.size();
      const Status status = step(output);
      if (status == Status::failed) return status;
      if (status == Status::done) {
        return input_.empty() ? status : fail("the proxy sent data before it was spoken to");
      }
      if (input_.size() == before) return status;
    }
  }

 private:
  enum class Phase : std::uint8_t { method, password, connect };

  bool greet(std::string& output) {
    if (host_.empty() || host_.size() > kMaxField || proxy_.username.size() > kMaxField ||
        proxy_.password.size() > kMaxField) {
      fail("host name, user name and password for SOCKS5 must have at most 255 octets");
      return false;
    }
    if (proxy_.username.empty()) {
      output += {kVersion, 1, kNoAuthentication};
    } else {
      output += {kVersion, 2, kNoAuthentication, kPasswordAuthentication};
    }
    return true;
  }

  Status step(std::string& output) {
    switch (phase_) {
      case Phase::method:
        return chooseMethod(output);
      case Phase::password:
        return checkPassword(output);
      default:
        return checkReply();
    }
  }

  Status chooseMethod(std::string& output) {
    if (!input_.empty() && input_[0] != kVersion) return fail("the proxy does not speak SOCKS5");
    if (input_.size() < 2) return Status::partial;
    const char method = input_[1];
    input_.erase(0, 2);
    if (method == kNoAuthentication) {
      connect(output);
    } else if (method == kPasswordAuthentication && !proxy_.username.empty()) {
      // RFC 1929 section 2
      output += kPasswordVersion;
      for (const std::string* field : {&proxy_.username, &proxy_.password}) {
        output += static_cast<char>(field->size());
        output += *field;
      }
      phase_ = Phase::password;
    } else {
      return fail("the proxy wants another authentication than we have");
    }
    return Status::partial;
  }

  Status checkPassword(std::string& output) {
    if (input_.size() < 2) return Status::partial;
    if (input_[1] != 0) return fail("the proxy did not accept user name and password");
    input_.erase(0, 2);
    connect(output);
    return Status::partial;
  }

  void connect(std::string& output) {
    constexpr char kConnect = 1;
    output += {kVersion, kConnect, 0};
    SocketAddress numeric;
    if (numeric.setNumeric(host_, 0)) {
      const bool isV4 = numeric.family() == AF_INET;
      const std::size_t offset = isV4 ? offsetof(sockaddr_in, sin_addr) : offsetof(sockaddr_in6, sin6_addr);
      std::array<char, 16> octets{};
      std::memcpy(octets.data(), reinterpret_cast<const char*>(&numeric.storage) + offset, isV4 ? 4 : 16);
      output += isV4 ? '\x01' : '\x04';
      output.append(octets.data(), isV4 ? 4 : 16);
    } else {
      output += '\x03';
      output += static_cast<char>(host_.size());
      output += host_;
    }
    output += static_cast<char>(port_ >> 8);
    output += static_cast<char>(port_ & 0xff);
    phase_ = Phase::connect;
  }

  /// VER REP RSV ATYP BND.ADDR BND.PORT
  Status checkReply() {
    if (input_.size() < 2) return Status::partial;
    if (input_[0] != kVersion) return fail("the proxy does not speak SOCKS5");
    const auto reply = static_cast<unsigned char>(input_[1]);
    if (reply != 0) {
      return fail(std::string("the proxy refused: ") +
                  (reply < kReplies.size() ? kReplies[reply] : "error " + std::to_string(reply)));
    }
    if (input_.size() < 5) return Status::partial;
    std::size_t addressSize = 0;
    switch (input_[3]) {
      case 1:
        addressSize = 4;
        break;
      case 3:
        addressSize = 1 + static_cast<unsigned char>(input_[4]);
        break;
      case 4:
        addressSize = 16;
        break;
      default:
        return fail("the proxy's answer is malformed");
    }
    const std::size_t size = 4 + addressSize + 2;
    if (input_.size() < size) return Status::partial;
    input_.erase(0, size);
    return Status::done;
  }

  ProxyTarget proxy_;
  std::string host_;
  std::uint16_t port_;
  std::string input_;
  Phase phase_ = Phase::method;
  bool started_ = false;
};

}  // namespace

std::unique_ptr<ProxyHandshake> makeProxyHandshake(const ProxyTarget& proxy, const std::string& host,
                                                   std::uint16_t port) {
  if (proxy.type == ProxyTarget::Type::socks5) return std::make_unique<Socks5Handshake>(proxy, host, port);
  const bool isV6 = host.find(':') != std::string::npos;
  return std::make_unique<HttpConnectHandshake>(
      proxy, (isV6 ? '[' + host + ']' : host) + ':' + std::to_string(port));
}

}  // namespace autobahn::inline v0::util
