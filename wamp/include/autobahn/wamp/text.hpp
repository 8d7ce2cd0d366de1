// Strings in messages.
#pragma once

#include <autobahn/wamp/shared_buffer.hpp>
#include <concepts>
#include <cstring>
#include <ostream>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// An immutable string that shares its bytes: a received message's URIs and names lie in the message's
/// buffer, and copying them into another message copies no bytes. Reads like a `std::string_view`, but keeps
/// alive what it shows. Whoever keeps one for long (a registry's key) keeps a `string()` instead, or the
/// whole message stays.
class Text {
 public:
  Text() noexcept = default;
  /// Copies.
  template <std::convertible_to<std::string_view> String>
  requires(!std::same_as<std::remove_cvref_t<String>, Text>) Text(const String& text)  // NOLINT(*-explicit-*)
      : Text(SharedBuffer::copyOf(text)) {}
  /// Shows bytes that live for ever (constants): copies nothing.
  static Text constant(std::string_view text) {
    Text shown;
    shown.view_ = text;
    return shown;
  }
  /// Shows a part of `buffer`.
  Text(SharedBuffer buffer, std::string_view part) noexcept : buffer_(std::move(buffer)), view_(part) {}

  std::string_view view() const noexcept { return view_; }
  operator std::string_view() const noexcept { return view_; }  // NOLINT(*-explicit-*)
  std::string string() const { return std::string(view_); }
  bool empty() const noexcept { return view_.empty(); }
  std::size_t size() const noexcept { return view_.size(); }
  /// What the text keeps alive: the bytes it is a part of; nothing for constants.
  const SharedBuffer& buffer() const noexcept { return buffer_; }

  friend bool operator==(const Text& a, const Text& b) noexcept { return a.view_ == b.view_; }
  template <std::convertible_to<std::string_view> String>
  requires(!std::same_as<std::remove_cvref_t<String>, Text>) friend bool operator==(
      const Text& a, const String& b) noexcept {
    return a.view_ == std::string_view(b);
  }
  friend std::ostream& operator<<(std::ostream& out, const Text& text) { return out << text.view_; }

 private:
  explicit Text(SharedBuffer buffer) noexcept : buffer_(std::move(buffer)), view_(buffer_.view()) {}

  SharedBuffer buffer_;
  std::string_view view_;
};

}  // namespace autobahn::inline v0::wamp
