#include <utility>

#include "../cbor_codec.hpp"
#include "flatbuffers_codec.hpp"
#include "message_writer.hpp"

namespace autobahn::inline v0::wamp {
namespace {

using flatbuffers::MessageTable;
using flatbuffers::Type;

// Takes a message down, and lays it out when it has ended. Args and kwargs go to an encoder of CBOR.
class FlatbuffersEncoder final : public Encoder {
 public:
  void null() override {
    if (Encoder* const payload = atScalar()) return payload->null();
    tape_.number(TokenType::null, 0);
  }
  void boolean(bool value) override {
    if (Encoder* const payload = atScalar()) return payload->boolean(value);
    tape_.number(TokenType::boolean, value ? 1 : 0);
  }
  void integer(std::int64_t value) override {
    if (Encoder* const payload = atScalar()) return payload->integer(value);
    if (tape_.depth() == 1 && elements_ == 1) startMessage(value);
    tape_.number(TokenType::integer, static_cast<std::uint64_t>(value), value < 0);
  }
  void unsignedInteger(std::uint64_t value) override {
    if (Encoder* const payload = atScalar()) return payload->unsignedInteger(value);
    tape_.number(TokenType::integer, value);
  }
  void real(double value) override {
    if (Encoder* const payload = atScalar()) return payload->real(value);
    tape_.number(TokenType::real, 0);
  }
  void bytes(std::string_view value) override {
    if (isNested()) return cbor_->bytes(value);
    if (isAtPayload()) {
      args_.append(value);
      hasOpaque_ = true;
      return;
    }
    countElement();
    tape_.number(TokenType::bytes, 0);
  }
  void raw(std::string_view encoded) override {
    if (isNested()) return cbor_->raw(encoded);
    if (!isAtPayload()) return fail("FlatBuffers has no place for args here");
    payloadOf(parts_++).append(encoded);
  }

 protected:
  void restart() override {
    tape_.clear();
    message_ = nullptr;
    elements_ = 0;
    parts_ = 0;
    nesting_ = 0;
    hasOpaque_ = false;
    args_.clear();
    kwargs_.clear();
  }

  void writeText(std::string_view value) override {
    if (Encoder* const payload = atScalar()) return payload->text(value);
    tape_.text(value);
  }
  void writeKey(std::string_view value) override { isNested() ? cbor_->key(value) : tape_.key(value); }
  void writeBeginList(std::size_t count) override {
    if (enterPayload()) return cbor_->beginList(count);
    countElement();
    tape_.begin(TokenType::beginList);
  }
  void writeBeginDict(std::size_t count) override {
    if (enterPayload()) return cbor_->beginDict(count);
    countElement();
    tape_.begin(TokenType::beginDict);
  }
  void writeEndList() override {
    if (isNested()) {
      cbor_->endList();
      return leavePayload();
    }
    tape_.end();
    if (tape_.depth() == 0) finish();
  }
  void writeEndDict() override {
    if (isNested()) {
      cbor_->endDict();
      return leavePayload();
    }
    tape_.end();
  }

 private:
  // ---- Which part of the message

  void countElement() {
    if (tape_.depth() == 1) ++elements_;
  }
  void startMessage(std::int64_t code) {
    message_ = flatbuffers::findByCode(code);
    if (message_ == nullptr) fail("FlatBuffers has no message of the code " + std::to_string(code));
  }
  // The next element is the message's payload, of which there are up to two.
  bool isAtPayload() const {
    return message_ != nullptr && tape_.depth() == 1 && elements_ == message_->elements.size() &&
           message_->elements.back().type == Type::payload;
  }
  bool isNested() const { return nesting_ != 0; }

  // A scalar outside of the payload is noted; inside it is the payload's encoder's business.
  Encoder* atScalar() {
    if (isNested()) return cbor_.get();
    countElement();
    return nullptr;
  }

  util::ByteBuffer& payloadOf(int part) { return part == 0 ? args_ : kwargs_; }

  bool enterPayload() {
    if (!isNested()) {
      if (!isAtPayload()) return false;
      cbor_->start(payloadOf(parts_++), kHighestMaxDepth);
    }
    ++nesting_;
    return true;
  }
  void leavePayload() {
    if (--nesting_ == 0 && cbor_->failed()) fail("the payload: " + cbor_->error());
  }

  void finish() {
    if (failed()) return;
    if (message_ == nullptr) return fail("FlatBuffers has messages only");
    if (!tape_.fits()) return fail("more than 2 GiB");
    flatbuffers::Payload payload{args_.view(), kwargs_.view(), {}};
    if (hasOpaque_) payload = {{}, {}, args_.view()};
    flatbuffers::MessageWriter writer(tape_, builder_);
    if (!writer.write(*message_, payload, *output_)) fail(writer.error());
  }

  flatbuffers::Tape tape_;
  flatbuffers::Builder builder_;
  std::unique_ptr<Encoder> cbor_ = makeCborEncoder();
  const MessageTable* message_ = nullptr;
  std::size_t elements_ = 0;  ///< of the message, the code counted; args and kwargs are not
  int parts_ = 0;             ///< of the payload
  int nesting_ = 0;           ///< inside args or kwargs
  util::ByteBuffer args_;
  util::ByteBuffer kwargs_;
  bool hasOpaque_ = false;  ///< `args_` is an opaque payload
};

}  // namespace

std::unique_ptr<Encoder> makeFlatbuffersEncoder() { return std::make_unique<FlatbuffersEncoder>(); }

}  // namespace autobahn::inline v0::wamp
