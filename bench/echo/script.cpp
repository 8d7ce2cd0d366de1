#include "script.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "generator.hpp"

namespace bench {
namespace {

/// Compressed messages differ, and the same do not come again within a window: servers with context takeover
/// would find them.
std::size_t messagesOf(const Load& load) {
  constexpr std::size_t kAtLeast = 16;
  constexpr std::size_t kBytes = 256 << 10;
  return load.takeover == Takeover::none ? 1 : std::max(kAtLeast, kBytes / load.payloadSize);
}

/// Bytes are discarded; their number says it all.
class CountedAnswers final : public Answers {
 public:
  explicit CountedAnswers(const Script& script) : script_(script) {}
  bool take(Channel& channel) override {
    const ssize_t size = channel.discard();
    if (size == 0) throw std::runtime_error("the server closed a connection under load");
    if (size < 0) return false;
    bytes_ += static_cast<std::uint64_t>(size);
    messages_ = script_.echoEnds.wholeMessages(bytes_);
    return true;
  }
  std::uint64_t messages() const override { return messages_; }
  double progress() const override {
    const std::uint64_t rest = bytes_ - script_.echoEnds.bytes(messages_);
    const std::uint64_t next = script_.echoEnds.bytes(messages_ + 1) - script_.echoEnds.bytes(messages_);
    return static_cast<double>(messages_) + static_cast<double>(rest) / static_cast<double>(next);
  }
  std::uint64_t bytes() const override { return bytes_; }

 private:
  const Script& script_;
  std::uint64_t bytes_ = 0;
  std::uint64_t messages_ = 0;
};

/// Every message is inflated and compared.
class InflatedAnswers final : public Answers {
 public:
  explicit InflatedAnswers(const Script& script) : script_(script) {}
  bool take(Channel& channel) override {
    static std::array<char, 256 << 10> buffer;
    const ssize_t size = channel.receive(buffer.data(), buffer.size());
    if (size == 0) throw std::runtime_error("the server closed a connection under load");
    if (size < 0) return false;
    bytes_ += static_cast<std::uint64_t>(size);
    pending_.append(buffer.data(), static_cast<std::size_t>(size));
    std::string_view rest = pending_;
    while (takeFrame(rest)) {
    }
    pending_.erase(0, pending_.size() - rest.size());
    return true;
  }
  std::uint64_t messages() const override { return messages_; }
  double progress() const override { return static_cast<double>(messages_); }
  std::uint64_t bytes() const override { return bytes_; }

 private:
  /// One whole unmasked frame from the front of `bytes`; false when there is none.
  bool takeFrame(std::string_view& bytes) {
    if (bytes.size() < 2) return false;
    const auto octet = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    std::uint64_t size = octet(1) & 0x7FU;
    const std::size_t lengthBytes = size == 126 ? 2 : size == 127 ? 8 : 0;
    const std::size_t header = 2 + lengthBytes;
    if (bytes.size() < header) return false;
    if (lengthBytes != 0) size = 0;
    for (std::size_t i = 2; i < header; ++i) size = size << 8 | octet(i);
    if (bytes.size() - header < size) return false;
    takePiece(octet(0), bytes.substr(header, size));
    bytes.remove_prefix(header + size);
    return true;
  }

  /// A peer may cut its messages into frames (RFC 6455, section 5.4).
  void takePiece(unsigned first, std::string_view payload) {
    if ((first & 0x0FU) != 0) isCompressed_ = (first & kCompressed) != 0;
    if ((first & kFin) != 0 && message_.empty()) return takeMessage(payload);
    message_ += payload;
    if ((first & kFin) == 0) return;
    takeMessage(message_);
    message_.clear();
  }

  void takeMessage(std::string_view payload) {
    const std::string_view text = isCompressed_ ? inflater_.message(payload) : payload;
    if (text != script_.payloads[messages_ % script_.payloads.size()])
      throw std::runtime_error("what came back is not what was sent");
    ++messages_;
  }

  const Script& script_;
  Inflater inflater_;
  std::string pending_;  ///< an incomplete frame
  std::string message_;  ///< frames of a message before its last
  bool isCompressed_ = false;
  std::uint64_t bytes_ = 0;
  std::uint64_t messages_ = 0;
};

}  // namespace

std::uint64_t Ends::bytes(std::uint64_t messages) const {
  const std::uint64_t rest = messages % at.size();
  return messages / at.size() * at.back() + (rest == 0 ? 0 : at[rest - 1]);
}

std::uint64_t Ends::wholeMessages(std::uint64_t bytes) const {
  const auto rest = std::upper_bound(at.begin(), at.end(), bytes % at.back()) - at.begin();
  return bytes / at.back() * at.size() + static_cast<std::uint64_t>(rest);
}

Script::Script(const Load& load) {
  const bool isDeflated = load.takeover != Takeover::none;
  const unsigned opcode = load.content == Content::binary ? 2 : 1;
  Deflater deflater;
  for (std::size_t i = 0; i < messagesOf(load); ++i) {
    payloads.push_back(makePayload(load.content, load.payloadSize, static_cast<std::uint32_t>(i + 42)));
    if (load.takeover == Takeover::off) deflater.reset();
    const std::string frame = isDeflated
                                  ? makeFrame(kCompressed | opcode, deflater.message(payloads.back()), true)
                                  : makeFrame(opcode, payloads.back(), true);
    frames += frame;
    ends.add(frame.size());
    if (load.isRaw) echoEnds.add(frame.size());
    if (!load.isRaw && !isDeflated) echoEnds.add(makeFrame(opcode, payloads.back(), false).size());
  }
  // One more than can be owed at once, for sending may begin inside a frame.
  while (frames.size() < ends.at.back() + ends.bytes(load.inFlight + 1)) {
    frames.append(frames, frames.size() - ends.at.back(), ends.at.back());
  }
  if (load.takeover == Takeover::on) offer = "permessage-deflate";
  if (load.takeover == Takeover::off)
    offer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
}

std::unique_ptr<Answers> makeAnswers(const Script& script) {
  if (script.echoEnds.at.empty()) return std::make_unique<InflatedAnswers>(script);
  return std::make_unique<CountedAnswers>(script);
}

}  // namespace bench
