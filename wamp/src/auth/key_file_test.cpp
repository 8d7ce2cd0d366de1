// Key files, made here byte by byte so that they can be wrong in one way each.
#include "key_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <autobahn/util/crypto.hpp>
#include <filesystem>
#include <fstream>
#include <functional>

#include "autobahn/wamp/auth/cryptosign.hpp"
#include "autobahn/wamp/auth/error.hpp"
#include "ed25519.hpp"
#include "openssl.hpp"
#include "testing/hex.hpp"

namespace autobahn::inline v0::wamp {
namespace {

using namespace std::string_literals;

const std::string kSeed = fromHex("4d57d97a68f555696620a6d849c0ce582568518d729eb753dc7c732de2804510");
const std::string kPublic = ed25519PublicKey(kSeed);

std::string number(std::size_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}
std::string text(const std::string& bytes) { return number(bytes.size()) + bytes; }

/// The parts of an OpenSSH private key.
struct SshParts {
  std::string magic = "openssh-key-v1\0"s;
  std::string cipher = "none";
  std::string kdf = "none";
  std::string kdfOptions;
  std::size_t count = 1;
  std::string publicPart = text("ssh-ed25519") + text(kPublic);
  std::string checks = "abcdabcd";
  std::string algorithm = "ssh-ed25519";
  std::string publicKey = kPublic;
  std::string privateKey = kSeed + kPublic;
  std::string comment = "me@home";
  std::string padding = "\1\2\3\4\5\6\7\x08";  ///< as much of it as needed
  std::string more;

  std::string blob() const {
    std::string secret = checks + text(algorithm) + text(publicKey) + text(privateKey) + text(comment);
    secret += padding.substr(0, (8 - secret.size() % 8) % 8);
    return magic + text(cipher) + text(kdf) + text(kdfOptions) + number(count) + text(publicPart) +
           text(secret) + more;
  }
};

std::string sshFile(const std::string& blob) {
  std::string file = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
  const std::string base64 = util::base64Encode(blob);
  for (std::size_t at = 0; at < base64.size(); at += 70) file += base64.substr(at, 70) + "\n";
  return file + "-----END OPENSSH PRIVATE KEY-----\n";
}

const std::string kSshPublicFile =
    "ssh-ed25519 " + util::base64Encode(text("ssh-ed25519") + text(kPublic)) + "\n";

std::string signifyBlob() {
  const std::string key = kSeed + kPublic;
  unsigned char digest[64];
  EVP_Digest(key.data(), key.size(), digest, nullptr, EVP_sha512(), nullptr);
  const std::string checksum(reinterpret_cast<const char*>(digest), 8);
  return "EdBK" + std::string(4, '\0') + "sixteen of salt." + checksum + "a number" + key;
}
std::string signifyFile(const std::string& blob) {
  return "untrusted comment: my key secret key\n" + util::base64Encode(blob) + "\n";
}

/// A file that is gone when the test is.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) { std::ofstream(path_, std::ios::binary) << content; }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = testing::TempDir() + "wamp_key_file_test_" + std::to_string(::getpid());
};

CryptosignKey load(std::string_view content) {
  return CryptosignKey::fromFile(TemporaryFile(content).path());
}

void expectRefused(std::string_view content, std::string_view says) {
  try {
    load(content);
    ADD_FAILURE() << "accepted: " << says;
  } catch (const AuthError& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("key file "), std::string::npos) << what;
    EXPECT_NE(what.find(says), std::string::npos) << what;
    EXPECT_EQ(what.find(util::hexEncode(kSeed)), std::string::npos);
    EXPECT_LT(what.size(), 400U);
  }
}

TEST(KeyFile, AllForms) {
  const struct {
    std::string content;
    bool canSign;
    std::string_view comment;
  } cases[] = {
      {kSeed, true, ""},
      {util::hexEncode(kSeed), true, ""},
      {util::hexEncode(kSeed) + "\r\n", true, ""},
      {sshFile(SshParts{}.blob()), true, "me@home"},
      {"\n" + sshFile(SshParts{}.blob()) + "\n\n", true, "me@home"},
      {kSshPublicFile, false, ""},
      {"ssh-ed25519\t" + kSshPublicFile.substr(12, 68) + "  me and you \n", false, "me and you"},
      {signifyFile(signifyBlob()), true, "my key secret key"},
      {"untrusted comment: p\r\n" + util::base64Encode("Eda number" + kPublic) + "\r\n", false, "p"},
  };
  for (const auto& test : cases) {
    const CryptosignKey key = load(test.content);
    EXPECT_EQ(key.publicKeyBytes(), kPublic) << test.content;
    EXPECT_EQ(key.canSign(), test.canSign);
    EXPECT_EQ(key.comment(), test.comment);
    if (key.canSign()) {
      EXPECT_EQ(key.sign("x"), ed25519Sign(kSeed, "x"));
    }
  }
}

