#include "autobahn/wamp/auth/totp.hpp"

#include <openssl/hmac.h>

#include <autobahn/util/crypto.hpp>
#include <stdexcept>

#include "autobahn/wamp/auth/secret.hpp"
#include "base32.hpp"
#include "openssl.hpp"

namespace autobahn::inline v0::wamp {
namespace {

using Clock = std::chrono::system_clock;
constexpr std::chrono::seconds kStep{30};

std::int64_t stepOf(Clock::time_point time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()) / kStep;
}

Secret keyOf(std::string_view secret) {
  auto key = base32Decode(secret);
  if (!key || key->empty()) throw std::invalid_argument("TOTP secret is not base32");
  return std::move(*key);
}

// RFC 4226 section 5.3.
std::string codeOf(const Secret& key, std::int64_t step) {
  std::string message(8, '\0');
  for (int at = 0; at < 8; ++at) {
    message[static_cast<std::size_t>(at)] =
        static_cast<char>((static_cast<std::uint64_t>(step) >> (56 - 8 * at)) & 0xff);
  }
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  opensslCheck(HMAC(EVP_sha1(), octets(key.view()), static_cast<int>(key.size()), octets(message),
                    message.size(), mac, &size) != nullptr,
               "HMAC");
  const unsigned at = mac[size - 1] & 15U;
  std::uint32_t value = 0;
  for (unsigned byte = 0; byte < 4; ++byte) value = (value << 8) | mac[at + byte];
  const std::string digits = std::to_string((value & 0x7fffffffU) % 1'000'000);
  return std::string(6 - digits.size(), '0') + digits;
}

void appendEscaped(std::string& uri, std::string_view text, bool isPath) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  for (const char c : text) {
    // The colon between issuer and account stays one; applications look for it.
    if (plain.find(c) != std::string_view::npos || (isPath && c == ':')) {
      uri += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      uri += {'%', hex[byte >> 4], hex[byte & 15]};
    }
  }
}

}  // namespace

std::string generateTotpSecret(std::size_t length) {
  if (length < 1 || length > 256) throw std::invalid_argument("TOTP secret length is not in 1…256 bytes");
  return base32Encode(Secret::random(length).view());
}

std::string computeTotp(std::string_view secret, Clock::time_point time, int offset) {
  return codeOf(keyOf(secret), stepOf(time) + offset);
}

std::string computeTotp(std::string_view secret, int offset) {
  return computeTotp(secret, Clock::now(), offset);
}

std::optional<std::int64_t> findTotp(std::string_view secret, std::string_view code, Clock::time_point time,
                                     int window) {
  if (window < 0 || window > 100) throw std::invalid_argument("TOTP window is not in 0…100 steps");
  const Secret key = keyOf(secret);
  const std::int64_t now = stepOf(time);
  std::optional<std::int64_t> found;
  // All of them, so that the time taken does not tell which one it was.
  for (std::int64_t step = now - window; step <= now + window; ++step) {
    if (util::constantTimeEquals(codeOf(key, step), code)) found = step;
  }
  return found;
}

bool checkTotp(std::string_view secret, std::string_view code, Clock::time_point time, int window) {
  return findTotp(secret, code, time, window).has_value();
}

bool checkTotp(std::string_view secret, std::string_view code, int window) {
  return checkTotp(secret, code, Clock::now(), window);
}

std::string totpProvisioningUri(std::string_view secret, std::string_view label, std::string_view issuer) {
  keyOf(secret);
  std::string uri = "otpauth://totp/";
  appendEscaped(uri, label, true);
  // Padding is an escape in a URI; applications expect none.
  uri += "?secret=" + std::string(secret.substr(0, secret.find('='))) + "&issuer=";
  appendEscaped(uri, issuer, false);
  return uri;
}

}  // namespace autobahn::inline v0::wamp
