// Messages that begin and end sessions.
#pragma once

#include <autobahn/wamp/message_parts.hpp>
#include <autobahn/wamp/payload.hpp>
#include <autobahn/wamp/roles.hpp>
#include <optional>
#include <vector>

namespace autobahn::inline v0::wamp::message {

/// [HELLO, Realm|uri, Details|dict]: a client wants to join.
struct Hello {
  static constexpr int kCode = 1;
  struct Details {
    Roles roles{};  ///< at least one, of clients only
    std::optional<Text> agent{};
    std::optional<std::vector<Text>> authmethods{};
    std::optional<Text> authid{};
    std::optional<Text> authrole{};
    Rare<Dict> authextra{};
    std::optional<bool> resumable{};
    std::optional<Id> resumeSession{};  ///< needs `resumeToken`
    std::optional<Text> resumeToken{};
    Custom custom{};
    bool operator==(const Details&) const = default;
  };
  std::optional<Text> realm{};  ///< absent (null on the wire): the router decides
  Details details{};
  bool operator==(const Hello&) const = default;
};

/// [WELCOME, Session|id, Details|dict]: the router lets the client in.
struct Welcome {
  static constexpr int kCode = 2;
  struct Details {
    Roles roles{};  ///< at least one, of routers only
    std::optional<Text> agent{};
    std::optional<Text> realm{};
    std::optional<Text> authid{};
    std::optional<Text> authrole{};
    std::optional<Text> authmethod{};
    std::optional<Text> authprovider{};
    Rare<Dict> authextra{};
    std::optional<bool> resumed{};
    std::optional<bool> resumable{};
    std::optional<Text> resumeToken{};
    Custom custom{};
    bool operator==(const Details&) const = default;
  };
  Id session = 0;
  Details details{};
  bool operator==(const Welcome&) const = default;
};

/// [ABORT, Details|dict, Reason|uri, Arguments|list?, ArgumentsKw|dict?]: no session, or its sudden end.
struct Abort {
  static constexpr int kCode = 3;
  struct Details {
    std::optional<Text> message{};
    Custom custom{};
    bool operator==(const Details&) const = default;
  };
  Details details{};
  Text reason{};
  Payload payload{};
  bool operator==(const Abort&) const = default;
};

/// [CHALLENGE, AuthMethod|string, Extra|dict]: the router asks for a proof.
struct Challenge {
  static constexpr int kCode = 4;
  Text method{};
  Dict extra{};
  bool operator==(const Challenge&) const = default;
};

/// [AUTHENTICATE, Signature|string, Extra|dict]: the client's proof.
struct Authenticate {
  static constexpr int kCode = 5;
  Text signature{};
  Dict extra{};
  bool operator==(const Authenticate&) const = default;
};

/// [GOODBYE, Details|dict, Reason|uri]: the orderly end, and its answer.
struct Goodbye {
  static constexpr int kCode = 6;
  struct Details {
    std::optional<Text> message{};
    std::optional<bool> resumable{};
    Custom custom{};
    bool operator==(const Details&) const = default;
  };
  Details details{};
  Text reason{};
  bool operator==(const Goodbye&) const = default;
};

/// [ERROR, REQUEST.Type|int, REQUEST.Request|id, Details|dict, Error|uri, Arguments|list?, ArgumentsKw|dict?]
struct Error {
  static constexpr int kCode = 8;
  struct Details {
    Identity callee{};
    Rare<Passthru> passthru{};
    std::vector<Forward> forwardFor{};
    Custom custom{};
    bool operator==(const Details&) const = default;
  };
  int requestType = 0;  ///< the code of the message that failed
  Id request = 0;
  Details details{};
  Text error{};
  Payload payload{};
  bool operator==(const Error&) const = default;
};

}  // namespace autobahn::inline v0::wamp::message
