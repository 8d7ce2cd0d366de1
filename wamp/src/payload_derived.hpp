// What has been made of a payload, kept beside the bytes it was made of.
#pragma once

#include <array>
#include <atomic>
#include <autobahn/util/buffer.hpp>
#include <autobahn/wamp/payload.hpp>
#include <memory>

namespace autobahn::inline v0::wamp {

/// Decoded, or why that failed.
struct Payload::Values {
  List args;
  Dict kwargs;
  std::string error;
};

/// Args and kwargs in another encoding, or why that failed.
struct Payload::Transcoded {
  Raw raw() const {
    const std::string_view all = bytes.view();
    return {all.substr(0, argsSize), all.substr(argsSize), error};
  }

  util::ByteBuffer bytes;
  std::size_t argsSize = 0;
  std::string error;
};

/// Each is made when first asked for. When two threads ask at once both make it, and one copy is kept.
struct SharedBuffer::Derived {
  Derived() = default;
  Derived(const Derived&) = delete;
  Derived& operator=(const Derived&) = delete;
  ~Derived() {
    delete values.load(std::memory_order_acquire);
    for (auto& each : transcoded) delete each.load(std::memory_order_acquire);
  }

  /// Puts `made` into an empty place; the result is what is there then.
  template <class T>
  static T* keep(std::atomic<T*>& place, std::unique_ptr<T> made) {
    T* there = nullptr;
    if (place.compare_exchange_strong(there, made.get(), std::memory_order_acq_rel)) return made.release();
    return there;
  }

  std::atomic<Payload::Values*> values{nullptr};
  std::array<std::atomic<Payload::Transcoded*>, kEncodingCount> transcoded{};
};

}  // namespace autobahn::inline v0::wamp
