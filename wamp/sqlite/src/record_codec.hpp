// Records as bytes in columns.
#pragma once

#include <autobahn/wamp/router/history.hpp>
#include <autobahn/wamp/serializer.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp::sqlite {

/// The columns of a record besides publication, time and topic. Payloads stay in the encoding they came in.
struct RecordColumns {
  std::string details{};    ///< a CBOR EVENT without payload; empty: there are none
  std::string receivers{};  ///< a CBOR PUBLISH without payload; empty: everybody
  std::int64_t form = 0;    ///< of the payload: its encoding; 0: there is none; `kOpaqueForm`
  std::string_view args{};  ///< of the record's payload
  std::string_view kwargs{};
};

/// The `form` of a payload that is one piece of bytes, in `args`.
inline constexpr std::int64_t kOpaqueForm = 100;

/// One thread at a time. Both ways throw SerializationError.
class RecordCodec {
 public:
  RecordCodec();
  /// The views live as long as `record`.
  RecordColumns columns(const HistoryRecord& record);
  message::Event::Details details(std::string_view bytes);
  Rare<message::Receivers> receivers(std::string_view bytes);
  static Payload payload(std::int64_t form, std::string_view args, std::string_view kwargs);

 private:
  std::string write(const Message& message);
  Message read(std::string_view bytes);

  std::unique_ptr<Serializer> serializer_;
};

}  // namespace autobahn::inline v0::wamp::sqlite
