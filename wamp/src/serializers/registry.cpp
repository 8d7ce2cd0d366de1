// Which serializers there are.
#include <algorithm>
#include <vector>

#include "codec_serializer.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::string_view kBatched = ".batched";

// Ids live in static memory: the codecs' own, and these.
const std::vector<std::string>& batchedIds() {
  static const std::vector<std::string> ids = [] {
    std::vector<std::string> made;
    for (const Codec& codec : codecs()) made.push_back(std::string(codec.id) + std::string(kBatched));
    return made;
  }();
  return ids;
}

}  // namespace

std::span<const std::string_view> serializerIds() {
  static const std::vector<std::string_view> ids = [] {
    std::vector<std::string_view> made;
    for (const Codec& codec : codecs()) made.push_back(codec.id);
    for (const std::string& id : batchedIds()) made.push_back(id);
    return made;
  }();
  return ids;
}

std::span<const std::string_view> defaultSerializerIds() {
  static const std::vector<std::string_view> ids = [] {
    std::vector<std::string_view> made;
    for (const Codec& codec : codecs()) {
      if (codec.isDefault) made.push_back(codec.id);
    }
    return made;
  }();
  return ids;
}

std::unique_ptr<Serializer> makeSerializer(std::string_view id, SerializerOptions options) {
  const bool isBatched = id.ends_with(kBatched);
  if (isBatched) id.remove_suffix(kBatched.size());
  const auto codec = std::ranges::find(codecs(), id, &Codec::id);
  if (codec == codecs().end()) return nullptr;
  if (isBatched) return std::make_unique<BatchedSerializer>(*codec, options);
  return std::make_unique<CodecSerializer>(*codec, options);
}

std::unique_ptr<Serializer> makeSerializerByRawSocketId(int id, SerializerOptions options) {
  const auto codec = std::ranges::find(codecs(), id, &Codec::rawSocketId);
  if (id == 0 || codec == codecs().end()) return nullptr;
  return std::make_unique<CodecSerializer>(*codec, options);
}

}  // namespace autobahn::inline v0::wamp
