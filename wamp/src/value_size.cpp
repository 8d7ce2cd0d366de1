#include "value_size.hpp"

namespace autobahn::inline v0::wamp {
namespace {

// Of a node of a map beside its entry: colour and three pointers.
constexpr std::size_t kNodeOctets = 4 * sizeof(void*);

// Values may be nested deeper than a stack is deep, so the way is kept here.
class Sizer {
 public:
  void add(const List& list) {
    octets_ += list.capacity() * sizeof(Value);
    for (const Value& each : list) add(each);
  }
  void add(const Dict& dict) {
    for (const auto& [key, value] : dict) {
      octets_ += kNodeOctets + sizeof(Dict::value_type) + key.capacity();
      add(value);
    }
  }
  std::size_t finish() {
    while (!pending_.empty()) {
      const Value& next = *pending_.back();
      pending_.pop_back();
      if (next.isList()) {
        add(next.asList());
      } else {
        add(next.asDict());
      }
    }
    return octets_;
  }

 private:
  void add(const Value& value) {
    if (value.isString()) octets_ += value.asString().capacity();
    if (value.isBytes()) octets_ += value.asBytes().string().capacity();
    if (value.isList() || value.isDict()) pending_.push_back(&value);
  }

  std::size_t octets_ = 0;
  std::vector<const Value*> pending_;
};

template <class Container>
std::size_t sizeOf(const Container& container) {
  Sizer sizer;
  sizer.add(container);
  return sizer.finish();
}

}  // namespace

std::size_t octetsIn(const List& list) { return sizeOf(list); }
std::size_t octetsIn(const Dict& dict) { return sizeOf(dict); }

}  // namespace autobahn::inline v0::wamp
