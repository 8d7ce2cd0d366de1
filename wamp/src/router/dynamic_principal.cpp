#include "dynamic_principal.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include "../auth/hex.hpp"

namespace autobahn::inline v0::wamp::router {
namespace {

// Beyond these a user could not log in, or the client would be tied up.
constexpr std::int64_t kMaxIterations = 100'000'000;
constexpr std::int64_t kMaxKeylen = 128;
constexpr std::int64_t kMaxMemory = 4 * 1024 * 1024;  // KiB
constexpr std::size_t kScramKeySize = 32;

[[noreturn]] void refuse(std::string_view name, std::string_view wanted) {
  throw std::runtime_error(std::string(name) + ": " + std::string(wanted));
}

// nullptr when it is not there, or null.
const Value* find(const Dict& answer, std::string_view name) {
  const auto found = answer.find(name);
  return found == answer.end() || found->second.isNull() ? nullptr : &found->second;
}

std::optional<std::string> text(const Dict& answer, std::string_view name) {
  const Value* found = find(answer, name);
  if (found == nullptr) return std::nullopt;
  if (!found->isString()) refuse(name, "a string is wanted");
  return found->asString();
}

std::string needText(const Dict& answer, std::string_view name) {
  std::optional<std::string> found = text(answer, name);
  if (!found) refuse(name, "is needed");
  return *std::move(found);
}

std::int64_t number(const Dict& answer, std::string_view name, std::int64_t otherwise, std::int64_t most) {
  const Value* found = find(answer, name);
  if (found == nullptr) return otherwise;
  if (!found->isInt64() || found->asInt64() < 1 || found->asInt64() > most) {
    refuse(name, "an integer of 1…" + std::to_string(most) + " is wanted");
  }
  return found->asInt64();
}

Secret hexadecimal(const Dict& answer, std::string_view name) {
  std::optional<Secret> bytes = hexDecode(needText(answer, name));
  if (!bytes) refuse(name, "hexadecimal digits are wanted");
  return *std::move(bytes);
}

Secret scramKey(const Dict& answer, std::string_view name) {
  Secret key = hexadecimal(answer, name);
  if (key.size() != kScramKeySize) refuse(name, "64 hexadecimal digits are wanted");
  return key;
}

}  // namespace

DynamicPrincipal readPrincipal(const List& args, const AuthenticationRequest& request,
                               const std::string& defaultRole) {
  DynamicPrincipal made;
  if (args.size() != 1) refuse("answer", "one result is wanted");
  if (args.front().isString()) {
    made.answer = {{"role", args.front()}};
  } else if (args.front().isDict()) {
    made.answer = args.front().asDict();
  } else {
    refuse("answer", "a role or a dict is wanted");
  }
  const Dict& answer = made.answer;
  const std::optional<std::string> authid = text(answer, "authid");
  made.hasAuthid = authid.has_value();
  made.principal = {.authid = authid ? *authid : request.authid.value_or(""),
                    .authrole = text(answer, "role"),
                    .authprovider = "dynamic"};
  if (!made.principal.authrole && !defaultRole.empty()) made.principal.authrole = defaultRole;
  if (made.principal.authrole.value_or("").empty()) refuse("role", "is needed");
  // Realms have authenticators of their own: the one asked for is the one that is joined.
  if (text(answer, "realm").value_or(request.realm) != request.realm) {
    refuse("realm", "not the one that the client has asked for");
  }
  if (const Value* extra = find(answer, "extra")) {
    if (!extra->isDict()) refuse("extra", "a dict is wanted");
    made.principal.extra = extra->asDict();
  }
  return made;
}

WampCraCredential wampCraCredentialOf(const DynamicPrincipal& user) {
  WampCraCredential made{.key = Secret::take(needText(user.answer, "secret")),
                         .salt = text(user.answer, "salt")};
  if (made.key.empty()) refuse("secret", "must not be empty");
  made.iterations = number(user.answer, "iterations", made.iterations, kMaxIterations);
  made.keylen = number(user.answer, "keylen", made.keylen, kMaxKeylen);
  return made;
}

ScramCredential scramCredentialOf(const DynamicPrincipal& user) {
  const std::optional<ScramKdf> kdf = scramKdfOf(needText(user.answer, "kdf"));
  if (!kdf) refuse("kdf", "\"pbkdf2\", \"argon2id13\" or \"argon2id-13\" is wanted");
  ScramCredential made{.kdf = *kdf, .salt = std::string(hexadecimal(user.answer, "salt").view())};
  if (made.salt.empty()) refuse("salt", "must not be empty");
  made.iterations = number(user.answer, "iterations", 0, kMaxIterations);
  if (made.iterations == 0) refuse("iterations", "is needed");
  if (*kdf != ScramKdf::pbkdf2) {
    made.memory = number(user.answer, "memory", 0, kMaxMemory);
    if (made.memory == 0) refuse("memory", "is needed");
  }
  made.storedKey = scramKey(user.answer, "stored-key");
  made.serverKey = scramKey(user.answer, "server-key");
  return made;
}

bool hasKey(const DynamicPrincipal& user, const std::string& key) {
  const Value* keys = find(user.answer, "pubkey");
  if (keys == nullptr) refuse("pubkey", "is needed");
  const auto isSame = [&key](const Value& each) {
    const std::optional<std::string> owned = each.isString() ? normalizedKey(each.asString()) : std::nullopt;
    if (!owned) refuse("pubkey", "64 hexadecimal digits are wanted");
    return *owned == key;
  };
  if (!keys->isList()) return isSame(*keys);
  bool isOwner = false;
  for (const Value& each : keys->asList()) isOwner |= isSame(each);
  return isOwner;
}

}  // namespace autobahn::inline v0::wamp::router
