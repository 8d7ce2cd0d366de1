// Passwords and keys while they are in our hands.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// Bytes that are overwritten when they are no longer needed. Moved, not copied (`clone` says so where a
/// second one is wanted); never printed. One object for one thread at a time.
class Secret {
 public:
  /// Empty.
  Secret() = default;
  /// `size` zero bytes, to be filled through `bytes`.
  explicit Secret(std::size_t size);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  /// A copy of `bytes`; the original stays with the caller.
  static Secret copyOf(std::string_view bytes);
  /// A copy of `bytes`, which are overwritten and left empty.
  static Secret take(std::string&& bytes);
  /// `size` bytes from the system's cryptographic generator.
  static Secret random(std::size_t size);

  Secret clone() const { return copyOf(view()); }
  /// Valid until this object is changed, moved or destroyed.
  std::string_view view() const { return {bytes_.get(), size_}; }
  std::span<char> bytes() { return {bytes_.get(), size_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  void wipe() noexcept;

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

/// Overwrites `text` in a way the compiler does not optimise away, and leaves it empty.
void wipe(std::string& text) noexcept;

}  // namespace autobahn::inline v0::wamp
