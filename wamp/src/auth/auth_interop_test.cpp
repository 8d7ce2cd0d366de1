// The same computed by Autobahn|Python (Debian's python3-autobahn), OpenSSH and signify. What is missing is
// skipped; with AUTOBAHN_REQUIRE_PEERS=1 in the environment that is a failure.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <autobahn/util/crypto.hpp>
#include <autobahn/wamp/auth.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "testing/hex.hpp"

namespace autobahn::inline v0::wamp {
namespace {

using util::base64Decode;
using util::base64Encode;
using util::hexEncode;

struct Outcome {
  int status = -1;
  std::string output;  ///< without the last line's end
};

Outcome run(const std::string& command) {
  Outcome outcome;
  FILE* const pipe = ::popen((command + " 2>&1 </dev/null").c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> part{};
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe))
    outcome.output.append(part.data(), size);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  if (outcome.output.ends_with('\n')) outcome.output.pop_back();
  return outcome;
}

bool arePeersRequired() {
  const char* const required = std::getenv("AUTOBAHN_REQUIRE_PEERS");
  return required != nullptr && std::string_view(required) == "1";
}

using Question = std::map<std::string, std::string>;

// A question as an argument: nothing in it needs to be escaped.
std::string jsonOf(const Question& question) {
  std::string json = "{";
  for (const auto& [name, value] : question)
    json += (json.size() > 1 ? "," : "") + ("\"" + name + "\":\"" + value + "\"");
  return json + "}";
}

Outcome askPeer(const Question& question) {
  return run("timeout 100 /usr/bin/python3 -B " AUTOBAHN_SOURCE_DIR "/wamp/src/auth/testing/peer_auth.py '" +
             jsonOf(question) + "'");
}

/// What Autobahn|Python answers.
class PythonInterop : public testing::Test {
 protected:
  void SetUp() override {
    static const Outcome trial = askPeer({{"do", "sasl_prep"}, {"texts", ""}});
    if (trial.status == 0) return;
    if (arePeersRequired()) FAIL() << "no python3-autobahn: " << trial.output;
    GTEST_SKIP() << "no python3-autobahn: " << trial.output;
  }

