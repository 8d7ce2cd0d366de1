// What the encoders of MessagePack, CBOR and UBJSON have in common.
#pragma once

#include "big_endian.hpp"
#include "codec.hpp"

namespace autobahn::inline v0::wamp {

/// Appends bytes and numbers in network byte order.
class BinaryEncoder : public Encoder {
 public:
  void raw(std::string_view encoded) final { output_->append(encoded); }

 protected:
  void restart() override {}

  void put(int byte) {
    output_->space(1)[0] = static_cast<char>(byte);
    output_->commit(1);
  }
  /// A marker and a number behind it.
  template <class T>
  void put(int marker, T value) {
    char* const place = output_->space(1 + sizeof(T)).data();
    place[0] = static_cast<char>(marker);
    storeBigEndian(place + 1, value);
    output_->commit(1 + sizeof(T));
  }
};

}  // namespace autobahn::inline v0::wamp
