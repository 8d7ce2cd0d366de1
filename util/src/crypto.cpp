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

std::string digestOf(const EVP_MD* digest, std::string_view data) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  check(EVP_Digest(data.data(), data.size(), out, &size, digest, nullptr), "digest failed");
  return trimmed(out, size);
}

}  // namespace

std::string sha1(std::string_view data) { return digestOf(sha1Digest(), data); }
std::string sha256(std::string_view data) { return digestOf(sha256Digest(), data); }

struct Sha256::Context {
  Context() : md(EVP_MD_CTX_new()) {
    if (md == nullptr) fail("no memory for a digest");
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(md); }

  void begin() { check(EVP_DigestInit_ex2(md, sha256Digest(), nullptr), "digest failed"); }

  EVP_MD_CTX* md;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) { context_->begin(); }
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::string_view data) {
  check(EVP_DigestUpdate(context_->md, data.data(), data.size()), "digest failed");
}

std::string Sha256::finish() {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  check(EVP_DigestFinal_ex(context_->md, out, &size), "digest failed");
  context_->begin();
  return trimmed(out, size);
}

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
