// Against msgpack-cxx: its parser calls a visitor, and allocates nothing from declared sizes.
#define MSGPACK_NO_BOOST
#include <msgpack.hpp>
#include <utility>
#include <vector>

#include "consistency.hpp"
#include "target.hpp"

namespace autobahn::fuzz {
namespace {

using namespace wamp;

// Builds the value, as far as one of ours holds it.
class Visitor : public msgpack::null_visitor {
 public:
  bool visit_nil() { return put(nullptr); }
  bool visit_boolean(bool value) { return put(value); }
  bool visit_positive_integer(std::uint64_t value) { return put(value); }
  bool visit_negative_integer(std::int64_t value) { return put(value); }
  bool visit_float32(float value) { return put(value); }
  bool visit_float64(double value) { return put(value); }
  bool visit_str(const char* text, std::uint32_t size) { return put(std::string(text, size)); }
  bool visit_bin(const char* bytes, std::uint32_t size) { return put(Bytes(std::string(bytes, size))); }
  // `bytes` begins with the type; before it stands the marker of fixext 1, with which npm writes undefined.
  bool visit_ext(const char* bytes, std::uint32_t size) {
    const bool isUndefined = size == 2 && bytes[-1] == '\xd4' && bytes[0] == 0 && bytes[1] == 0;
    if (!isUndefined) fits_ = false;
    return put(nullptr);
  }
  bool start_array(std::uint32_t) { return open(List()); }
  bool end_array() { return close(); }
  bool start_map(std::uint32_t) { return open(Dict()); }
  bool end_map() { return close(); }
  bool end_map_key() {
    if (!last_.isString()) fits_ = false;
    keys_.push_back(last_.isString() ? last_.asString() : "");
    return true;
  }
  bool end_map_value() {
    open_.back().asDict()[keys_.back()] = std::move(last_);
    keys_.pop_back();
    return true;
  }
  bool end_array_item() {
    open_.back().asList().push_back(std::move(last_));
    return true;
  }
  void parse_error(std::size_t, std::size_t) { isGood_ = false; }
  void insufficient_bytes(std::size_t, std::size_t) { isGood_ = false; }

  bool isGood() const { return isGood_; }
  bool fits() const { return fits_; }
  const Value& value() const { return last_; }

 private:
  bool put(Value value) {
    last_ = std::move(value);
    return true;
  }
  bool open(Value container) {
    open_.push_back(std::move(container));
    return true;
  }
  bool close() {
    last_ = std::move(open_.back());
    open_.pop_back();
    return true;
  }

  std::vector<Value> open_;
  std::vector<std::string> keys_;
  Value last_;
  bool isGood_ = true;
  bool fits_ = true;
};

}  // namespace

void tryMsgpack(std::string_view input) {
  checkMessage("msgpack", input);
  const Reading ours = checkValue(wamp::Encoding::msgpack, input);
  Visitor theirs;
  std::size_t offset = 0;
  const bool isGood =
      msgpack::parse(input.data(), input.size(), offset, theirs) && theirs.isGood() && offset == input.size();
  if (!isGood) return require(input.empty() || !ours.skipError.empty(), "well-formed for us only");
  if (isOurLimit(ours.skipError)) return;
  require(ours.skipError.empty(), "well-formed for msgpack-cxx only: " + ours.skipError);
  require(theirs.fits() == ours.value.has_value(), "a value for one only: " + ours.valueError);
  if (ours.value) require(canonical(*ours.value) == canonical(theirs.value()), "different values");
}

}  // namespace autobahn::fuzz
