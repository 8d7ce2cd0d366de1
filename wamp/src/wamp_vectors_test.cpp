// The specification's message vectors, for every serializer there is. A new serializer takes part by being
// registered; its samples stand under its id.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "testing/messages.hpp"

namespace autobahn::wamp::testing {
namespace {

namespace fs = std::filesystem;

fs::path vectorFolder() {
  if (const char* folder = std::getenv("WAMP_VECTORS")) return folder;
  return fs::path(AUTOBAHN_SOURCE_DIR) / "../shared/wamp-vectors";
}

struct Vector {
  std::string file;
  Value content;
};

std::vector<Vector> readVectors() {
  std::vector<Vector> vectors;
  const fs::path folder = vectorFolder() / "singlemessage";
  if (!fs::is_directory(folder)) return vectors;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    vectors.push_back({entry.path().filename().string(), fromJson(text.str())});
  }
  return vectors;
}

std::string fromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

// The vectors' names of the elements after the code.
const std::map<std::int64_t, std::vector<std::string>> kElements = {
    {1, {"realm", "details"}},
    {2, {"session_id", "details"}},
    {3, {"details", "reason"}},
    {4, {"method", "extra"}},
    {5, {"signature", "extra"}},
    {6, {"details", "reason"}},
    {8, {"request_type", "request_id", "details", "error", "args", "kwargs"}},
    {16, {"request_id", "options", "topic", "args", "kwargs"}},
    {17, {"request_id", "publication_id"}},
    {32, {"request_id", "options", "topic"}},
    {33, {"request_id", "subscription_id"}},
    {34, {"request_id", "subscription_id"}},
    {35, {"request_id"}},
    {36, {"subscription", "publication", "details", "args", "kwargs"}},
    {337, {"publication_id"}},
    {48, {"request_id", "options", "procedure", "args", "kwargs"}},
    {49, {"request_id", "options"}},
    {50, {"request_id", "details", "args", "kwargs"}},
    {64, {"request_id", "options", "procedure"}},
    {65, {"request_id", "registration_id"}},
    {66, {"request_id", "registration_id"}},
    {67, {"request_id"}},
    {68, {"request_id", "registration_id", "details", "args", "kwargs"}},
    {69, {"request_id", "options"}},
    {70, {"request_id", "options", "args", "kwargs"}},
};

// The attribute of a message as the vectors name it, null when it is not there.
Value attribute(const List& elements, const std::string& name) {
  if (name == "message_type") return elements.at(0);
  if (name == "roles") return elements.at(2).get("roles");
  const auto& names = kElements.at(elements.at(0).asInt64());
  // An opaque payload stands in the place of args, and args are then not there.
  const std::string place = name == "payload" ? "args" : name;
  const auto found = std::find(names.begin(), names.end(), place);
  EXPECT_NE(found, names.end()) << "unknown attribute " << name;
  const auto index = static_cast<std::size_t>(found - names.begin()) + 1;
  if (index >= elements.size()) return nullptr;
  const Value& element = elements[index];
  if (place == "args" && element.isBytes() != (name == "payload")) return nullptr;
  return element;
}

void expectAttributes(const Message& message, const Value& expected) {
  const Value elements = fromJson(toJson(message));
  for (const auto& [name, wanted] : expected.asDict()) {
    const Value value =
        name == "payload" && wanted.isString() ? Value(Bytes(fromHex(wanted.asString()))) : wanted;
    EXPECT_EQ(attribute(elements.asList(), name), value) << name;
  }
}

// BJData goes by the name of UBJSON in newer versions of Autobahn|Python; we speak UBJSON.
bool isBjdata(const Value& variant) {
  const Value* note = variant.find("note");
  return note != nullptr && note->asString().starts_with("BJData");
}

constexpr std::string_view kFlatbuffers = "flatbuffers";

// All serializers of one message per message.
std::vector<std::string_view> serializers() {
  std::vector<std::string_view> ids;
  for (const std::string_view id : serializerIds()) {
    if (!id.ends_with(".batched")) ids.push_back(id);
  }
  return ids;
}

// Autobahn|Python leaves the roles away in FlatBuffers, though the schema requires them. We write them, so
// our bytes differ, and read their absence as all roles a client (or a router) can have; the samples expect
// two.
bool lacksRoles(std::string_view id, const Value& attributes) {
  return id == kFlatbuffers && attributes.find("roles") != nullptr;
}

// Dicts are sorted here, so what is transcoded can have another order than the sample.
bool hasOrder(const Value& sample) {
  const Value* kwargs = sample.get("expected_attributes").find("kwargs");
  return kwargs != nullptr && kwargs->isDict() && kwargs->asDict().size() > 1;
}

class Vectors : public ::testing::Test {
 protected:
  void SetUp() override {
    vectors_ = readVectors();
    if (vectors_.empty()) {
      GTEST_SKIP() << "no vectors in " << vectorFolder()
                   << "; the environment variable WAMP_VECTORS says where they are";
    }
  }

