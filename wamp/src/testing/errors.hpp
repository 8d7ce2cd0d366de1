// For tests: what is thrown.
#pragma once

#include <autobahn/wamp/error.hpp>
#include <string>

namespace autobahn::wamp::testing {

/// The message of the `Error` that `action` throws; "none" when it throws none.
template <class Error, class Action>
std::string errorOf(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

}  // namespace autobahn::wamp::testing
