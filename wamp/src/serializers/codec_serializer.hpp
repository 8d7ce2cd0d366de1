// Serializers of messages, by the codecs.
#pragma once

#include <autobahn/wamp/serializer.hpp>

#include "codecs.hpp"

namespace autobahn::inline v0::wamp {

/// One WAMP message per message of the transport.
class CodecSerializer : public Serializer {
 public:
  CodecSerializer(const Codec& codec, SerializerOptions options);

  std::string_view id() const override { return codec_.id; }
  int rawSocketId() const override { return codec_.rawSocketId; }
  bool isBinary() const override { return codec_.isBinary; }
  Encoding encoding() const override { return codec_.encoding; }

 protected:
  Problem write(const Message& message, util::ByteBuffer& out) override;
  Problem read(std::string_view bytes, std::vector<Message>& out) override;
  /// Reads one message; nothing is added to `out` when it is bad.
  Problem readOne(std::string_view encoded, std::vector<Message>& out);

 private:
  const Codec& codec_;
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<Encoder> encoder_;
};

/// Any number of WAMP messages per message of the transport (advanced profile, batched WebSocket transport):
/// text is ended by 0x1e (or Autobahn|Python's 0x18), binary begins with its length in 32 bits.
class BatchedSerializer final : public CodecSerializer {
 public:
  BatchedSerializer(const Codec& codec, SerializerOptions options);

  std::string_view id() const override { return id_; }
  int rawSocketId() const override { return 0; }

 protected:
  Problem write(const Message& message, util::ByteBuffer& out) override;
  Problem read(std::string_view bytes, std::vector<Message>& out) override;

 private:
  /// Cuts the next message off `rest`.
  Problem cutText(std::string_view& rest, std::string_view& message);
  Problem cutBinary(std::string_view& rest, std::string_view& message) const;

  std::string id_;
  char separator_;
};

}  // namespace autobahn::inline v0::wamp