  // Calls test(file's name: description, sample) for each sample with the key.
  template <class Test>
  void forSamples(std::string_view key, Test test) {
    std::size_t count = 0;
    for (const Vector& vector : vectors_) {
      for (const Value& sample : vector.content.get("samples").asList()) {
        if (sample.find(key) == nullptr) continue;
        SCOPED_TRACE(vector.file + ": " + sample.get("description").asString());
        test(sample);
        ++count;
      }
    }
    RecordProperty("samples", static_cast<int>(count));
    EXPECT_GE(count, key == "serializers" ? 35u : 67u);
  }

  std::vector<Vector> vectors_;
};

void checkBytes(const Value& sample, std::string_view id) {
  const Value* variants = sample.get("serializers").find(id);
  if (variants == nullptr) return;
  SCOPED_TRACE(id);
  const auto serializer = makeSerializer(id);
  Value expected = sample.get("expected_attributes");
  const bool isWithoutRoles = lacksRoles(id, expected);
  if (isWithoutRoles) expected.asDict().erase("roles");
  std::vector<std::string> all;
  for (const Value& variant : variants->asList()) all.push_back(fromHex(variant.get("bytes_hex").asString()));
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (isBjdata(variants->asList()[i])) continue;
    const Message message = unserialize(*serializer, all[i]);
    expectAttributes(message, expected);
    const std::string ours = serialize(*serializer, message);
    EXPECT_EQ(unserialize(*serializer, ours), message);
    if (isWithoutRoles) continue;
    EXPECT_THAT(all, ::testing::Contains(ours));
  }
}

TEST_F(Vectors, DecodeToTheExpectedAttributesAndEncodeToOneOfTheVariants) {
  forSamples("serializers", [](const Value& sample) {
    for (const std::string_view id : serializers()) checkBytes(sample, id);
  });
}

// From JSON's sample to every other serializer's: payloads are transcoded.
TEST_F(Vectors, TranscodeToOneOfTheVariants) {
  forSamples("serializers", [](const Value& sample) {
    const Value& json = sample.get("serializers").get("json").asList().back();
    const Message message = unserialize(*makeSerializer("json"), fromHex(json.get("bytes_hex").asString()));
    for (const std::string_view id : serializers()) {
      const Value* variants = sample.get("serializers").find(id);
      if (variants == nullptr) continue;
      SCOPED_TRACE(id);
      const auto serializer = makeSerializer(id);
      const std::string ours = serialize(*serializer, message);
      EXPECT_EQ(unserialize(*serializer, ours), message);
      if (hasOrder(sample) || lacksRoles(id, sample.get("expected_attributes"))) continue;
      std::vector<std::string> all;
      for (const Value& variant : variants->asList())
        all.push_back(fromHex(variant.get("bytes_hex").asString()));
      EXPECT_THAT(all, ::testing::Contains(ours));
    }
  });
}

// Not FlatBuffers: a bad message cannot be expressed there.
TEST_F(Vectors, OptionsAreAcceptedOrRefusedNamingTheKey) {
  forSamples("wmsg", [](const Value& sample) {
    for (const std::string_view id : defaultSerializerIds()) {
      SCOPED_TRACE(id);
      const auto serializer = makeSerializer(id);
      const std::string problem = refusal(*serializer, encode(sample.get("wmsg"), serializer->encoding()));
      const Value* expected = sample.find("expected_error");
      if (expected == nullptr) {
        EXPECT_EQ(problem, "");
      } else {
        EXPECT_THAT(problem, ::testing::HasSubstr("." + expected->get("contains").asString()));
      }
    }
  });
}

}  // namespace
}  // namespace autobahn::wamp::testing
