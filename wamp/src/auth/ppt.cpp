#include "autobahn/wamp/auth/ppt.hpp"

#include <autobahn/util/random.hpp>
#include <climits>
#include <span>
#include <stdexcept>

#include "openssl.hpp"
#include "secretbox.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;

struct CipherName {
  PptCipher cipher;
  std::string_view name;
};
constexpr CipherName kNames[] = {{PptCipher::xsalsa20poly1305, "xsalsa20poly1305"},
                                 {PptCipher::aes256gcm, "aes256gcm"}};

void checkKey(std::string_view key) {
  if (key.size() == kKeySize) return;
  throw std::invalid_argument("ppt key of " + std::to_string(key.size()) + " bytes, not 32");
}

OpensslPtr<EVP_CIPHER_CTX> newContext() {
  OpensslPtr<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  opensslCheck(context != nullptr, "making a context");
  return context;
}

std::string gcmSeal(std::string_view key, std::string_view plaintext) {
  std::string out(kNonceSize + plaintext.size() + kTagSize, '\0');
  util::randomBytes(std::span(out).first(kNonceSize));
  unsigned char* const nonce = octetsOf(out);
  unsigned char* const text = nonce + kNonceSize;
  unsigned char* const tag = text + plaintext.size();
  const auto context = newContext();
  int size = 0;
  opensslCheck(EVP_EncryptInit_ex2(context.get(), EVP_aes_256_gcm(), octets(key), nonce, nullptr) == 1 &&
                   EVP_EncryptUpdate(context.get(), text, &size, octets(plaintext),
                                     static_cast<int>(plaintext.size())) == 1 &&
                   EVP_EncryptFinal_ex(context.get(), tag, &size) == 1 &&
                   EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag) == 1,
               "AES-256-GCM");
  return out;
}

std::optional<std::string> gcmOpen(std::string_view key, std::string_view sealed) {
  if (sealed.size() < kNonceSize + kTagSize || sealed.size() > INT_MAX) return std::nullopt;
  const std::string_view text = sealed.substr(kNonceSize, sealed.size() - kNonceSize - kTagSize);
  std::string tag(sealed.substr(kNonceSize + text.size()));
  std::string plaintext(text.size(), '\0');
  const auto context = newContext();
  int size = 0;
  opensslCheck(
      EVP_DecryptInit_ex2(context.get(), EVP_aes_256_gcm(), octets(key), octets(sealed), nullptr) == 1 &&
          EVP_DecryptUpdate(context.get(), octetsOf(plaintext), &size, octets(text),
                            static_cast<int>(text.size())) == 1 &&
          EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, octetsOf(tag)) == 1,
      "AES-256-GCM");
  if (EVP_DecryptFinal_ex(context.get(), octetsOf(plaintext) + plaintext.size(), &size) != 1) {
    wipe(plaintext);  // it is not authentic
    return std::nullopt;
  }
  return plaintext;
}

std::optional<std::string> open(PptCipher cipher, std::string_view key, std::string_view ciphertext) {
  if (cipher == PptCipher::aes256gcm) return gcmOpen(key, ciphertext);
  const auto plaintext = secretboxOpen(key, ciphertext);
  if (!plaintext) return std::nullopt;
  return std::string(plaintext->view());
}

}  // namespace

std::string_view pptCipherName(PptCipher cipher) {
  for (const CipherName& each : kNames) {
    if (each.cipher == cipher) return each.name;
  }
  return {};
}

std::optional<PptCipher> pptCipherOf(std::string_view name) {
  for (const CipherName& each : kNames) {
    if (each.name == name) return each.cipher;
  }
  return std::nullopt;
}

std::string pptEncrypt(PptCipher cipher, std::string_view key, std::string_view plaintext) {
  checkKey(key);
  if (plaintext.size() > INT_MAX - kNonceSize - kTagSize)
    throw std::invalid_argument("ppt payload of 2 GiB or more");
  return cipher == PptCipher::aes256gcm ? gcmSeal(key, plaintext) : secretboxSeal(key, plaintext);
}

std::string pptDecrypt(PptCipher cipher, std::string_view key, std::string_view ciphertext) {
  checkKey(key);
  auto plaintext = open(cipher, key, ciphertext);
  if (!plaintext) {
    throw PayloadError(PayloadErrorKind::decryption, "ppt payload cannot be decrypted with this key and " +
                                                         std::string(pptCipherName(cipher)));
  }
  return std::move(*plaintext);
}

void PptKeys::set(std::string_view keyId, Secret key) {
  checkKey(key.view());
  keys_.insert_or_assign(std::string(keyId), std::move(key));
}

bool PptKeys::remove(std::string_view keyId) {
  const auto found = keys_.find(keyId);
  if (found == keys_.end()) return false;
  keys_.erase(found);
  return true;
}

std::string PptKeys::encrypt(PptCipher cipher, std::string_view keyId, std::string_view plaintext) const {
  return pptEncrypt(cipher, find(keyId).view(), plaintext);
}

std::string PptKeys::decrypt(PptCipher cipher, std::string_view keyId, std::string_view ciphertext) const {
  return pptDecrypt(cipher, find(keyId).view(), ciphertext);
}

const Secret& PptKeys::find(std::string_view keyId) const {
  const auto found = keys_.find(keyId);
  if (found != keys_.end()) return found->second;
  throw PayloadError(PayloadErrorKind::noKey, "ppt payload: no key of this ppt_keyid");
}

}  // namespace autobahn::inline v0::wamp
