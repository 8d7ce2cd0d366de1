#include "autobahn/wamp/auth/secret.hpp"

#include <openssl/crypto.h>

#include <autobahn/util/random.hpp>
#include <cstring>
#include <utility>

namespace autobahn::inline v0::wamp {

Secret::Secret(std::size_t size)
    : bytes_(size == 0 ? nullptr : std::make_unique<char[]>(size)), size_(size) {}

Secret::Secret(Secret&& other) noexcept
    : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Secret::~Secret() { wipe(); }

Secret Secret::copyOf(std::string_view bytes) {
  Secret secret(bytes.size());
  if (!bytes.empty()) std::memcpy(secret.bytes_.get(), bytes.data(), bytes.size());
  return secret;
}

Secret Secret::take(std::string&& bytes) {
  Secret secret = copyOf(bytes);
  wamp::wipe(bytes);
  return secret;
}

Secret Secret::random(std::size_t size) {
  Secret secret(size);
  util::randomBytes(secret.bytes());
  return secret;
}

void Secret::wipe() noexcept {
  if (size_ != 0) OPENSSL_cleanse(bytes_.get(), size_);
}

void wipe(std::string& text) noexcept {
  // The whole of the store: what the text was before it shrank lies behind its end.
  text.resize(text.capacity());
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace autobahn::inline v0::wamp
