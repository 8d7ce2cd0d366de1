// What a session keeps of each registration and subscription, shared with the handles that the application
// has.
#pragma once

#include <autobahn/wamp/uri.hpp>
#include <functional>
#include <memory>
#include <string>

namespace autobahn::inline v0::wamp {

template <class Details>
class Handler;
struct CallDetails;
struct EventDetails;

/// A registration, from REGISTER on.
class RegistrationState {
 public:
  Id id = 0;
  std::string procedure;
  bool isActive = false;
  std::shared_ptr<Handler<CallDetails>> endpoint;
  std::function<void(const std::string&)> onUnregister;
};

/// One handler at a subscription, from SUBSCRIBE on.
class SubscriptionState {
 public:
  Id id = 0;
  std::string topic;
  Match match = Match::exact;
  bool isActive = false;
  std::shared_ptr<Handler<EventDetails>> handler;
  std::function<void(const std::string&)> onUnsubscribe;
};

}  // namespace autobahn::inline v0::wamp
