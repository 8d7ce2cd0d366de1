// Which serializers a transport offers or accepts.
#pragma once

#include <autobahn/wamp/serializer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace autobahn::inline v0::wamp {

/// Serializers by id, in order of preference; those of this library, and an application's own.
class SerializerSet {
 public:
  using Maker = std::function<std::unique_ptr<Serializer>()>;

  /// What clients offer when they do not say: see defaultSerializerIds.
  SerializerSet();
  /// Those of the given ids ("json", "cbor.batched"). Throws std::invalid_argument for one there is not.
  explicit SerializerSet(const std::vector<std::string>& ids, SerializerOptions options = {});
  /// All there are: what servers accept when they do not say.
  static SerializerSet all(SerializerOptions options = {});

  /// Adds a serializer of the application's own, or replaces the one of that id. `rawSocketId`: its number in
  /// RawSocket's handshake, 0 for none.
  void add(std::string id, int rawSocketId, Maker make);

  std::vector<std::string> ids() const;
  /// "wamp.2.cbor", …
  std::vector<std::string> subprotocols() const;
  /// A new serializer, or nullptr when the set has none of this id.
  std::unique_ptr<Serializer> make(std::string_view id) const;
  std::unique_ptr<Serializer> makeForSubprotocol(std::string_view subprotocol) const;
  std::unique_ptr<Serializer> makeForRawSocket(int rawSocketId) const;
  /// The numbers in RawSocket's handshake, in order, without those that have none.
  std::vector<int> rawSocketIds() const;

 private:
  struct Entry {
    std::string id;
    int rawSocketId = 0;
    Maker make;
  };
  void addKnown(std::string_view id, const SerializerOptions& options);

  std::vector<Entry> entries_;
};

}  // namespace autobahn::inline v0::wamp
