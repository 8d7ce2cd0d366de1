// How a target takes decisions from its input, and how it cuts bytes into pieces.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace autobahn::fuzz {

/// Decisions from the front of an input; zero once it is used up.
class Choices {
 public:
  explicit Choices(std::string_view input) : rest_(input) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto first = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }
  bool flag() { return (byte() & 1) != 0; }
  /// 0…count − 1.
  std::size_t below(std::size_t count) { return byte() % count; }
  /// At most so many bytes as they are.
  std::string_view take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  /// Up to and without the next newline, which is taken too.
  std::string_view line() {
    const std::string_view taken = take(std::min(rest_.find('\n'), rest_.size()));
    take(1);
    return taken;
  }
  std::string_view rest() { return take(rest_.size()); }

 private:
  std::string_view rest_;
};

/// Sizes of pieces. `how` 0: all at once; 1: byte by byte; other numbers: seeds of sizes in no order.
class Cuts {
 public:
  explicit Cuts(std::uint32_t how) : how_(how), state_(how * 2654435761U + 1) {}

  std::size_t next(std::size_t left) {
    if (how_ < 2) return how_ == 0 ? left : std::min<std::size_t>(left, 1);
    constexpr std::uint32_t kMost[] = {2, 5, 40, 700, 9000};
    const std::uint32_t most = kMost[random() % 5];
    return std::min<std::size_t>(left, 1 + random() % most);
  }
  /// A decision by chance, which the same `how` takes again.
  bool oneIn(std::uint32_t count) { return how_ >= 2 && random() % count == 0; }

 private:
  std::uint32_t random() {
    state_ = state_ * 1664525U + 1013904223U;
    return state_ >> 16;
  }

  std::uint32_t how_;
  std::uint32_t state_;
};

/// Bytes in memory of exactly their size: whoever reads beyond them is caught by the sanitizer.
class ExactBytes {
 public:
  explicit ExactBytes(std::string_view bytes) : bytes_(new char[bytes.size()]), size_(bytes.size()) {
    std::copy(bytes.begin(), bytes.end(), bytes_.get());
  }
  char* data() const { return bytes_.get(); }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

/// Hands bytes to an engine of either transport, now and then into its window; `pump` works them off.
template <class Engine, class Pump>
void feedInPieces(Engine& engine, Cuts& cuts, std::string_view rest, Pump&& pump) {
  while (!rest.empty()) {
    std::size_t size = cuts.next(rest.size());
    const auto window = cuts.oneIn(2) ? engine.receiveWindow() : std::span<char>{};
    if (!window.empty()) {
      size = std::min(size, window.size());
      std::copy_n(rest.data(), size, window.data());
      engine.received(size);
      pump();
    } else {
      const ExactBytes piece(rest.substr(0, size));
      engine.feed({piece.data(), size});
      pump();
      if (cuts.oneIn(3)) engine.rest();
    }
    rest.remove_prefix(size);
  }
}

}  // namespace autobahn::fuzz
