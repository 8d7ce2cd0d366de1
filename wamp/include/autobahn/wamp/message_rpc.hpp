// Messages between callers, the dealer and callees.
#pragma once

#include <autobahn/wamp/message_parts.hpp>
#include <autobahn/wamp/payload.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace autobahn::inline v0::wamp::message {

/// [CALL, Request|id, Options|dict, Procedure|uri, Arguments|list?, ArgumentsKw|dict?]
struct Call {
  static constexpr int kCode = 48;
  struct Options {
    std::optional<std::chrono::milliseconds> timeout{};  ///< >= 0
    std::optional<bool> receiveProgress{};
    std::optional<bool> progress{};  ///< more CALLs of the same request follow
    std::optional<bool> discloseMe{};
    std::optional<Text> transactionHash{};
    Identity caller{};  ///< of routers that call for somebody
    std::optional<Text> runmode{};
    std::optional<Text> rkey{};
    Rare<Passthru> passthru{};
    std::vector<Forward> forwardFor{};
    Custom custom{};
    bool operator==(const Options&) const = default;
  };
  Id request = 0;
  Options options{};
  Text procedure{};
  Payload payload{};
  bool operator==(const Call&) const = default;
};

/// [CANCEL, CALL.Request|id, Options|dict]
struct Cancel {
  static constexpr int kCode = 49;
  struct Options {
    std::optional<CancelMode> mode{};
    std::vector<Forward> forwardFor{};
    Custom custom{};
    bool operator==(const Options&) const = default;
  };
  Id request = 0;
  Options options{};
  bool operator==(const Cancel&) const = default;
};

/// [RESULT, CALL.Request|id, Details|dict, Arguments|list?, ArgumentsKw|dict?]
struct Result {
  static constexpr int kCode = 50;
  struct Details {
    std::optional<bool> progress{};  ///< more results follow
    Identity callee{};
    Rare<Passthru> passthru{};
    std::vector<Forward> forwardFor{};
    Custom custom{};
    bool operator==(const Details&) const = default;
  };
  Id request = 0;
  Details details{};
  Payload payload{};
  bool operator==(const Result&) const = default;
};

/// [REGISTER, Request|id, Options|dict, Procedure|uri]
struct Register {
  static constexpr int kCode = 64;
  struct Options {
    std::optional<Match> match{};
    std::optional<Invoke> invoke{};
    std::optional<std::uint64_t> concurrency{};  ///< calls at a time; >= 1
    std::optional<bool> forceReregister{};
    std::optional<bool> discloseCaller{};
    std::optional<bool> forwardTimeout{};
    std::vector<Forward> forwardFor{};
    Custom custom{};
    bool operator==(const Options&) const = default;
  };
  Id request = 0;
  Options options{};
  Text procedure{};  ///< valid as `options.match` has it
  bool operator==(const Register&) const = default;
};

/// [REGISTERED, REGISTER.Request|id, Registration|id]
struct Registered {
  static constexpr int kCode = 65;
  Id request = 0;
  Id registration = 0;
  bool operator==(const Registered&) const = default;
};

/// [UNREGISTER, Request|id, REGISTERED.Registration|id, Options|dict?]
struct Unregister {
  static constexpr int kCode = 66;
  struct Options {
    std::vector<Forward> forwardFor{};
    Custom custom{};
    bool operator==(const Options&) const = default;
  };
  Id request = 0;
  Id registration = 0;
  Options options{};
  bool operator==(const Unregister&) const = default;
};

/// [UNREGISTERED, UNREGISTER.Request|id, Details|dict?]; the router revokes a registration with request 0.
struct Unregistered {
  static constexpr int kCode = 67;
  struct Details {
    std::optional<Id> registration{};  ///< needed when the request is 0
    std::optional<Text> reason{};
    Custom custom{};
    bool operator==(const Details&) const = default;
  };
  Id request = 0;  ///< 0: not asked for
  Details details{};
  bool operator==(const Unregistered&) const = default;
};

/// [INVOCATION, Request|id, REGISTERED.Registration|id, Details|dict, Arguments|list?, ArgumentsKw|dict?]
struct Invocation {
  static constexpr int kCode = 68;
  struct Details {
    std::optional<std::chrono::milliseconds> timeout{};  ///< >= 0
    std::optional<bool> receiveProgress{};
    std::optional<bool> progress{};  ///< more INVOCATIONs of the same request follow
    Identity caller{};
    std::optional<Text> procedure{};  ///< the URI called, for registrations by pattern
    std::optional<std::uint64_t> trustlevel{};
    std::optional<Text> transactionHash{};
    Rare<Passthru> passthru{};
    std::vector<Forward> forwardFor{};
    Custom custom{};
    bool operator==(const Details&) const = default;
  };
  Id request = 0;
  Id registration = 0;
  Details details{};
  Payload payload{};
  bool operator==(const Invocation&) const = default;
};

/// [INTERRUPT, INVOCATION.Request|id, Options|dict]
struct Interrupt {
  static constexpr int kCode = 69;
  struct Options {
    std::optional<CancelMode> mode{};
    std::optional<Text> reason{};
    std::vector<Forward> forwardFor{};
    Custom custom{};
    bool operator==(const Options&) const = default;
  };
  Id request = 0;
  Options options{};
  bool operator==(const Interrupt&) const = default;
};

/// [YIELD, INVOCATION.Request|id, Options|dict, Arguments|list?, ArgumentsKw|dict?]
struct Yield {
  static constexpr int kCode = 70;
  struct Options {
    std::optional<bool> progress{};  ///< more YIELDs follow
    Identity callee{};
    Rare<Passthru> passthru{};
    std::vector<Forward> forwardFor{};
    Custom custom{};
    bool operator==(const Options&) const = default;
  };
  Id request = 0;
  Options options{};
  Payload payload{};
  bool operator==(const Yield&) const = default;
};

}  // namespace autobahn::inline v0::wamp::message
