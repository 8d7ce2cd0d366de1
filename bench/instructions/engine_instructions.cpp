// Echoes one kind of message through an engine without a socket, a fixed number of times, to have its
// instructions counted: `engine_instructions SCENARIO`. Without an argument it lists the scenarios. The
// vector kernels are chosen by name, so that every processor executes the same; exit code 3 when this one has
// not got them.
//
// bench/instructions.py runs it under callgrind, which collects inside `measured` only.
#include <autobahn/websocket/engine.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "frame.hpp"
#include "mask.hpp"
#include "utf8_kernels.hpp"

namespace {

using namespace autobahn;
using namespace autobahn::websocket;

constexpr std::string_view kKernel = "avx2";
constexpr MaskKey kKey{0x37, 0xfa, 0x21, 0x3d};
constexpr int kWarmUp = 3;

using Deflate = std::optional<PerMessageDeflateParameters>;

struct Scenario {
  const char* name;
  Role role;  ///< ours
  bool isBinary;
  std::string payload;
  int perBatch;  ///< messages in one read
  int batches;
  Deflate deflate{};
};

std::string repeated(std::string_view unit, std::size_t size) {
  std::string text;
  while (text.size() + unit.size() <= size) text += unit;
  return text.append(size - text.size(), '.');
}

std::string randomBytes(std::size_t size) {
  std::mt19937 random(42);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::string json(std::size_t size) {
  std::mt19937 random(43);
  std::string text;
  while (text.size() < size) {
    text += R"({"event":"price","symbol":"S)" + std::to_string(random() % 500) + R"(","bid":)" +
            std::to_string(random() % 100000) + "}\n";
  }
  text.resize(size);
  return text;
}

std::vector<Scenario> scenarios() {
  const Deflate fresh =
      PerMessageDeflateParameters{.serverNoContextTakeover = true, .clientNoContextTakeover = true};
  const Deflate kept = PerMessageDeflateParameters{};
  return {
      {"small-binary", Role::server, true, randomBytes(20), 16, 200},
      {"small-text", Role::server, false, json(125), 16, 200},
      {"ascii-4k", Role::server, false, json(4096), 4, 100},
      {"cyrillic-4k", Role::server, false, repeated("Съешь ещё этих мягких булок, ", 4096), 4, 100},
      {"japanese-4k", Role::server, false, repeated("いろはにほへと、ちりぬるを。", 4096), 4, 100},
      {"binary-64k", Role::server, true, randomBytes(65536), 2, 20},
      {"deflate-json-4k", Role::server, false, json(4096), 4, 5, fresh},
      {"deflate-json-takeover-4k", Role::server, false, json(4096), 4, 5, kept},
      {"client-small-binary", Role::client, true, randomBytes(20), 16, 200},
      {"client-text-4k", Role::client, false, json(4096), 4, 100},
  };
}

std::shared_ptr<const ServerIdentity> identity() { return std::make_shared<ServerIdentity>(); }

Engine openEngine(Role role, const Deflate& deflate) {
  Engine engine = role == Role::server ? Engine(std::make_shared<ServerOptions>(), identity())
                                       : Engine(std::make_shared<ClientOptions>(), ClientRequest{});
  engine.setTime(Engine::TimePoint{} + std::chrono::hours(1));
  engine.openUpgraded(deflate);
  if (engine.next().type != EventType::open) throw std::runtime_error("the engine does not open");
  return engine;
}

std::string drain(SendQueue& queue) {
  std::string bytes;
  std::string_view parts[8];
  while (!queue.empty()) {
    const std::size_t count = queue.gather(parts);
    std::size_t size = 0;
    for (std::size_t i = 0; i < count; ++i) {
      bytes += parts[i];
      size += parts[i].size();
    }
    queue.consume(size);
  }
  return bytes;
}

std::string frame(const Scenario& scenario) {
  FrameHeader header;
  header.opcode = scenario.isBinary ? Opcode::binary : Opcode::text;
  header.masked = scenario.role == Role::server;
  header.mask = kKey;
  header.length = scenario.payload.size();
  char head[kMaxHeaderSize];
  const std::size_t headSize = encodeHeader(header, head);
  std::string payload = scenario.payload;
  if (header.masked) applyMask(payload, kKey);
  return std::string(head, headSize) + payload;
}

/// What the peer sends: the batches, one behind the other.
std::vector<std::string> inputOf(const Scenario& scenario, int batches) {
  // A peer that compresses is an engine in the other role: its contexts go on from message to message.
  const Role peerRole = scenario.role == Role::server ? Role::client : Role::server;
  Engine peer = openEngine(peerRole, scenario.deflate);
  std::vector<std::string> result;
  for (int batch = 0; batch < batches; ++batch) {
    std::string& bytes = result.emplace_back();
    for (int i = 0; i < scenario.perBatch; ++i) {
      if (!scenario.deflate) {
        bytes += frame(scenario);
        continue;
      }
      peer.sendMessage(std::string_view(scenario.payload), scenario.isBinary);
      bytes += drain(peer.output());
    }
  }
  return result;
}

void discard(SendQueue& queue) {
  std::string_view parts[64];
  while (!queue.empty()) {
    const std::size_t count = queue.gather(parts);
    std::size_t size = 0;
    for (std::size_t i = 0; i < count; ++i) size += parts[i].size();
    queue.consume(size);
  }
}

/// As a connection does it for one read.
int echoBatch(Engine& engine, util::ByteBuffer& cork, std::span<char> input) {
  int echoed = 0;
  engine.output().lend(cork);
  engine.feed(input);
  for (Event event = engine.next(); event.type != EventType::none; event = engine.next()) {
    if (event.type != EventType::message) throw std::runtime_error("something else than a message");
    engine.sendMessageBorrowed(event.payload, event.isBinary);
    ++echoed;
    // A large payload that is lent leaves before the next event takes its place.
    if (engine.output().hasBorrowed()) discard(engine.output());
  }
  discard(engine.output());
  engine.output().settle();
  cork.clear();
  return echoed;
}

int echo(Engine& engine, util::ByteBuffer& cork, std::span<std::string> batches) {
  int echoed = 0;
  for (std::string& batch : batches) echoed += echoBatch(engine, cork, batch);
  return echoed;
}

}  // namespace

/// The name by which callgrind knows what to count.
extern "C" __attribute__((noinline)) int measured(Engine& engine, util::ByteBuffer& cork,
                                                  std::span<std::string> batches) {
  return echo(engine, cork, batches);
}

namespace {

int run(const Scenario& scenario) {
  Engine engine = openEngine(scenario.role, scenario.deflate);
  std::vector<std::string> input = inputOf(scenario, kWarmUp + scenario.batches);
  util::ByteBuffer cork;
  cork.space(std::size_t{1} << 18);
  const std::span<std::string> all = input;
  echo(engine, cork, all.first(kWarmUp));
  const int echoed = measured(engine, cork, all.subspan(kWarmUp));
  if (echoed != scenario.batches * scenario.perBatch) throw std::runtime_error("messages are missing");
  std::printf("%d\n", echoed);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<Scenario> all = scenarios();
  if (argc != 2) {
    for (const Scenario& scenario : all) std::puts(scenario.name);
    return 0;
  }
  if (!util::utf8::useKernel(kKernel) || !useMaskKernel(kKernel)) {
    std::fprintf(stderr, "this processor has no %s\n", kKernel.data());
    return 3;
  }
  for (const Scenario& scenario : all) {
    if (std::string_view(argv[1]) == scenario.name) return run(scenario);
  }
  std::fprintf(stderr, "no scenario %s\n", argv[1]);
  return 2;
}
