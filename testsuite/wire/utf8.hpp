// UTF-8 after RFC 3629, one byte at a time: slow, obviously right, and not the library's validator.
#pragma once

#include <cstdint>
#include <string_view>

namespace wstest {

class Utf8Checker {
 public:
  /// False from the first byte on that no valid text can have there.
  bool add(std::string_view bytes);
  /// Whether what was added so far ends between two characters.
  bool isComplete() const { return missing_ == 0; }

 private:
  int missing_ = 0;  ///< continuation bytes still to come
  std::uint8_t low_ = 0x80;
  std::uint8_t high_ = 0xBF;
  bool isBroken_ = false;
};

/// Whether `text` is valid and complete.
bool isUtf8(std::string_view text);

}  // namespace wstest
