#include "autobahn/wamp/auth/ppt.hpp"

#include <gtest/gtest.h>

#include <autobahn/util/crypto.hpp>
#include <stdexcept>

#include "testing/hex.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr PptCipher kCiphers[] = {PptCipher::xsalsa20poly1305, PptCipher::aes256gcm};

template <class Act>
void expectFailure(PayloadErrorKind kind, Act act) {
  try {
    act();
    ADD_FAILURE() << "nothing thrown";
  } catch (const PayloadError& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
  }
}

TEST(Ppt, RoundTripOfAllSizes) {
  const Secret key = Secret::random(32);
  for (const PptCipher cipher : kCiphers) {
    for (const std::size_t size : {0, 1, 15, 16, 17, 255, 4096, 100'000}) {
      const std::string plaintext(size, 'p');
      const std::string ciphertext = pptEncrypt(cipher, key.view(), plaintext);
      EXPECT_EQ(pptDecrypt(cipher, key.view(), ciphertext), plaintext);
      EXPECT_NE(pptEncrypt(cipher, key.view(), plaintext), ciphertext) << "the nonce must differ";
    }
  }
}

// From the documentation of NaCl (secretbox), which has the box of two key pairs with the same result.
TEST(Ppt, NaClVector) {
  const std::string message = fromHex(
      "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c"
      "012335"
      "61f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd49"
      "24ca1c"
      "60902e52f0a089bc76897040e082f937763848645e0705");
  const std::string sealed = fromHex(
      "69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37"
      "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc1"
      "7c98dc"
      "e87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd"
      "6bb373"
      "2bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5");
  const std::string key = fromHex("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");
  EXPECT_EQ(pptDecrypt(PptCipher::xsalsa20poly1305, key, sealed), message);
}

// McGrew and Viega, The Galois/Counter Mode of Operation, test case 14.
TEST(Ppt, GcmVector) {
  EXPECT_EQ(pptDecrypt(PptCipher::aes256gcm, std::string(32, '\0'),
                       std::string(12, '\0') +
                           fromHex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")),
            std::string(16, '\0'));
}

TEST(Ppt, TamperedPayloadsAndOtherKeysAreRefused) {
  const Secret key = Secret::random(32);
  for (const PptCipher cipher : kCiphers) {
    const std::string ciphertext = pptEncrypt(cipher, key.view(), "plaintext");
    for (std::size_t at = 0; at < ciphertext.size(); ++at) {
      std::string changed = ciphertext;
      changed[at] ^= 1;
      expectFailure(PayloadErrorKind::decryption, [&] { pptDecrypt(cipher, key.view(), changed); });
      expectFailure(PayloadErrorKind::decryption,
                    [&] { pptDecrypt(cipher, key.view(), ciphertext.substr(0, at)); });
    }
    expectFailure(PayloadErrorKind::decryption, [&] { pptDecrypt(cipher, key.view(), ciphertext + "x"); });
    expectFailure(PayloadErrorKind::decryption,
                  [&] { pptDecrypt(cipher, Secret::random(32).view(), ciphertext); });
  }
  expectFailure(PayloadErrorKind::decryption, [&] {
    pptDecrypt(PptCipher::aes256gcm, key.view(), pptEncrypt(PptCipher::xsalsa20poly1305, key.view(), "p"));
  });
}

TEST(Ppt, KeysHave32Bytes) {
  for (const PptCipher cipher : kCiphers) {
    for (const std::size_t size : {0, 16, 31, 33}) {
      EXPECT_THROW(pptEncrypt(cipher, std::string(size, 'k'), "p"), std::invalid_argument);
      EXPECT_THROW(pptDecrypt(cipher, std::string(size, 'k'), "p"), std::invalid_argument);
    }
  }
  EXPECT_THROW(PptKeys().set("id", Secret::random(16)), std::invalid_argument);
}

TEST(Ppt, KeysById) {
  PptKeys keys;
  keys.set("one", Secret::random(32));
  keys.set("two", Secret::random(32));
  for (const PptCipher cipher : kCiphers) {
    const std::string ciphertext = keys.encrypt(cipher, "one", "plaintext");
    EXPECT_EQ(keys.decrypt(cipher, "one", ciphertext), "plaintext");
    expectFailure(PayloadErrorKind::decryption, [&] { keys.decrypt(cipher, "two", ciphertext); });
    expectFailure(PayloadErrorKind::noKey, [&] { keys.decrypt(cipher, "three", ciphertext); });
    expectFailure(PayloadErrorKind::noKey, [&] { keys.encrypt(cipher, "", "plaintext"); });
  }
  EXPECT_TRUE(keys.remove("one"));
  EXPECT_FALSE(keys.remove("one"));
  expectFailure(PayloadErrorKind::noKey, [&] { keys.encrypt(kCiphers[0], "one", "plaintext"); });
}

TEST(Ppt, Names) {
  for (const PptCipher cipher : kCiphers) EXPECT_EQ(pptCipherOf(pptCipherName(cipher)), cipher);
  EXPECT_EQ(pptCipherName(PptCipher::xsalsa20poly1305), "xsalsa20poly1305");
  EXPECT_EQ(pptCipherName(PptCipher::aes256gcm), "aes256gcm");
  EXPECT_EQ(pptCipherOf("AES256GCM"), std::nullopt);
  EXPECT_EQ(pptCipherOf(""), std::nullopt);
}

}  // namespace
}  // namespace autobahn::inline v0::wamp
