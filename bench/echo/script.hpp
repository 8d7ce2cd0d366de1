// What the connections of a load say, and how what comes back is counted.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "channel.hpp"
#include "deflate.hpp"
#include "wire.hpp"

namespace bench {

struct Load;

/// Where messages end in a sequence that is repeated for ever.
struct Ends {
  std::vector<std::size_t>
      at;  ///< bytes of the first 1, 2, … messages; the last is the length of the sequence

  void add(std::size_t size) { at.push_back(size + (at.empty() ? 0 : at.back())); }
  std::uint64_t bytes(std::uint64_t messages) const;
  std::uint64_t wholeMessages(std::uint64_t bytes) const;
};

/// Masked frames, in order and again from the beginning.
struct Script {
  explicit Script(const Load& load);

  std::vector<std::string> payloads;
  std::string frames;  ///< the sequence, and its beginning once more, so that no send has to stop at its end
  Ends ends;
  Ends echoEnds;  ///< of what comes back; empty when only the server knows
  std::string offer{};
};

/// What has come back on one connection.
class Answers {
 public:
  virtual ~Answers() = default;
  /// Takes what is there; false when nothing was. Throws when it is wrong.
  virtual bool take(Channel& channel) = 0;
  /// Whole messages so far.
  virtual std::uint64_t messages() const = 0;
  /// Messages so far, with the part of one under way where it is known.
  virtual double progress() const = 0;
  virtual std::uint64_t bytes() const = 0;
};

/// Counts bytes where their number is known, else parses, inflates and compares every message.
std::unique_ptr<Answers> makeAnswers(const Script& script);

}  // namespace bench
