#include <autobahn/wamp/shared_buffer.hpp>
#include <cstring>
#include <new>

#include "payload_derived.hpp"

namespace autobahn::inline v0::wamp {

SharedBuffer SharedBuffer::copyOf(std::string_view bytes) {
  void* const memory = ::operator new(sizeof(Block) + bytes.size());
  if (!bytes.empty()) std::memcpy(static_cast<char*>(memory) + sizeof(Block), bytes.data(), bytes.size());
  SharedBuffer buffer;
  buffer.block_ = new (memory) Block(bytes.size());
  return buffer;
}

void SharedBuffer::destroy(Block* block) noexcept {
  delete block->derived.load(std::memory_order_acquire);
  block->~Block();
  ::operator delete(block);
}

}  // namespace autobahn::inline v0::wamp
