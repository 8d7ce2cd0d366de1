// Keys of all forms, from texts and files.
#include "key_file.hpp"

#include <algorithm>
#include <fstream>

#include "autobahn/wamp/auth/cryptosign.hpp"
#include "autobahn/wamp/auth/error.hpp"
#include "ed25519.hpp"
#include "hex.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::size_t kMaxFileSize = std::size_t{64} * 1024;

Secret readFile(const std::filesystem::path& path) {
  std::ifstream file;
  file.rdbuf()->pubsetbuf(nullptr, 0);  // else the key would stay behind in its buffer
  file.open(path, std::ios::binary);
  Secret content(kMaxFileSize + 1);
  file.read(content.bytes().data(), static_cast<std::streamsize>(content.size()));
  const auto size = static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0));
  if (file.bad() || !file.eof()) {
    throw AuthError(size > kMaxFileSize ? "is too long to be a key" : "cannot be read");
  }
  return Secret::copyOf(content.view().substr(0, size));
}

CryptosignKey keyOf(std::string_view content) {
  // By their beginning first: cut to 32 bytes, none of them may pass for a raw key.
  const std::string_view text = trimmed(content);
  if (text.starts_with(kSshPrivateBegin) || text.starts_with(kSshPublicBegin)) {
    return CryptosignKey::fromSshBytes(content);
  }
  if (text.starts_with(kSignifyBegin)) return CryptosignKey::fromSignifyBytes(content);
  const bool isText =
      std::ranges::all_of(content, [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\r'; });
  if (!isText && content.size() == kEd25519KeySize) return CryptosignKey::fromBytes(content);
  if (text.size() == 2 * kEd25519KeySize && hexDecode(text)) return CryptosignKey::fromHex(text);
  throw AuthError("is none of 32 raw bytes, 64 hexadecimal digits, an OpenSSH Ed25519 key, a signify key");
}

}  // namespace

CryptosignKey CryptosignKey::fromSshBytes(std::string_view text) {
  KeyFileContent content = parseSshKey(text);
  if (content.seed.empty()) return fromPubkey(content.publicKey, std::move(content.comment));
  return CryptosignKey(std::move(content.seed), std::move(content.publicKey), std::move(content.comment));
}

CryptosignKey CryptosignKey::fromSignifyBytes(std::string_view text) {
  KeyFileContent content = parseSignifyKey(text);
  if (content.seed.empty()) return fromPubkey(content.publicKey, std::move(content.comment));
  return CryptosignKey(std::move(content.seed), std::move(content.publicKey), std::move(content.comment));
}

CryptosignKey CryptosignKey::fromFile(const std::filesystem::path& path) {
  try {
    const Secret content = readFile(path);
    return keyOf(content.view());
  } catch (const AuthError& error) {
    throw AuthError("key file " + path.string() + ": " + error.what());
  }
}

}  // namespace autobahn::inline v0::wamp
