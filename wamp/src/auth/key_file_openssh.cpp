// OpenSSH's key files: PROTOCOL.key of OpenSSH for private keys, RFC 4253 section 6.6 and RFC 8709 for public
// ones.
#include <autobahn/util/crypto.hpp>
#include <cstdint>

#include "autobahn/wamp/auth/error.hpp"
#include "ed25519.hpp"
#include "key_file.hpp"

namespace autobahn::inline v0::wamp {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSshPrivateEnd = "-----END OPENSSH PRIVATE KEY-----";
constexpr std::string_view kAlgorithm = "ssh-ed25519";

[[noreturn]] void refuse(const std::string& why) { throw AuthError("OpenSSH key: " + why); }

/// Reads the parts of a binary packet; what is missing is refused by name.
class Reader {
 public:
  explicit Reader(std::string_view packet) : rest_(packet) {}

  std::string_view bytes(std::size_t size, const char* what) {
    if (size > rest_.size()) refuse(std::string("ends within ") + what);
    const std::string_view found = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return found;
  }
  std::uint32_t number(const char* what) {
    std::uint32_t value = 0;
    for (const char byte : bytes(4, what)) value = (value << 8) | static_cast<unsigned char>(byte);
    return value;
  }
  std::string_view string(const char* what) { return bytes(number(what), what); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

void checkAlgorithm(std::string_view algorithm) {
  if (algorithm != kAlgorithm) refuse("is no Ed25519 key");
}

std::string publicKeyIn(std::string_view blob) {
  Reader reader(blob);
  checkAlgorithm(reader.string("the algorithm's name"));
  const std::string_view key = reader.string("the public key");
  if (key.size() != kEd25519KeySize) refuse("public key of " + std::to_string(key.size()) + " bytes, not 32");
  if (!reader.rest().empty()) refuse("more follows the public key");
  return std::string(key);
}

// The numbers 1, 2, 3… up to a multiple of the cipher's block, which is 8 where there is no cipher.
void checkPadding(std::string_view padding, std::size_t blobSize) {
  bool isGood = padding.size() < 8 && blobSize % 8 == 0;
  for (std::size_t at = 0; at < padding.size(); ++at)
    isGood = isGood && padding[at] == static_cast<char>(at + 1);
  if (!isGood) refuse("private part is not padded as it should be");
}

KeyFileContent privateKeyIn(std::string_view blob, const std::string& publicKey) {
  Reader reader(blob);
  if (reader.number("the check number") != reader.number("the check number")) refuse("check numbers differ");
  checkAlgorithm(reader.string("the private part's algorithm"));
  const std::string_view halfAlone = reader.string("the private part's public key");
  const std::string_view both = reader.string("the private key");
  const std::string_view comment = reader.string("the comment");
  checkPadding(reader.rest(), blob.size());
  if (both.size() != 2 * kEd25519KeySize)
    refuse("private key of " + std::to_string(both.size()) + " bytes, not 64");
  KeyFileContent content{Secret::copyOf(both.substr(0, kEd25519KeySize)), publicKey, std::string(comment)};
  if (halfAlone != publicKey || both.substr(kEd25519KeySize) != publicKey ||
      ed25519PublicKey(content.seed.view()) != publicKey) {
    refuse("public and private key do not belong together");
  }
  return content;
}

KeyFileContent parsePrivate(std::string_view text) {
  if (!text.ends_with(kSshPrivateEnd) || text.size() < kSshPrivateBegin.size() + kSshPrivateEnd.size()) {
    refuse("no line \"" + std::string(kSshPrivateEnd) + "\" at the end");
  }
  text.remove_prefix(kSshPrivateBegin.size());
  text.remove_suffix(kSshPrivateEnd.size());
  std::string base64;
  base64.reserve(text.size());  // so that no part of it stays behind in an outgrown store
  for (const char c : text) {
    if (c != '\n' && c != '\r') base64 += c;
  }
  auto decoded = util::base64Decode(base64);
  wipe(base64);
  if (!decoded) refuse("is not base64");
  const Secret blob = Secret::take(std::move(*decoded));

  Reader reader(blob.view());
  if (reader.bytes(15, "the magic words") != "openssh-key-v1\0"sv) refuse("is not of version openssh-key-v1");
  if (reader.string("the cipher's name") != "none" || reader.string("the KDF's name") != "none") {
    refuse("is encrypted, which is not supported; remove the passphrase from a copy with ssh-keygen -p");
  }
  if (!reader.string("the KDF's options").empty()) refuse("has KDF options but no KDF");
  if (const auto count = reader.number("the number of keys"); count != 1) {
    refuse("holds " + std::to_string(count) + " keys, not one");
  }
  const std::string publicKey = publicKeyIn(reader.string("the public part"));
  const std::string_view privatePart = reader.string("the private part");
  if (!reader.rest().empty()) refuse("more follows the private part");
  return privateKeyIn(privatePart, publicKey);
}

// "ssh-ed25519 BASE64 comment".
KeyFileContent parsePublic(std::string_view text) {
  text.remove_prefix(kSshPublicBegin.size());
  if (!text.starts_with(' ') && !text.starts_with('\t')) refuse("no base64 after ssh-ed25519");
  text = trimmed(text);
  if (text.find('\n') != std::string_view::npos) refuse("more than one line");
  const std::string_view base64 = text.substr(0, text.find_first_of(" \t"));
  const auto blob = util::base64Decode(base64);
  if (!blob) refuse("is not base64");
  return {{}, publicKeyIn(*blob), std::string(trimmed(text.substr(base64.size())))};
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) + 1 - begin);
}

KeyFileContent parseSshKey(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with(kSshPrivateBegin)) return parsePrivate(text);
  if (text.starts_with(kSshPublicBegin)) return parsePublic(text);
  refuse("begins neither with \"" + std::string(kSshPrivateBegin) + "\" nor with \"ssh-ed25519\"");
}

}  // namespace autobahn::inline v0::wamp
