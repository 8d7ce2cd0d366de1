// An error that a peer's application, or ours, answers a call with.
#pragma once

#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/value.hpp>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// A WAMP ERROR: thrown by an endpoint it goes to the caller, sent by a peer it is thrown out of the call.
/// `what()` is `errorMessage()`.
class ApplicationError : public Error {
 public:
  /// `error` is a URI, an own one or one of error_uri.hpp. Copied.
  explicit ApplicationError(std::string_view error, List args = {}, Dict kwargs = {});

  const std::string& error() const noexcept { return error_; }
  const List& args() const noexcept { return args_; }
  const Dict& kwargs() const noexcept { return kwargs_; }
  /// For people: `com.myapp.error: the arguments, separated by blanks`. Cut when long.
  std::string errorMessage() const;

 private:
  std::string error_;
  List args_;
  Dict kwargs_;
};

}  // namespace autobahn::inline v0::wamp
