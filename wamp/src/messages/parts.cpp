#include "parts.hpp"

#include <type_traits>

#include "../value_size.hpp"
#include "fields_pubsub.hpp"
#include "fields_rpc.hpp"
#include "fields_session.hpp"

namespace autobahn::inline v0::wamp {
namespace {

template <class T>
concept HasFields = requires {
  Wire<T>::fields;
};

// Calls `visit` for all texts, dicts, payloads and vectors in a part of a message, as its table names them.
template <class T, class Visit>
void visitParts(T& part, Visit& visit);

template <class T, class Visit>
void visitHeld(const Rare<T>& part, Visit& visit) {
  if (!part) return;
  visit.rare(sizeof(T));
  visitParts(*part, visit);
}
template <class T, class Visit>
void visitHeld(Rare<T>& part, Visit& visit) {
  if (part) visitParts(part.make(), visit);
}
template <class T, class Visit>
requires(!std::is_class_v<T>) void visitHeld(T&, Visit&) {}
template <class Visit>
void visitHeld(const Roles&, Visit&) {}
template <class Visit>
void visitHeld(const std::chrono::milliseconds&, Visit&) {}
template <class T, class Visit>
requires(std::same_as<std::remove_const_t<T>, Text> || std::same_as<std::remove_const_t<T>, Dict> ||
         std::same_as<std::remove_const_t<T>, Payload>) void visitHeld(T& part, Visit& visit) {
  visit(part);
}
template <class T, class Visit>
requires std::same_as<std::remove_const_t<T>, message::Identity>
void visitHeld(T& part, Visit& visit) {
  visitParts(part.authid, visit);
  visitParts(part.authrole, visit);
}
template <class T, class Visit>
requires requires(T& part) { part.has_value(); }
void visitHeld(T& part, Visit& visit) {
  if (part) visitParts(*part, visit);
}
template <class T, class Visit>
requires requires(T& part) {
  part.capacity();
  part.back();
}
void visitHeld(T& part, Visit& visit) {
  visit.vector(part.capacity() * sizeof(typename T::value_type));
  for (auto& each : part) visitParts(each, visit);
}
template <class T, class Visit>
requires HasFields<std::remove_const_t<T>>
void visitHeld(T& part, Visit& visit) {
  const auto visitField = [&](const auto& field) { visitParts(part.*field.member, visit); };
  std::apply([&](const auto&... field) { (visitField(field), ...); }, Wire<std::remove_const_t<T>>::fields);
  if constexpr (requires { part.custom; }) visitParts(part.custom, visit);
}

template <class T, class Visit>
void visitParts(T& part, Visit& visit) {
  visitHeld(part, visit);
}

class Counter {
 public:
  void operator()(const Text& text) { addBuffer(text.buffer()); }
  void operator()(const Dict& dict) { octets_ += octetsIn(dict); }
  void operator()(const Payload& payload) {
    addBuffer(payload.buffer());
    const bool isOfValues = !payload.empty() && !payload.isOpaque() && payload.encoding() == Encoding::none;
    if (isOfValues) octets_ += octetsIn(payload.args()) + octetsIn(payload.kwargs());
  }
  void vector(std::size_t octets) { octets_ += octets; }
  void rare(std::size_t octets) { octets_ += octets; }

  std::size_t octets() const { return octets_; }

 private:
  // Of a received message's parts most lie in the same buffer, which is the largest.
  void addBuffer(const SharedBuffer& buffer) {
    const std::string_view bytes = buffer.view();
    if (bytes.data() == largest_.data()) return;
    if (bytes.size() > largest_.size()) largest_ = bytes;
    octets_ += bytes.size();
  }

  std::string_view largest_;
  std::size_t octets_ = 0;
};

struct Detacher {
  void operator()(Text& text) const {
    if (text.buffer()) text = Text(text.view());
  }
  void operator()(Dict&) const {}
  void vector(std::size_t) const {}
};

template <class T>
std::size_t countIn(const T& part) {
  Counter counter;
  visitParts(part, counter);
  return counter.octets();
}

template <class T>
void detachAll(T& part) {
  Detacher detacher;
  visitParts(part, detacher);
}

}  // namespace

std::size_t heldOctets(const Message& message) {
  return std::visit([](const auto& each) { return countIn(each); }, message);
}
std::size_t heldOctets(const message::Call& call) { return countIn(call); }
std::size_t heldOctets(const message::Invocation::Details& details) { return countIn(details); }
std::size_t heldOctets(const message::Event::Details& details) { return countIn(details); }
std::size_t heldOctets(const message::Receivers& receivers) { return countIn(receivers); }

void detach(message::Invocation::Details& details) { detachAll(details); }
void detach(message::Event::Details& details) { detachAll(details); }
void detach(message::Receivers& receivers) { detachAll(receivers); }

}  // namespace autobahn::inline v0::wamp
