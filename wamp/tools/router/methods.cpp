#include "methods.hpp"

#include <autobahn/wamp/auth/error.hpp>
#include <autobahn/wamp/router/static_authenticators.hpp>
#include <autobahn/wamp/router/tls_authenticator.hpp>
#include <functional>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

namespace router_tool {

using namespace autobahn::wamp;

namespace {

constexpr std::int64_t kManyIterations = 100'000'000;

/// Bytes in hexadecimal digits.
std::string readHex(const Setting& setting, std::optional<std::size_t> size = {}) {
  const std::string text = setting.name();
  const auto digit = [&](char each) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const std::size_t value = kDigits.find(each >= 'A' && each <= 'F' ? static_cast<char>(each + 32) : each);
    if (value == std::string_view::npos) setting.refuse("must be hexadecimal digits");
    return value;
  };
  if (text.size() % 2 != 0) setting.refuse("must have an even number of hexadecimal digits");
  if (size && text.size() != 2 * *size) {
    setting.refuse("must have " + std::to_string(2 * *size) + " hexadecimal digits, has " +
                   std::to_string(text.size()));
  }
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    bytes += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
  }
  return bytes;
}

/// Hands over each entry of `users`; what the library finds wrong with one is said of it.
using ReadUser = std::function<void(const std::string& authid, Section& user, std::string role)>;
void readUsers(Section& method, const RealmAccess& access, const ReadUser& read) {
  for (const auto& [authid, setting] : method.need("users").members()) {
    if (authid.empty()) setting.refuse("a user needs a name");
    Section user(setting);
    std::string role = readRole(user.need("role"), access.roles);
    try {
      read(authid, user, std::move(role));
    } catch (const AuthError& error) {
      setting.refuse(error.what());
    } catch (const std::logic_error& error) {  // InvalidState, std::invalid_argument
      setting.refuse(error.what());
    }
    user.finish();
  }
}

/// Nothing when no procedure is named.
std::shared_ptr<Authenticator> readDynamic(Section& method, std::string_view name, const RealmAccess& access,
                                           const CredentialParameters& made = {}) {
  const auto given = method.find("dynamic");
  if (!given) return nullptr;
  if (method.find("users") || method.find("role")) given->refuse("stands in place of `users` and `role`");
  return readDynamicAuthenticator(*given, name, access, made);
}

std::shared_ptr<Authenticator> readAnonymous(Section& method, const RealmAccess& access) {
  if (auto asked = readDynamic(method, "anonymous", access)) return asked;
  return makeAnonymousAuthenticator(readRole(method.need("role"), access.roles));
}

std::shared_ptr<Authenticator> readTickets(Section& method, const RealmAccess& access) {
  if (auto asked = readDynamic(method, "ticket", access)) return asked;
  auto made = std::make_shared<TicketAuthenticator>();
  readUsers(method, access, [&](const std::string& authid, Section& user, std::string role) {
    made->setUser(authid, readSecret(user.need("ticket")), std::move(role));
  });
  return made;
}

std::shared_ptr<Authenticator> readWampCra(Section& method, const RealmAccess& access) {
  WampCraParameters parameters{.isSalted = false};
  if (const auto given = method.find("salted")) parameters.isSalted = given->flag();
  if (const auto given = method.find("iterations"))
    parameters.iterations = given->integer(1, kManyIterations);
  if (const auto given = method.find("keylen")) parameters.keylen = given->integer(16, 128);
  if (auto asked = readDynamic(method, "wampcra", access, {.wampCra = parameters})) return asked;
  auto made = std::make_shared<WampCraAuthenticator>(parameters);
  readUsers(method, access, [&](const std::string& authid, Section& user, std::string role) {
    const auto key = user.find("derivedKey");
    const auto salt = user.find("salt");
    const auto secret = user.find("secret");
    if (key.has_value() == secret.has_value() || key.has_value() != salt.has_value()) {
      user.setting().refuse("must have either `secret`, or `derivedKey` and `salt`");
    }
    if (key && !parameters.isSalted) key->refuse("is for `salted` users");
    made->setUser(authid,
                  secret ? makeWampCraCredential(readSecret(*secret).view(), parameters)
                         : WampCraCredential{.key = readSecret(*key),
                                             .salt = salt->name(),
                                             .iterations = parameters.iterations,
                                             .keylen = parameters.keylen},
                  std::move(role));
  });
  return made;
}

