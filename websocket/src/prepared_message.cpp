#include <autobahn/util/buffer.hpp>
#include <autobahn/websocket/prepared_message.hpp>
#include <utility>

#include "frame.hpp"
#include "permessage_deflate.hpp"

namespace autobahn::inline v0::websocket {

namespace {

std::shared_ptr<const std::string> frameOf(std::string_view payload, bool isBinary, bool compressed) {
  FrameHeader header;
  header.opcode = isBinary ? Opcode::binary : Opcode::text;
  header.rsv = compressed ? kRsv1 : 0;
  header.length = payload.size();
  char bytes[kMaxHeaderSize];
  auto frame = std::make_shared<std::string>(bytes, encodeHeader(header, bytes));
  frame->append(payload);
  return frame;
}

}  // namespace

PreparedMessage::PreparedMessage(std::string payload, bool isBinary, bool doNotCompress)
    : shared_(std::make_shared<Shared>()) {
  shared_->payload = std::move(payload);
  shared_->isBinary = isBinary;
  shared_->doNotCompress = doNotCompress;
  shared_->plain = frameOf(shared_->payload, isBinary, false);
}

std::shared_ptr<const std::string> PreparedMessage::compressedFrame(
    const PerMessageDeflateParameters& parameters, int windowBits) const {
  if (shared_->doNotCompress) return nullptr;
  const std::lock_guard lock(shared_->mutex);
  std::shared_ptr<const std::string>& slot = shared_->compressed[windowBits];
  if (slot == nullptr) {
    PerMessageDeflateParameters own = parameters;
    own.serverNoContextTakeover = true;
    own.serverMaxWindowBits = windowBits;
    PerMessageDeflate deflate(Role::server, own);
    util::ByteBuffer out;
    deflate.compress(shared_->payload, true, out);
    slot = frameOf(out.view(), shared_->isBinary, true);
  }
  return slot;
}

}  // namespace autobahn::inline v0::websocket
