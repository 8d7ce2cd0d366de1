#include <asio/execution_context.hpp>
#include <asio/post.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>
#include <autobahn/wamp/auth/error.hpp>
#include <autobahn/wamp/client_auth.hpp>
#include <autobahn/wamp/completion.hpp>
#include <functional>
#include <memory>
#include <utility>

namespace autobahn::inline v0::wamp {
namespace {

// The first that has a name for the session says it.
void setAuthid(JoinOptions& options, const std::optional<std::string>& authid) {
  if (authid && !options.authid) options.authid = authid;
}

const Value* find(const Dict& extra, std::string_view key) {
  const auto found = extra.find(key);
  return found == extra.end() || found->second.isNull() ? nullptr : &found->second;
}

template <class T>
std::optional<T> optionalOf(const Challenge& challenge, std::string_view key) {
  const Value* const value = find(challenge.extra, key);
  if (value == nullptr) return std::nullopt;
  try {
    return convert<T>(*value);
  } catch (const ConversionError& error) {
    throw AuthError("CHALLENGE.Extra." + std::string(key) + ": " + error.what());
  }
}

template <class T>
T requiredOf(const Challenge& challenge, std::string_view key) {
  if (auto value = optionalOf<T>(challenge, key)) return std::move(*value);
  throw AuthError("CHALLENGE.Extra." + std::string(key) + ": a value wanted, got nothing");
}

// Key derivation takes its time: never on an event loop. Each loop has a thread for it, which ends before the
// loop does: so none posts to a loop that is gone.
class Derivations : public asio::execution_context::service {
 public:
  static inline asio::execution_context::id id;

  explicit Derivations(asio::execution_context& context) : service(context) {}
  static asio::thread_pool& of(const asio::any_io_executor& executor) {
    return *asio::use_service<Derivations>(asio::query(executor, asio::execution::context)).pool_;
  }

 private:
  void shutdown() override {
    pool_->stop();
    pool_->join();
    pool_.reset();
  }

  std::unique_ptr<asio::thread_pool> pool_ = std::make_unique<asio::thread_pool>(1);
};

asio::awaitable<ChallengeAnswer> derive(asio::any_io_executor executor,
                                        std::function<ChallengeAnswer()> work) {
  auto start = [executor, work = std::move(work)](Completion<ChallengeAnswer> done) {
    auto home = asio::prefer(executor, asio::execution::outstanding_work.tracked);
    asio::post(Derivations::of(executor), [home, work, done = std::move(done)]() mutable {
      ChallengeAnswer answer;
      std::exception_ptr failed;
      try {
        answer = work();
      } catch (...) {
        failed = std::current_exception();
      }
      // The completion is the other thread's.
      asio::post(home, [done = std::move(done), answer = std::move(answer), failed]() mutable {
        failed ? done.fail(failed) : done.succeed(std::move(answer));
      });
    });
  };
  auto token = asio::use_awaitable;
  return startOperation<ChallengeAnswer>(executor, token, Unchanged(), std::move(start));
}

}  // namespace

void AuthAnonymous::prepare(JoinOptions& options, const Transport& /*transport*/) {
  setAuthid(options, authid_);
}

MaybeAwaitable<ChallengeAnswer> AuthAnonymous::answer(Challenge /*challenge*/) {
  throw AuthError("a challenge for \"anonymous\", which has nothing to answer");
}

void AuthTicket::prepare(JoinOptions& options, const Transport& /*transport*/) {
  setAuthid(options, authid_);
}

MaybeAwaitable<ChallengeAnswer> AuthTicket::answer(Challenge /*challenge*/) {
  return ChallengeAnswer(std::string(ticket_.view()));
}

void AuthWampCra::prepare(JoinOptions& options, const Transport& transport) {
  setAuthid(options, authid_);
  executor_ = transport.executor();
}

MaybeAwaitable<ChallengeAnswer> AuthWampCra::answer(Challenge challenge) {
  WampCraChallenge asked;
  asked.challenge = requiredOf<std::string>(challenge, "challenge");
  asked.salt = optionalOf<std::string>(challenge, "salt");
  asked.iterations = optionalOf<std::int64_t>(challenge, "iterations").value_or(asked.iterations);
  asked.keylen = optionalOf<std::int64_t>(challenge, "keylen").value_or(asked.keylen);
  if (!asked.salt) return ChallengeAnswer(signWampCra(asked, secret_.view(), limits_));
  const auto secret = std::make_shared<Secret>(secret_.clone());
  return derive(executor_, [asked, secret, limits = limits_] {
    return ChallengeAnswer(signWampCra(asked, secret->view(), limits));
  });
}

void AuthScram::prepare(JoinOptions& options, const Transport& transport) {
  setAuthid(options, authid_);
  executor_ = transport.executor();
  client_ = std::make_shared<ScramClient>(authid_, password_.clone(), std::nullopt, limits_);
  options.authextra.insert_or_assign("nonce", client_->hello().nonce);
}

MaybeAwaitable<ChallengeAnswer> AuthScram::answer(Challenge challenge) {
  ScramChallenge asked;
  asked.nonce = requiredOf<std::string>(challenge, "nonce");
  asked.salt = requiredOf<std::string>(challenge, "salt");
  asked.kdf = requiredOf<std::string>(challenge, "kdf");
  asked.iterations = requiredOf<std::int64_t>(challenge, "iterations");
  asked.memory = optionalOf<std::int64_t>(challenge, "memory");
  return derive(executor_, [client = client_, method = challenge.method, asked] {
    ScramAuthenticate proof = client->respond(method, asked);
    ChallengeAnswer answer(std::move(proof.signature));
    if (proof.nonce) answer.extra.emplace("nonce", *proof.nonce);
    if (proof.channelBinding) answer.extra.emplace("channel_binding", *proof.channelBinding);
    if (proof.cbindData) answer.extra.emplace("cbind_data", *proof.cbindData);
    return answer;
  });
}

std::optional<std::string> AuthScram::checkWelcome(const SessionDetails& details) {
  for (const char* key : {"verifier", "scram_server_signature"}) {
    const Value* const verifier = find(details.authextra, key);
    if (verifier != nullptr && verifier->isString() && client_->verifyServer(verifier->asString())) {
      return std::nullopt;
    }
  }
  return "the router has not proved that it knows the user " + authid_;
}

void AuthCryptosign::prepare(JoinOptions& options, const Transport& transport) {
  setAuthid(options, authid_);
  options.authextra.insert_or_assign("pubkey", key_.publicKey());
  binding_.reset();
  if (!bindingType_) return;
  std::string data = transport.getChannelId(*bindingType_);
  if (data.empty()) {
    throw AuthError("channel binding " + *bindingType_ + " is wanted, and the transport (" +
                    transport.details().type + ") has none");
  }
  binding_ = ChannelBinding{*bindingType_, std::move(data)};
  options.authextra.insert_or_assign("channel_binding", *bindingType_);
}

MaybeAwaitable<ChallengeAnswer> AuthCryptosign::answer(Challenge challenge) {
  CryptosignChallenge asked;
  asked.challenge = requiredOf<std::string>(challenge, "challenge");
  asked.channelBinding = optionalOf<std::string>(challenge, "channel_binding");
  return ChallengeAnswer(key_.signChallenge(asked, binding_));
}

}  // namespace autobahn::inline v0::wamp
