// Against libcbor.
#include <cbor.h>

#include <memory>
#include <vector>

#include "consistency.hpp"
#include "target.hpp"

namespace autobahn::fuzz {
namespace {

using namespace wamp;

struct Release {
  void operator()(cbor_item_t* item) const { cbor_decref(&item); }
};

std::string stringOf(cbor_item_t* item) {
  const bool isText = cbor_isa_string(item);
  const auto part = [isText](cbor_item_t* chunk) {
    return isText ? std::string(reinterpret_cast<const char*>(cbor_string_handle(chunk)),
                                cbor_string_length(chunk))
                  : std::string(reinterpret_cast<const char*>(cbor_bytestring_handle(chunk)),
                                cbor_bytestring_length(chunk));
  };
  if (isText ? cbor_string_is_definite(item) : cbor_bytestring_is_definite(item)) return part(item);
  std::string whole;
  cbor_item_t** chunks = isText ? cbor_string_chunks_handle(item) : cbor_bytestring_chunks_handle(item);
  const std::size_t count = isText ? cbor_string_chunk_count(item) : cbor_bytestring_chunk_count(item);
  for (std::size_t i = 0; i < count; ++i) whole += part(chunks[i]);
  return whole;
}

Value otherOf(const cbor_item_t* item) {
  if (!cbor_float_ctrl_is_ctrl(item)) return cbor_float_get_float(item);
  return cbor_is_bool(item) ? Value(cbor_get_bool(item)) : Value();
}

// Bignums that fit 64 bits, and RFC 8746's array of octets.
Value taggedOf(const cbor_item_t* tag) {
  const std::unique_ptr<cbor_item_t, Release> item(cbor_tag_item(tag));
  const std::string bytes = stringOf(item.get());
  if (cbor_tag_value(tag) == 64) return Bytes(bytes);
  std::uint64_t number = 0;
  for (const char each : bytes) number = number << 8 | static_cast<unsigned char>(each);
  return cbor_tag_value(tag) == 2 ? Value(number) : Value(static_cast<std::int64_t>(~number));
}

// Ours can read it, so there is nothing in it that fits no value, and it is not deep.
Value valueOf(cbor_item_t* item) {
  switch (cbor_typeof(item)) {
    case CBOR_TYPE_UINT:
      return cbor_get_int(item);
    case CBOR_TYPE_NEGINT:
      return static_cast<std::int64_t>(~cbor_get_int(item));
    case CBOR_TYPE_BYTESTRING:
      return Bytes(stringOf(item));
    case CBOR_TYPE_STRING:
      return stringOf(item);
    case CBOR_TYPE_ARRAY: {
      List list;
      for (std::size_t i = 0; i < cbor_array_size(item); ++i)
        list.push_back(valueOf(cbor_array_handle(item)[i]));
      return list;
    }
    case CBOR_TYPE_MAP: {
      Dict dict;
      for (std::size_t i = 0; i < cbor_map_size(item); ++i) {
        const cbor_pair pair = cbor_map_handle(item)[i];
        dict[stringOf(pair.key)] = valueOf(pair.value);
      }
      return dict;
    }
    case CBOR_TYPE_TAG:
      return taggedOf(item);
    case CBOR_TYPE_FLOAT_CTRL:
      return otherOf(item);
  }
  throw std::logic_error("a value for us only");
}

}  // namespace

void tryCbor(std::string_view input) {
  checkMessage("cbor", input);
  const Reading ours = checkValue(wamp::Encoding::cbor, input);
  // libcbor allocates what is declared, gigabytes for five bytes: of what we refuse it sees only what has no
  // sizes of four or eight bytes.
  constexpr std::string_view kLargeSizes = "\x5a\x5b\x7a\x7b\x9a\x9b\xba\xbb";
  if (!ours.skipError.empty() && input.find_first_of(kLargeSizes) != std::string_view::npos) return;
  cbor_load_result result{};
  const std::unique_ptr<cbor_item_t, Release> theirs(
      cbor_load(reinterpret_cast<const unsigned char*>(input.data()), input.size(), &result));
  const bool isGood = theirs != nullptr && result.error.code == CBOR_ERR_NONE && result.read == input.size();
  if (isGood && !isOurLimit(ours.skipError)) {
    require(ours.skipError.empty(), "well-formed for libcbor only: " + ours.skipError);
  }
  // Not the other way round for all that is well-formed: libcbor knows fewer simple values.
  if (!ours.value) return;
  require(isGood, "a value for us only");
  require(canonical(*ours.value) == canonical(valueOf(theirs.get())), "different values");
}

}  // namespace autobahn::fuzz