  static std::string ask(const Question& question) {
    const Outcome outcome = askPeer(question);
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    return outcome.output;
  }
};

TEST_F(PythonInterop, Keys) {
  const std::string secret =
                        "s\xC3\xA9"
                        "cret",
                    salt = "salt";
  EXPECT_EQ(ask({{"do", "pbkdf2"},
                 {"data", hexEncode(secret)},
                 {"salt", hexEncode(salt)},
                 {"iterations", "77"},
                 {"keylen", "45"}}),
            hexEncode(pbkdf2(secret, salt, 77, 45).view()));
  EXPECT_EQ(ask({{"do", "derive_key"},
                 {"secret", hexEncode(secret)},
                 {"salt", hexEncode(salt)},
                 {"iterations", "9"},
                 {"keylen", "16"}}),
            deriveKey(secret, salt, 9, 16).view());
}

TEST_F(PythonInterop, WampCra) {
  for (const bool isSalted : {false, true}) {
    const WampCraCredential credential = makeWampCraCredential("secret", {isSalted, 500, 24});
    WampCraChallenge challenge = createWampCraChallenge({1, "user", "role"}, credential);
    // The challenge's quotes would have to be escaped on the way; what is signed is any text.
    challenge.challenge = hexEncode(challenge.challenge);
    Question question{{"do", "wampcra"}, {"secret", "secret"}, {"challenge", challenge.challenge}};
    if (isSalted)
      question.merge(Question{{"salt", *challenge.salt}, {"iterations", "500"}, {"keylen", "24"}});
    const std::string signature = ask(question);
    EXPECT_EQ(signature, signWampCra(challenge, "secret"));
    EXPECT_TRUE(verifyWampCra(challenge, signature, credential));
  }
}

TEST_F(PythonInterop, Totp) {
  const std::string secret = generateTotpSecret();
  const auto time = std::chrono::system_clock::time_point(std::chrono::seconds(1700000003));
  for (const int offset : {-1, 0, 2}) {
    EXPECT_EQ(
        ask({{"do", "totp"}, {"secret", secret}, {"time", "1700000003"}, {"offset", std::to_string(offset)}}),
        computeTotp(secret, time, offset));
  }
}

// Without U+200B, which RFC 3454 lists both as a space and as nothing: libidn takes it for the one, passlib
// for the other.
TEST_F(PythonInterop, SaslPrep) {
  std::string texts;
  std::string ours;
  for (const std::string_view text :
       {"user", "I\xC2\xADX", "\xC2\xAA", "\xE2\x85\xA8", "\x07", "\xD8\xA7\x31", "a\xC2\xA0z", "e\xCC\x81",
        "\xEF\xAC\x81", "\xED\x95\x9C\xEA\xB8\x80", "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB",
        "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D", "\xEE\x80\x80", "\xF0\x9F\x98\x80", "\xE2\x80\x8F", "\xC3\x9F",
        "\xCD\x81"}) {
    const std::string separator = texts.empty() ? "" : ",";
    texts += separator + hexEncode(text);
    try {
      ours += separator + hexEncode(saslPrep(text, "text", true).view());
    } catch (const AuthError&) {
      ours += separator + "refused";
    }
  }
  EXPECT_EQ(ours, ask({{"do", "sasl_prep"}, {"texts", texts}})) << texts;
}

TEST_F(PythonInterop, Cryptosign) {
  const std::string seed = hexEncode(Secret::random(32).view());
  const CryptosignKey key = CryptosignKey::fromHex(seed);
  const CryptosignChallenge plain = createCryptosignChallenge();
  const std::string answer = ask({{"do", "cryptosign_raw"}, {"seed", seed}, {"challenge", plain.challenge}});
  EXPECT_EQ(answer, key.signChallenge(plain));
  EXPECT_TRUE(verifyCryptosign(plain, key.publicKey(), answer));

  const CryptosignChallenge bound = createCryptosignChallenge("tls-unique");
  const ChannelBinding channel{"tls-unique", std::string(Secret::random(32).view())};
  const std::string boundAnswer = ask({{"do", "cryptosign_raw"},
                                       {"seed", seed},
                                       {"challenge", bound.challenge},
                                       {"channel", hexEncode(channel.data)}});
  EXPECT_EQ(boundAnswer, key.signChallenge(bound, channel));
  EXPECT_TRUE(verifyCryptosign(bound, key.publicKey(), boundAnswer, channel));
}

// Autobahn's client, our router.
TEST_F(PythonInterop, Scram) {
  const std::string nonce = base64Encode("0123456789abcdef");
  ScramServer server("scram", "user", {nonce, {}},
                     makeScramCredential("p4ssw0rd", {ScramKdf::argon2idAutobahn, 64, 512}));
  const ScramChallenge& challenge = server.challenge();
  const std::string json = R"({"nonce":")" + challenge.nonce + R"(","salt":")" + challenge.salt +
                           R"(","kdf":")" + challenge.kdf + R"(","iterations":)" +
                           std::to_string(challenge.iterations) + R"(,"memory":)" +
                           std::to_string(*challenge.memory) + "}";
  Question question{{"do", "scram"},
                    {"password", "p4ssw0rd"},
                    {"authid", "user"},
                    {"nonce", nonce},
                    {"challenge", hexEncode(json)}};
  const auto verifier = server.verify({ask(question)});
  ASSERT_TRUE(verifier);
  question["verifier"] = *verifier;
  EXPECT_EQ(ask(question), "None") << "the client does not believe the router";
}

