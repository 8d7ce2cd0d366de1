// What several WAMP messages have in common.
#pragma once

#include <autobahn/wamp/text.hpp>
#include <autobahn/wamp/uri.hpp>
#include <autobahn/wamp/value.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace autobahn::inline v0::wamp {

/// What most messages do not have: a pointer's size while it is not there, copied with its owner. Read it
/// like a pointer, write it with `make`.
template <class T>
class Rare {
 public:
  Rare() noexcept = default;
  Rare(T value) : held_(std::make_unique<T>(std::move(value))) {}  // NOLINT(*-explicit-*)
  Rare(const Rare& other) : held_(other.held_ ? std::make_unique<T>(*other.held_) : nullptr) {}
  Rare(Rare&&) noexcept = default;
  Rare& operator=(const Rare& other) {
    if (this != &other) *this = Rare(other);
    return *this;
  }
  Rare& operator=(Rare&&) noexcept = default;
  ~Rare() = default;

  explicit operator bool() const noexcept { return held_ != nullptr; }
  const T* operator->() const noexcept { return held_.get(); }
  const T& operator*() const noexcept { return *held_; }
  /// The value, made now if it was not there.
  T& make() {
    if (!held_) held_ = std::make_unique<T>();
    return *held_;
  }
  void reset() noexcept { held_.reset(); }

  friend bool operator==(const Rare& a, const Rare& b) { return a && b ? *a == *b : a.held_ == b.held_; }

 private:
  std::unique_ptr<T> held_;
};

/// Which callee gets a call of a shared registration.
enum class Invoke : std::uint8_t { single, roundrobin, random, first, last };

/// What CANCEL does: `skip` answers the caller and leaves the callee alone, `kill` interrupts the callee and
/// waits for its answer, `killnowait` does both at once. INTERRUPT carries the last two.
enum class CancelMode : std::uint8_t { skip, kill, killnowait };

namespace message {

/// Attributes with names of an implementation's own (`isCustomAttribute`), kept and passed on.
using Custom = Rare<Dict>;

/// One router that a message has passed (`forward_for`), with the session it came from.
struct Forward {
  Id session = 0;
  Text authid{};
  Text authrole{};
  bool operator==(const Forward&) const = default;
};

/// How a payload that the router does not look into is packed: payload passthru mode (ppt_…; the payload is
/// one binary argument), and Autobahn's older payload transparency (enc_…; the payload stands in the place of
/// args).
struct Passthru {
  std::optional<Text> encAlgo{};        ///< "cryptobox", "mqtt", "xbr" or "x_…"
  std::optional<Text> encKey{};         ///< which key
  std::optional<Text> encSerializer{};  ///< "json", "msgpack", "cbor", "ubjson", "flatbuffers" or "x_…"
  std::optional<Text> pptScheme{};      ///< "wamp", "mqtt" or "x_…"
  std::optional<Text> pptSerializer{};  ///< "native", "json", "msgpack", "cbor", "flatbuffers", "x_…", …
  std::optional<Text> pptCipher{};      ///< "xsalsa20poly1305", "aes256gcm", "x_…", …
  std::optional<Text> pptKeyid{};       ///< which key
  bool operator==(const Passthru&) const = default;
};

/// What identifies a session to others, when it is disclosed.
struct Identity {
  std::optional<Id> session{};
  std::optional<Text> authid{};
  std::optional<Text> authrole{};
  bool operator==(const Identity&) const = default;
};

}  // namespace message
}  // namespace autobahn::inline v0::wamp
