#include "secretbox.hpp"

#include <autobahn/util/random.hpp>
#include <span>

#include "sodium.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::size_t kNonceSize = crypto_secretbox_NONCEBYTES;
constexpr std::size_t kTagSize = crypto_secretbox_MACBYTES;
// A box of two key pairs is a secretbox of the key they share: both kinds are served by the same functions.
static_assert(crypto_box_BEFORENMBYTES == crypto_secretbox_KEYBYTES && crypto_box_NONCEBYTES == kNonceSize &&
              crypto_box_MACBYTES == kTagSize);

}  // namespace

std::string secretboxSeal(std::string_view key, std::string_view plaintext) {
  useSodium();
  std::string sealed(kNonceSize + kTagSize + plaintext.size(), '\0');
  util::randomBytes(std::span(sealed).first(kNonceSize));
  unsigned char* const out = octetsOf(sealed);
  crypto_secretbox_easy(out + kNonceSize, octets(plaintext), plaintext.size(), out, octets(key));
  return sealed;
}

std::optional<Secret> secretboxOpen(std::string_view key, std::string_view sealed) {
  useSodium();
  if (sealed.size() < kNonceSize + kTagSize) return std::nullopt;
  const std::string_view box = sealed.substr(kNonceSize);
  Secret plaintext(box.size() - kTagSize);
  unsigned char nothing = 0;
  unsigned char* const out = plaintext.empty() ? &nothing : octetsOf(plaintext);
  if (crypto_secretbox_open_easy(out, octets(box), box.size(), octets(sealed), octets(key)) != 0)
    return std::nullopt;
  return plaintext;
}

}  // namespace autobahn::inline v0::wamp
