// Nothing an application throws may harm anything but its own connection.
#pragma once

#include <autobahn/util/log.hpp>
#include <exception>
#include <string>
#include <utility>

#include "connection.hpp"

namespace autobahn::inline v0::websocket {

/// What an exception says of itself.
std::string describeException(std::exception_ptr error);

/// Runs a callback of the application. What it throws is logged and fails the connection with 1011.
template <class Callback>
bool Connection::guarded(const char* name, Callback&& callback) {
  try {
    std::forward<Callback>(callback)();
    return true;
  } catch (...) {
    callbackFailed(name, std::current_exception());
    return false;
  }
}

}  // namespace autobahn::inline v0::websocket
