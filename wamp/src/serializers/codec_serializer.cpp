#include "codec_serializer.hpp"

#include "../messages/message_codec.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr char kSeparator = '\x1e';
constexpr char kSeparatorOfAutobahn = '\x18';
constexpr std::string_view kSeparators = "\x1e\x18";
constexpr std::size_t kLengthSize = 4;

void putLength(char* place, std::size_t length) {
  for (std::size_t i = 0; i < kLengthSize; ++i) {
    place[i] = static_cast<char>(length >> (8 * (kLengthSize - 1 - i)));
  }
}

std::size_t getLength(std::string_view bytes) {
  std::size_t length = 0;
  for (const char c : bytes.substr(0, kLengthSize)) length = length << 8 | static_cast<unsigned char>(c);
  return length;
}

}  // namespace

CodecSerializer::CodecSerializer(const Codec& codec, SerializerOptions options)
    : Serializer(options), codec_(codec), decoder_(codec.makeDecoder()), encoder_(codec.makeEncoder()) {}

Problem CodecSerializer::write(const Message& message, util::ByteBuffer& out) {
  return writeMessage(*encoder_, codec_.encoding, message, options(), out);
}

Problem CodecSerializer::readOne(std::string_view encoded, std::vector<Message>& out) {
  if (encoded.size() > options().maxMessageSize) {
    return "a message of " + std::to_string(encoded.size()) + " octets, and at most " +
           std::to_string(options().maxMessageSize) + " are allowed";
  }
  Problem problem = readMessage(*decoder_, codec_.encoding, encoded, options(), out.emplace_back());
  if (problem) out.pop_back();
  return problem;
}

Problem CodecSerializer::read(std::string_view bytes, std::vector<Message>& out) {
  return readOne(bytes, out);
}

BatchedSerializer::BatchedSerializer(const Codec& codec, SerializerOptions options)
    : CodecSerializer(codec, options),
      id_(std::string(codec.id) + ".batched"),
      separator_(options.batchSeparatorOfAutobahn ? kSeparatorOfAutobahn : kSeparator) {}

Problem BatchedSerializer::write(const Message& message, util::ByteBuffer& out) {
  const std::size_t begin = out.size();
  if (isBinary()) out.append(std::string_view("\0\0\0\0", kLengthSize));
  if (Problem problem = CodecSerializer::write(message, out)) return problem;
  if (isBinary()) {
    putLength(out.data() + begin, out.size() - begin - kLengthSize);
  } else {
    out.append({&separator_, 1});
  }
  return std::nullopt;
}

Problem BatchedSerializer::cutText(std::string_view& rest, std::string_view& message) {
  const std::size_t end = rest.find_first_of(kSeparators);
  if (end == std::string_view::npos) return "a batch that does not end with a separator (0x1e)";
  // The peer is answered in its own way.
  if (rest[end] == kSeparatorOfAutobahn) separator_ = kSeparatorOfAutobahn;
  message = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return std::nullopt;
}

Problem BatchedSerializer::cutBinary(std::string_view& rest, std::string_view& message) const {
  if (rest.size() < kLengthSize) return "a batch that ends within a message's length";
  const std::size_t length = getLength(rest);
  rest.remove_prefix(kLengthSize);
  if (length > rest.size()) {
    return "a message of " + std::to_string(length) + " octets in a batch, of which " +
           std::to_string(rest.size()) + " are there";
  }
  message = rest.substr(0, length);
  rest.remove_prefix(length);
  return std::nullopt;
}

Problem BatchedSerializer::read(std::string_view bytes, std::vector<Message>& out) {
  std::size_t count = 0;
  while (!bytes.empty()) {
    if (++count > options().maxBatch) {
      return "a batch of more than " + std::to_string(options().maxBatch) + " messages";
    }
    std::string_view message;
    Problem problem = isBinary() ? cutBinary(bytes, message) : cutText(bytes, message);
    if (!problem) problem = readOne(message, out);
    if (problem) return problem;
  }
  return std::nullopt;
}

}  // namespace autobahn::inline v0::wamp
