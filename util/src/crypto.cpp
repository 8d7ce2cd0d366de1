#include "autobahn/util/crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <climits>
#include <stdexcept>

namespace autobahn::inline v0::util {
namespace {

[[noreturn]] void fail(const char* what) { throw std::runtime_error(std::string("OpenSSL: ") + what); }

void check(int result, const char* what) {
  if (result != 1) fail(what);
}

// Looking a digest up by name takes locks and costs more than hashing a handshake key, so it is done once.
// Never freed: connections may still be closed while static objects are destroyed.
const EVP_MD* fetch(const char* name) {
  const EVP_MD* digest = EVP_MD_fetch(nullptr, name, nullptr);
  if (digest == nullptr) fail(name);
  return digest;
}

const EVP_MD* sha1Digest() {
  static const EVP_MD* const digest = fetch("SHA1");
  return digest;
}

const EVP_MD* sha256Digest() {
  static const EVP_MD* const digest = fetch("SHA2-256");
  return digest;
}

std::string trimmed(const unsigned char* bytes, unsigned size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

/// A digest being made; again and again, since making one costs more than hashing a handshake key.
class Digest {
 public:
  explicit Digest(const EVP_MD* digest) : digest_(digest), context_(EVP_MD_CTX_new()) {
    if (context_ == nullptr) fail("no memory for a digest");
    begin();
  }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  ~Digest() { EVP_MD_CTX_free(context_); }

  void update(std::string_view data) {
    check(EVP_DigestUpdate(context_, data.data(), data.size()), "digest failed");
  }
  /// Of what came since the last call.
  std::string finish() {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    check(EVP_DigestFinal_ex(context_, out, &size), "digest failed");
    begin();
    return trimmed(out, size);
  }

 private:
  void begin() { check(EVP_DigestInit_ex2(context_, digest_, nullptr), "digest failed"); }

  const EVP_MD* digest_;
  EVP_MD_CTX* context_;
};

std::string digestOf(Digest& digest, std::string_view data) {
  digest.update(data);
  return digest.finish();
}

}  // namespace

std::string sha1(std::string_view data) {
  thread_local Digest digest(sha1Digest());
  return digestOf(digest, data);
}
std::string sha256(std::string_view data) {
  Digest digest(sha256Digest());
  return digestOf(digest, data);
}

struct Sha256::Context : Digest {
  Context() : Digest(sha256Digest()) {}
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::string_view data) { context_->update(data); }
std::string Sha256::finish() { return context_->finish(); }

std::string hmacSha256(std::string_view key, std::string_view data) {
  // OpenSSL takes a null pointer for "no data to come", not for "no bytes".
  if (key.data() == nullptr) key = "";
  if (data.data() == nullptr) data = "";
  if (key.size() > INT_MAX) throw std::invalid_argument("hmacSha256: key longer than 2 GiB");
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (HMAC(sha256Digest(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(data.data()), data.size(), out, &size) == nullptr) {
    fail("HMAC failed");
  }
  return trimmed(out, size);
}

bool constantTimeEquals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  return a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace autobahn::inline v0::util
