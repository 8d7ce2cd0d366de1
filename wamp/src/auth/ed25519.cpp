#include "ed25519.hpp"

#include "openssl.hpp"
#include "sodium.hpp"

namespace autobahn::inline v0::wamp {
namespace {

OpensslPtr<EVP_PKEY> privateKey(std::string_view seed) {
  OpensslPtr<EVP_PKEY> key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(seed), seed.size()));
  opensslCheck(key != nullptr, "making an Ed25519 key");
  return key;
}

OpensslPtr<EVP_MD_CTX> newContext() {
  OpensslPtr<EVP_MD_CTX> context(EVP_MD_CTX_new());
  opensslCheck(context != nullptr, "making a context");
  return context;
}

}  // namespace

std::string ed25519PublicKey(std::string_view seed) {
  std::string bytes(kEd25519KeySize, '\0');
  std::size_t size = bytes.size();
  const auto key = privateKey(seed);
  opensslCheck(EVP_PKEY_get_raw_public_key(key.get(), octetsOf(bytes), &size) == 1,
               "deriving an Ed25519 public key");
  return bytes;
}

std::string ed25519Sign(std::string_view seed, std::string_view message) {
  const auto key = privateKey(seed);
  const auto context = newContext();
  std::string signature(kEd25519SignatureSize, '\0');
  std::size_t size = signature.size();
  opensslCheck(
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
          EVP_DigestSign(context.get(), octetsOf(signature), &size, octets(message), message.size()) == 1,
      "signing with Ed25519");
  return signature;
}

bool ed25519Verify(std::string_view publicKey, std::string_view message, std::string_view signature) {
  if (signature.size() != kEd25519SignatureSize || !isEd25519PublicKey(publicKey)) return false;
  const OpensslPtr<EVP_PKEY> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(publicKey), publicKey.size()));
  const auto context = newContext();
  return key != nullptr && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message),
                          message.size()) == 1;
}

bool isEd25519PublicKey(std::string_view publicKey) {
  // OpenSSL takes any 32 bytes, points of small order included.
  useSodium();
  return publicKey.size() == kEd25519KeySize && crypto_core_ed25519_is_valid_point(octets(publicKey)) == 1;
}

}  // namespace autobahn::inline v0::wamp
