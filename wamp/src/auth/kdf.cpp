#include "autobahn/wamp/auth/kdf.hpp"

#include <argon2.h>

#include <autobahn/util/crypto.hpp>
#include <climits>
#include <new>
#include <stdexcept>

#include "openssl.hpp"

namespace autobahn::inline v0::wamp {
namespace {

const EVP_MD* digestOf(Digest digest) {
  switch (digest) {
    case Digest::sha1:
      return EVP_sha1();
    case Digest::sha512:
      return EVP_sha512();
    case Digest::sha256:
      break;
  }
  return EVP_sha256();
}

void checkRange(const char* what, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value >= least && value <= most) return;
  throw std::invalid_argument(std::string(what) + " " + std::to_string(value) + " is not in " +
                              std::to_string(least) + "…" + std::to_string(most));
}

}  // namespace

Secret pbkdf2(std::string_view data, std::string_view salt, std::int64_t iterations, std::int64_t keylen,
              Digest digest) {
  checkRange("pbkdf2: iterations", iterations, 1, INT_MAX);
  checkRange("pbkdf2: keylen", keylen, 1, INT_MAX);
  checkRange("pbkdf2: size of data", static_cast<std::int64_t>(data.size()), 0, INT_MAX);
  checkRange("pbkdf2: size of salt", static_cast<std::int64_t>(salt.size()), 0, INT_MAX);
  Secret key(static_cast<std::size_t>(keylen));
  const int done =
      PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(octets(data)), static_cast<int>(data.size()),
                        octets(salt), static_cast<int>(salt.size()), static_cast<int>(iterations),
                        digestOf(digest), static_cast<int>(keylen), octetsOf(key));
  opensslCheck(done == 1, "PBKDF2");
  return key;
}

Secret deriveKey(std::string_view secret, std::string_view salt, std::int64_t iterations,
                 std::int64_t keylen) {
  return Secret::take(util::base64Encode(pbkdf2(secret, salt, iterations, keylen).view()));
}

Secret argon2id13(std::string_view password, std::string_view salt, std::int64_t iterations,
                  std::int64_t memory) {
  checkRange("argon2id13: size of salt", static_cast<std::int64_t>(salt.size()), ARGON2_MIN_SALT_LENGTH,
             INT_MAX);
  checkRange("argon2id13: iterations", iterations, ARGON2_MIN_TIME, INT_MAX);
  checkRange("argon2id13: memory in KiB", memory, ARGON2_MIN_MEMORY, INT_MAX);
  checkRange("argon2id13: size of password", static_cast<std::int64_t>(password.size()), 0, INT_MAX);
  Secret key(32);
  const int code = argon2id_hash_raw(static_cast<std::uint32_t>(iterations),
                                     static_cast<std::uint32_t>(memory), 1, octets(password), password.size(),
                                     octets(salt), salt.size(), key.bytes().data(), key.size());
  if (code == ARGON2_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
  if (code != ARGON2_OK) throw std::runtime_error(std::string("argon2id13: ") + argon2_error_message(code));
  return key;
}

}  // namespace autobahn::inline v0::wamp
