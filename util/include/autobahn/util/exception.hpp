// What an exception says of itself, for logs.
#pragma once

#include <exception>
#include <string>

namespace autobahn::inline v0::util {

/// The text of a std::exception, or words for any other. `error` must not be null. From any thread.
inline std::string describeException(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace autobahn::inline v0::util
