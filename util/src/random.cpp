#include "autobahn/util/random.hpp"

#include <pthread.h>
#include <sys/random.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace autobahn::inline v0::util {
namespace {

// Counts forks on the way down from the first process: a store filled under another count was copied from
// the parent, which will use the same bytes.
std::atomic<std::uint32_t> forkGeneration{0};

void watchForks() {
  static const int error =
      pthread_atfork(nullptr, nullptr, [] { forkGeneration.fetch_add(1, std::memory_order_relaxed); });
  if (error != 0) throw std::system_error(error, std::generic_category(), "pthread_atfork");
}

// One system call's worth of randomness per thread, for what is needed once per frame or message.
class Store {
 public:
  template <class Integer>
  Integer take() {
    if (left_ < sizeof(Integer) || generation_ != forkGeneration.load(std::memory_order_relaxed)) refill();
    Integer value;
    left_ -= sizeof value;
    std::memcpy(&value, bytes_.data() + left_, sizeof value);
    return value;
  }

 private:
  void refill() {
    watchForks();
    left_ = 0;  // stays empty when randomBytes throws
    generation_ = forkGeneration.load(std::memory_order_relaxed);
    randomBytes(bytes_);
    left_ = bytes_.size();
  }

  std::array<char, 1024> bytes_{};
  std::size_t left_ = 0;
  std::uint32_t generation_ = 0;
};

thread_local constinit Store store;

// Characters drawn without bias: a byte past the largest multiple of the charset's size is thrown away.
class CharacterSource {
 public:
  explicit CharacterSource(std::string_view charset)
      : charset_(charset), limit_(256 - 256 % charset.size()), next_(sizeof(bytes_)) {}

  char take() {
    for (;;) {
      if (next_ == sizeof(bytes_)) {
        randomBytes(bytes_);
        next_ = 0;
      }
      const auto byte = static_cast<unsigned char>(bytes_[next_++]);
      if (byte < limit_) return charset_[byte % charset_.size()];
    }
  }

 private:
  std::string_view charset_;
  std::size_t limit_;
  std::size_t next_;
  std::array<char, 64> bytes_;
};

char toLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

void randomBytes(std::span<char> into) {
  while (!into.empty()) {
    const ssize_t got = ::getrandom(into.data(), into.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    into = into.subspan(static_cast<std::size_t>(got));
  }
}

std::uint32_t randomMaskKey() { return store.take<std::uint32_t>(); }

std::uint64_t newId() {
  constexpr std::uint64_t kRange = std::uint64_t{1} << 53;
  return store.take<std::uint64_t>() % kRange + 1;
}

std::string generateToken(std::size_t groups, std::size_t charsPerGroup, std::string_view charset,
                          std::string_view separator, bool lower) {
  if (charset.empty() || charset.size() > 256) {
    throw std::invalid_argument("generateToken: the charset must have 1 to 256 characters");
  }
  CharacterSource source(charset);
  std::string token;
  for (std::size_t group = 0; group < groups; ++group) {
    if (group != 0 && charsPerGroup > 1) token += separator;
    for (std::size_t i = 0; i < charsPerGroup; ++i) {
      const char c = source.take();
      token += lower ? toLower(c) : c;
    }
  }
  return token;
}

std::string generateActivationCode() { return generateToken(3); }
std::string generateUserPassword() { return generateToken(16, 1, kPasswordCharset, "-", true); }
std::string generateSerialNumber() { return generateToken(6); }

}  // namespace autobahn::inline v0::util