TEST_F(PythonInterop, Cryptobox) {
  const CryptoboxKeyPair caller = KeyRing::generateKey();
  const CryptoboxKeyPair callee = KeyRing::generateKey();
  KeyRing ours;
  ours.setKey("com.example",
              CryptoboxKey({.originatorPriv = caller.privateKey, .responderPub = callee.publicKey}));
  Question peer{{"private", callee.privateKey},
                {"public", caller.publicKey},
                {"originating", "0"},
                {"uri", "com.example.add"}};

  Question encode = peer;
  encode.merge(Question{{"do", "box_encode"}, {"args", "[1, 2]"}, {"kwargs", "{}"}});
  const CryptoboxContent content =
      ours.decode(true, "com.example.add", {fromHex(ask(encode)), "cryptobox", "json"});
  EXPECT_EQ(content.uri, "com.example.add");
  EXPECT_EQ(content.args, "[1,2]");
  EXPECT_EQ(content.kwargs, "{}");

  Question decode = peer;
  const auto encoded = ours.encode(true, "com.example.add", "[\"\xC3\xA9\",[]]", "");
  decode.merge(Question{{"do", "box_decode"}, {"payload", hexEncode(encoded->payload)}});
  EXPECT_EQ(ask(decode), R"(["com.example.add", ["\u00e9", []], null])");
}

/// A folder for a program's key files.
class ProgramInterop : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "wamp_auth_interop_" + std::to_string(::getpid());
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Whether the program is there.
  static bool has(const std::string& program) { return run("command -v " + program).status == 0; }
  std::string in(const std::string& name) const { return folder_ + "/" + name; }

 private:
  std::string folder_;
};

TEST_F(ProgramInterop, OpenSsh) {
  if (!has("ssh-keygen")) {
    if (arePeersRequired()) FAIL() << "no ssh-keygen";
    GTEST_SKIP() << "no ssh-keygen";
  }
  // Comments of different lengths have all kinds of padding.
  std::string comment;
  for (int round = 0; round < 9; ++round, comment += 'c') {
    std::filesystem::remove(in("key"));
    std::filesystem::remove(in("key.pub"));
    ASSERT_EQ(run("ssh-keygen -q -t ed25519 -N '' -C '" + comment + "' -f " + in("key")).status, 0);
    const CryptosignKey key = CryptosignKey::fromFile(in("key"));
    EXPECT_TRUE(key.canSign());
    EXPECT_EQ(key.comment(), comment);
    const CryptosignKey half = CryptosignKey::fromFile(in("key.pub"));
    EXPECT_EQ(half.publicKey(), key.publicKey());
    EXPECT_EQ(half.comment(), comment);
  }
  const CryptosignKey key = CryptosignKey::fromFile(in("key"));
  const CryptosignChallenge challenge = createCryptosignChallenge();
  const Outcome peer =
      askPeer({{"do", "cryptosign_ssh"}, {"path", in("key")}, {"challenge", challenge.challenge}});
  if (peer.status != 77) {
    EXPECT_EQ(peer.output, key.publicKey() + " " + key.signChallenge(challenge) + " " + comment.substr(1));
  }
  ASSERT_EQ(run("ssh-keygen -q -p -P '' -N 'passphrase' -f " + in("key")).status, 0);
  try {
    CryptosignKey::fromFile(in("key"));
    ADD_FAILURE() << "an encrypted key";
  } catch (const AuthError& error) {
    EXPECT_NE(std::string_view(error.what()).find("is encrypted"), std::string_view::npos);
  }
}

TEST_F(ProgramInterop, Signify) {
  if (!has("signify-openbsd")) {
    if (arePeersRequired()) FAIL() << "no signify-openbsd";
    GTEST_SKIP() << "no signify-openbsd";
  }
  ASSERT_EQ(run("signify-openbsd -G -n -c mine -p " + in("key.pub") + " -s " + in("key.sec")).status, 0);
  const CryptosignKey key = CryptosignKey::fromFile(in("key.sec"));
  EXPECT_TRUE(key.canSign());
  EXPECT_EQ(key.comment(), "mine secret key");
  EXPECT_EQ(CryptosignKey::fromFile(in("key.pub")).publicKey(), key.publicKey());
  // Ed25519 signatures are the same whoever makes them.
  std::ofstream(in("message")) << "a message";
  ASSERT_EQ(run("signify-openbsd -S -s " + in("key.sec") + " -m " + in("message") + " -x " + in("signature"))
                .status,
            0);
  std::ifstream file(in("signature"));
  std::string line;
  std::getline(file, line);
  std::getline(file, line);
  EXPECT_EQ(base64Decode(line).value_or("").substr(10), key.sign("a message"));
}

}  // namespace
}  // namespace autobahn::inline v0::wamp