// As ssh-keygen and signify wrote them.
TEST(KeyFile, FilesOfTheRealPrograms) {
  const CryptosignKey ssh = CryptosignKey::fromSshBytes(
      "-----BEGIN OPENSSH PRIVATE KEY-----\n"
      "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"
      "QyNTUxOQAAACDlHKPNpW2B6dOKxmVPXROZryV0GTSqYggNjGIEyeaz0QAAAJA0+N1zNPjd\n"
      "cwAAAAtzc2gtZWQyNTUxOQAAACDlHKPNpW2B6dOKxmVPXROZryV0GTSqYggNjGIEyeaz0Q\n"
      "AAAEA9Rje2XLuizWc4GsOH/GVc/Zq3eUwCG1jncnyK9U60feUco82lbYHp04rGZU9dE5mv\n"
      "JXQZNKpiCA2MYgTJ5rPRAAAAB21lQGhlcmUBAgMEBQY=\n"
      "-----END OPENSSH PRIVATE KEY-----\n");
  EXPECT_TRUE(ssh.canSign());
  EXPECT_EQ(ssh.comment(), "me@here");
  const CryptosignKey sshPublic = CryptosignKey::fromSshBytes(
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOUco82lbYHp04rGZU9dE5mvJXQZNKpiCA2MYgTJ5rPR me@here\n");
  EXPECT_EQ(sshPublic.publicKey(), ssh.publicKey());
  const CryptosignKey signify = CryptosignKey::fromSignifyBytes(
      "untrusted comment: test key secret key\n"
      "RWRCSwAAAABa5PreXoSx2QF/dNtWXyHGMGNphOtafAatrtClTKHhrKVT71U50vRxHJ5dYQ9Zw1NSAfi+MqY/"
      "k5pocqDTgr/wXSOE776SMFgMaciRgOpqq3Fx739lz2jKu9FhA4NOCbo=\n");
  EXPECT_TRUE(signify.canSign());
  const CryptosignKey signifyPublic = CryptosignKey::fromSignifyBytes(
      "untrusted comment: test key public key\nRWStrtClTKHhrF0jhO++kjBYDGnIkYDqaqtxce9/Zc9oyrvRYQODTgm6\n");
  EXPECT_EQ(signifyPublic.publicKey(), signify.publicKey());
}

TEST(KeyFile, CutAnywhereIsRefused) {
  for (const std::string& file : {kSeed, util::hexEncode(kSeed) + "\n", sshFile(SshParts{}.blob()),
                                  kSshPublicFile, signifyFile(signifyBlob())}) {
    const std::size_t end = file.ends_with('\n') ? file.size() - 1 : file.size();
    for (std::size_t size = 0; size < end; ++size)
      EXPECT_THROW(load(file.substr(0, size)), AuthError) << size;
    EXPECT_NO_THROW(load(file.substr(0, end)));
  }
  // Within base64, too, where a cut text could still decode.
  const std::string blob = SshParts{}.blob();
  for (std::size_t size = 0; size < blob.size(); ++size) {
    EXPECT_THROW(CryptosignKey::fromSshBytes(sshFile(blob.substr(0, size))), AuthError) << size;
  }
  for (std::size_t size = 0; size < signifyBlob().size(); ++size) {
    if (size == 42) continue;  // a public key's size, if of no key that fits anything
    EXPECT_THROW(CryptosignKey::fromSignifyBytes(signifyFile(signifyBlob().substr(0, size))), AuthError)
        << size;
  }
}

// Whatever is changed, no other key comes of it.
TEST(KeyFile, ChangedAnywhereIsRefusedOrTheSameKey) {
  for (std::size_t at = 0; at < SshParts{}.blob().size(); ++at) {
    for (const int bit : {1, 0x80}) {
      std::string blob = SshParts{}.blob();
      blob[at] = static_cast<char>(blob[at] ^ bit);
      try {
        EXPECT_EQ(CryptosignKey::fromSshBytes(sshFile(blob)).publicKeyBytes(), kPublic) << at;
      } catch (const AuthError&) {
      }
    }
  }
  for (std::size_t at = 0; at < signifyBlob().size(); ++at) {
    std::string blob = signifyBlob();
    blob[at] ^= 1;
    try {
      EXPECT_EQ(CryptosignKey::fromSignifyBytes(signifyFile(blob)).publicKeyBytes(), kPublic) << at;
    } catch (const AuthError&) {
    }
  }
}

TEST(KeyFile, WrongOpenSshKeysAreNamed) {
  const struct {
    std::function<void(SshParts&)> change;
    std::string_view says;
  } cases[] = {
      {[](SshParts& parts) { parts.magic = "openssh-key-v2\0"s; }, "not of version openssh-key-v1"},
      {[](SshParts& parts) { parts.cipher = "aes256-ctr", parts.kdf = "bcrypt"; }, "is encrypted"},
      {[](SshParts& parts) { parts.kdf = "bcrypt"; }, "is encrypted"},
      {[](SshParts& parts) { parts.kdfOptions = "x"; }, "KDF options"},
      {[](SshParts& parts) { parts.count = 2; }, "holds 2 keys"},
      {[](SshParts& parts) { parts.count = 0; }, "holds 0 keys"},
      {[](SshParts& parts) { parts.publicPart = text("ssh-rsa") + text(kPublic); }, "no Ed25519 key"},
      {[](SshParts& parts) { parts.publicPart = text("ssh-ed25519") + text("short"); },
       "public key of 5 bytes"},
      {[](SshParts& parts) { parts.publicPart += "x"; }, "more follows the public key"},
      {[](SshParts& parts) { parts.publicPart = number(0xffffffff) + "x"; },
       "ends within the algorithm's name"},
      {[](SshParts& parts) { parts.checks = "abcdabce"; }, "check numbers differ"},
      {[](SshParts& parts) { parts.algorithm = "ssh-dss"; }, "no Ed25519 key"},
      {[](SshParts& parts) { parts.publicKey.back() ^= 1; }, "do not belong together"},
      {[](SshParts& parts) { parts.privateKey.front() ^= 1; }, "do not belong together"},
      {[](SshParts& parts) { parts.privateKey.back() ^= 1; }, "do not belong together"},
      {[](SshParts& parts) { parts.privateKey.pop_back(); }, "private key of 63 bytes"},
      {[](SshParts& parts) { parts.padding[0] = 0; }, "not padded"},
      {[](SshParts& parts) { parts.padding.clear(); }, "not padded"},
      {[](SshParts& parts) { parts.more = "x"; }, "more follows the private part"},
  };
  for (const auto& test : cases) {
    SshParts parts;
    test.change(parts);
    expectRefused(sshFile(parts.blob()), test.says);
  }
}

TEST(KeyFile, WrongTextsAreNamed) {
  const std::string ssh = sshFile(SshParts{}.blob());
  std::string encrypted = signifyBlob();
  encrypted[7] = 42;  // rounds
  std::string checksum = signifyBlob();
  checksum[24] ^= 1;
  std::string kdf = signifyBlob();
  kdf[2] = 'X';
  const struct {
    std::string content;
    std::string_view says;
  } cases[] = {
      {"", "is none of"},
      {std::string(33, '\x80'), "is none of"},
      {std::string(32, 'a'), "is none of"},  // hexadecimal, cut in half
      {std::string(64, 'x'), "is none of"},
      {"-----BEGIN PRIVATE KEY-----\n", "is none of"},
      {"ssh-rsa AAAA me", "is none of"},
      {std::string(64 * 1024 + 1, 'a'), "too long to be a key"},
      {"-----BEGIN OPENSSH PRIVATE KEY-----", "no line"},
      {"-----BEGIN OPENSSH PRIVATE KEY----------END OPENSSH PRIVATE KEY-----", "ends within the magic words"},
      {"-----BEGIN OPENSSH PRIVATE KEY-----\n!!\n-----END OPENSSH PRIVATE KEY-----", "not base64"},
      {"ssh-ed25519", "no base64"},
      {"ssh-ed25519-cert AAAA", "no base64"},
      {"ssh-ed25519 !!!! me", "not base64"},
      {"ssh-ed25519 AAAA me", "ends within the algorithm's name"},
      {kSshPublicFile + kSshPublicFile, "more than one line"},
      {"ssh-ed25519 " + util::base64Encode(text("ssh-ed25519") + text(std::string(32, '\0'))),
       "not a key that anybody can have"},
      {"untrusted comment: x", "ends after the comment"},
      {"untrusted comment: x\n!!", "not base64"},
      {"untrusted comment: x\n" + util::base64Encode("RSA"), "no Ed25519 key"},
      {"untrusted comment: x\n" + util::base64Encode("Ed" + std::string(72, 'x')), "is a signature"},
      {"untrusted comment: x\n" + util::base64Encode("Ed" + std::string(71, 'x')), "73 bytes"},
      {signifyFile(encrypted), "is encrypted"},
      {signifyFile(checksum), "checksum is wrong"},
      {signifyFile(kdf), "unknown key derivation"},
  };
  for (const auto& test : cases) expectRefused(test.content, test.says);
}

TEST(KeyFile, MissingFilesAndFoldersAreNamed) {
  for (const std::string& path : {testing::TempDir() + "no such file", testing::TempDir()}) {
    try {
      CryptosignKey::fromFile(path);
      ADD_FAILURE() << path;
    } catch (const AuthError& error) {
      EXPECT_EQ(std::string(error.what()), "key file " + path + ": cannot be read");
    }
  }
}

}  // namespace
}  // namespace autobahn::inline v0::wamp
