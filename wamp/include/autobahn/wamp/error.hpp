// What the wamp module throws. `ApplicationError`, which carries values, has a header of its own.
#pragma once

#include <autobahn/util/invalid_state.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace autobahn::inline v0::wamp {

/// The base of all that is thrown because something went wrong at run time. Misuse of the interface throws
/// `InvalidState` instead, which is a `std::logic_error`.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Thrown when the interface is used in a way that cannot work; the message says what to do instead.
using util::InvalidState;

/// The session has not joined a realm (yet, or any more), or its transport cannot take a message now.
class SessionNotReady : public Error {
 public:
  using Error::Error;
};

/// A message or value cannot be written in, or read from, a serializer's format.
class SerializationError : public Error {
 public:
  using Error::Error;
};

/// The peer broke the protocol. The message names what: `CALL.Options.timeout: an integer >= 0 wanted, …`.
class ProtocolError : public Error {
 public:
  using Error::Error;
};

/// The transport was lost while something was pending.
class TransportLost : public Error {
 public:
  using Error::Error;
};

/// A value is not what was asked for: `argument 2: an integer from -128 to 127 wanted, got the string "x"`.
class ConversionError : public Error {
 public:
  explicit ConversionError(const std::string& detail) : ConversionError("", detail) {}
  /// `path` is where, relative to what was converted: `[3].name`.
  ConversionError(std::string path, std::string detail)
      : Error(path.empty() ? detail : path + ": " + detail),
        path_(std::move(path)),
        detail_(std::move(detail)) {}

  /// Empty when it is the value itself that is wrong.
  const std::string& path() const noexcept { return path_; }
  /// What was wanted and what came.
  const std::string& detail() const noexcept { return detail_; }
  /// The same error as seen from one level above.
  ConversionError within(const std::string& level) const { return {level + path_, detail_}; }

 private:
  std::string path_;
  std::string detail_;
};

}  // namespace autobahn::inline v0::wamp
