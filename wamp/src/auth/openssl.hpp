// OpenSSL's objects with owners.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "octets.hpp"

namespace autobahn::inline v0::wamp {

struct OpensslFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
template <class Object>
using OpensslPtr = std::unique_ptr<Object, OpensslFree>;

/// Failures that no input explains: out of memory, or an algorithm forbidden by policy.
inline void opensslCheck(bool isGood, const char* what) {
  if (!isGood) throw std::runtime_error(std::string("OpenSSL: ") + what + " failed");
}

}  // namespace autobahn::inline v0::wamp
