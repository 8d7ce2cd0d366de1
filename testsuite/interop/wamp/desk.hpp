// Our session among the foreign ones: offers procedures and topics, and on request calls theirs.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <autobahn/wamp/session.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace interop {

/// What it offers stands in README.md; everything under `com.interop.`. All peers offer the first part of it
/// under a prefix of theirs.
class Desk final : public autobahn::wamp::ApplicationSession {
 public:
  using Ended = std::function<void(const std::string& problem)>;

  /// `ready` is called when everything is registered; `failed` when it could not be, or the session was lost.
  Desk(std::function<void()> ready, Ended failed);

  asio::awaitable<void> onJoin(autobahn::wamp::SessionDetails details) override;
  void onLeave(const autobahn::wamp::CloseDetails& details) override;
  void onUserError(std::exception_ptr error, std::string_view where) override;

 private:
  asio::awaitable<void> offerValues();
  asio::awaitable<void> offerCalls();
  asio::awaitable<void> offerPatterns();
  asio::awaitable<void> offerTopics();
  asio::awaitable<void> offerServices();

  asio::awaitable<void> sleep(autobahn::wamp::CallDetails details);
  asio::awaitable<int> interrupted(int count);
  asio::awaitable<std::string> callBack(std::string name, std::string prefix,
                                        std::optional<autobahn::wamp::List> values);
  asio::awaitable<autobahn::wamp::Id> publishFor(std::string topic, autobahn::wamp::List args,
                                                 autobahn::wamp::Dict kwargs, autobahn::wamp::Dict options);
  void remember(const autobahn::wamp::CallArgs& args, const autobahn::wamp::EventDetails& details);

  std::function<void()> ready_;
  Ended failed_;
  bool isReady_ = false;
  autobahn::wamp::List events_;
  int interrupted_ = 0;
  std::optional<asio::steady_timer> interruptedChanged_;
};

/// One case of ours against the procedures that a peer offers under `prefix`: throws ApplicationError
/// `com.interop.error.case_failed` with the reason. Gives a note. `values`: names of those that the peer can
/// carry.
asio::awaitable<std::string> runCase(autobahn::wamp::ApplicationSession& session, std::string name,
                                     std::string prefix, autobahn::wamp::List values);

}  // namespace interop