ScramParameters readScramParameters(Section& method) {
  constexpr std::pair<const char*, ScramKdf> kKdfs[] = {{"argon2id13", ScramKdf::argon2id13},
                                                        {"pbkdf2", ScramKdf::pbkdf2},
                                                        {"argon2id-13", ScramKdf::argon2idAutobahn}};
  constexpr std::int64_t kMuchMemory = 4 * 1024 * 1024;  // KiB
  ScramParameters parameters;
  if (const auto given = method.find("kdf")) parameters.kdf = given->oneOf(kKdfs);
  const bool isArgon2 = parameters.kdf != ScramKdf::pbkdf2;
  parameters.iterations = isArgon2 ? 3 : 600'000;
  if (const auto given = method.find("iterations")) {
    parameters.iterations = given->integer(isArgon2 ? 1 : 4096, kManyIterations);
  }
  if (const auto given = method.find("memory")) {
    if (!isArgon2) given->refuse("is for argon2");
    parameters.memory = given->integer(8, kMuchMemory);
  } else if (isArgon2) {
    parameters.memory = 65'536;
  }
  return parameters;
}

std::shared_ptr<Authenticator> readScram(Section& method, const RealmAccess& access) {
  const ScramParameters parameters = readScramParameters(method);
  if (auto asked = readDynamic(method, "scram", access, {.scram = parameters})) return asked;
  auto made = std::make_shared<ScramAuthenticator>(parameters);
  readUsers(method, access, [&](const std::string& authid, Section& user, std::string role) {
    if (const auto password = user.find("password")) {
      made->setUser(authid, makeScramCredential(readSecret(*password).view(), parameters), std::move(role));
      return;
    }
    const auto storedKey = user.find("storedKey");
    if (!storedKey) user.setting().refuse("must have `password`, or `storedKey`, `serverKey` and `salt`");
    constexpr std::size_t kKeySize = 32;
    made->setUser(authid,
                  {.kdf = parameters.kdf,
                   .salt = readHex(user.need("salt")),
                   .iterations = parameters.iterations,
                   .memory = parameters.memory,
                   .storedKey = Secret::take(readHex(*storedKey, kKeySize)),
                   .serverKey = Secret::take(readHex(user.need("serverKey"), kKeySize))},
                  std::move(role));
  });
  return made;
}

std::shared_ptr<Authenticator> readCryptosign(Section& method, const RealmAccess& access) {
  if (auto asked = readDynamic(method, "cryptosign", access)) return asked;
  auto made = std::make_shared<CryptosignAuthenticator>();
  readUsers(method, access, [&](const std::string& authid, Section& user, std::string role) {
    const Setting keys = user.need("authorizedKeys");
    if (keys.items().empty()) keys.refuse("must not be empty");
    made->setUser(authid, keys.texts(), std::move(role));
  });
  return made;
}

std::shared_ptr<Authenticator> readTls(Section& method, const RealmAccess& access) {
  if (auto asked = readDynamic(method, "tls", access)) return asked;
  auto made = std::make_shared<TlsAuthenticator>();
  readUsers(method, access, [&](const std::string& authid, Section& user, const std::string& role) {
    const auto fingerprints = user.find("fingerprints");
    const auto names = user.find("commonNames");
    if (!fingerprints && !names) user.setting().refuse("must have `fingerprints` or `commonNames`");
    for (const std::string& each : fingerprints ? fingerprints->texts() : std::vector<std::string>()) {
      made->setFingerprint(each, authid, role);
    }
    for (const std::string& each : names ? names->texts() : std::vector<std::string>()) {
      made->setCommonName(each, authid, role);
    }
  });
  return made;
}

std::shared_ptr<Authenticator> readCookie(Section& method, const RealmAccess& access) {
  if (auto asked = readDynamic(method, "cookie", access)) return asked;
  return std::make_shared<CookieAuthenticator>(access.lasting.cookies);
}

}  // namespace

MethodTable readMethods(const Setting& setting, const RealmAccess& access) {
  using Reader = std::shared_ptr<Authenticator> (*)(Section&, const RealmAccess&);
  constexpr std::array<Reader, kMethods.size()> kReaders = {
      readCookie, readTls, readCryptosign, readScram, readWampCra, readTickets, readAnonymous};
  MethodTable table;
  Section all(setting);
  bool isEmpty = true;
  for (std::size_t i = 0; i < kMethods.size(); ++i) {
    const auto given = all.find(std::string(kMethods[i]));
    if (!given) continue;
    Section method(*given);
    table[i] = kReaders[i](method, access);
    method.finish();
    isEmpty = false;
  }
  all.finish();
  if (isEmpty) setting.refuse("must name at least one way to get in");
  return table;
}

}  // namespace router_tool
