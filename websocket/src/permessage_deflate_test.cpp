#include "permessage_deflate.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace autobahn::websocket {
namespace {

using Result = PerMessageDeflate::Result;
using namespace std::string_literals;

std::string compressed(PerMessageDeflate& deflate, std::string_view message) {
  util::ByteBuffer out;
  deflate.compress(message, true, out);
  return std::string(out.view());
}

std::string inflated(PerMessageDeflate& deflate, std::string_view payload, Result want = Result::ok) {
  util::ByteBuffer out;
  EXPECT_EQ(deflate.decompress(payload, true, 0, out), want);
  return std::string(out.view());
}

/// Like `inflated`, handed over in random pieces, some of them empty.
std::string inflatedInPieces(PerMessageDeflate& deflate, std::string_view payload, std::mt19937& random) {
  util::ByteBuffer out;
  const std::size_t most = 1 + random() % 300;
  while (!payload.empty()) {
    const std::string_view piece = payload.substr(0, random() % (most + 1));
    payload.remove_prefix(piece.size());
    EXPECT_EQ(deflate.decompress(piece, false, 0, out), Result::ok);
  }
  EXPECT_EQ(deflate.decompress({}, true, 0, out), Result::ok);
  return std::string(out.view());
}

std::string compressedInPieces(PerMessageDeflate& deflate, std::string_view message, std::mt19937& random) {
  util::ByteBuffer out;
  std::string result;
  const std::size_t most = 1 + random() % 3000;
  while (!message.empty()) {
    const std::string_view piece = message.substr(0, random() % (most + 1));
    message.remove_prefix(piece.size());
    deflate.compress(piece, false, out);
    // The frames of a message may be taken away one by one.
    if (random() % 2 == 0) {
      result.append(out.view());
      out.clear();
    }
  }
  deflate.compress({}, true, out);
  return result.append(out.view());
}

std::string randomBytes(std::size_t size, unsigned alphabet, std::mt19937& random) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random() % alphabet);
  return bytes;
}

std::string text(std::size_t size) {
  std::string result;
  for (int line = 0; result.size() < size; ++line) {
    result +=
        R"({"event": "price", "id": )" + std::to_string(line * 7919) + R"(, "tags": ["a", "b"]})" + "\n";
  }
  result.resize(size);
  return result;
}

/// zlib itself, raw, in one go: the interoperability partner.
std::string zlibDeflate(std::string_view data, int bits, int flush, int level = 6) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, level, Z_DEFLATED, -bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, data.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, flush);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// Inflates with exactly the window of `bits`: byte for byte, since zlib takes distances into the output of
/// the running call without looking at the window. False when a distance reaches further.
bool inflatesWithin(int bits, std::string data, std::string& out) {
  data.append("\x00\x00\xff\xff", 4);
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, -bits), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(data.data());
  stream.avail_in = static_cast<uInt>(data.size());
  int result = Z_OK;
  while (result == Z_OK) {
    char byte = 0;
    stream.next_out = reinterpret_cast<Bytef*>(&byte);
    stream.avail_out = 1;
    result = ::inflate(&stream, Z_SYNC_FLUSH);
    if (stream.avail_out == 0) out.push_back(byte);
  }
  inflateEnd(&stream);
  return result == Z_BUF_ERROR && stream.avail_in == 0;
}

PerMessageDeflateParameters withWindow(int bits) {
  return {.serverMaxWindowBits = bits, .clientMaxWindowBits = bits};
}

constexpr PerMessageDeflateParameters kNoTakeover{.serverNoContextTakeover = true,
                                                  .clientNoContextTakeover = true};

// RFC 7692 section 7.2.3.

const std::string kHello("\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
const std::string kHelloAgain("\xf2\x00\x11\x00\x00", 5);

TEST(PerMessageDeflate, CompressesTheExamplesOfTheRfc) {
  PerMessageDeflate takeover(Role::server, {});
  EXPECT_EQ(compressed(takeover, ""), "\0"s);
  EXPECT_EQ(compressed(takeover, "Hello"), kHello);
  EXPECT_EQ(compressed(takeover, ""), "\0"s);
  EXPECT_EQ(compressed(takeover, ""), "\0"s);
  EXPECT_EQ(compressed(takeover, "Hello"), kHelloAgain);
  PerMessageDeflate fresh(Role::server, kNoTakeover);
  EXPECT_EQ(compressed(fresh, ""), "\0"s);
  EXPECT_EQ(compressed(fresh, "Hello"), kHello);
  EXPECT_EQ(compressed(fresh, "Hello"), kHello);
}

TEST(PerMessageDeflate, InflatesTheExamplesOfTheRfc) {
  const struct {
    std::string payload;
    std::string want;
  } cases[] = {
      {kHello, "Hello"},
      {"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s, "Hello"},          // stored
      {"\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s, "Hello"},                      // with BFINAL
      {"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s, "Hello"},  // two blocks
      {"\x00"s, ""},
  };
  std::mt19937 random(3);
  for (const auto& test : cases) {
    for (const PerMessageDeflateParameters& parameters : {PerMessageDeflateParameters{}, kNoTakeover}) {
      PerMessageDeflate deflate(Role::client, parameters);
      for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(inflated(deflate, test.payload), test.want);
        EXPECT_EQ(inflatedInPieces(deflate, test.payload, random), test.want);
      }
    }
  }
}

TEST(PerMessageDeflate, TakesTheWindowOver) {
  PerMessageDeflate takeover(Role::client, {});
  EXPECT_EQ(inflated(takeover, kHello), "Hello");
  EXPECT_EQ(inflated(takeover, kHelloAgain), "Hello");
  // A final block ends a stream; the window stays.
  EXPECT_EQ(inflated(takeover, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s), "Hello");
  EXPECT_EQ(inflated(takeover, kHelloAgain), "Hello");
}

TEST(PerMessageDeflate, DoesNotTakeTheWindowOverWhenAgreed) {
  PerMessageDeflate fresh(Role::client, kNoTakeover);
  EXPECT_EQ(inflated(fresh, kHello), "Hello");
  inflated(fresh, kHelloAgain, Result::corrupt);
  // Nor from another connection, through the pool.
  PerMessageDeflate other(Role::client, kNoTakeover);
  inflated(other, kHelloAgain, Result::corrupt);
}

TEST(PerMessageDeflate, EachSideHasItsOwnTakeover) {
  for (const bool server : {false, true}) {
    const PerMessageDeflateParameters parameters{.serverNoContextTakeover = server,
                                                 .clientNoContextTakeover = !server};
    PerMessageDeflate atServer(Role::server, parameters);
    PerMessageDeflate atClient(Role::client, parameters);
    compressed(atServer, "Hello");
    compressed(atClient, "Hello");
    EXPECT_EQ(compressed(atServer, "Hello"), server ? kHello : kHelloAgain);
    EXPECT_EQ(compressed(atClient, "Hello"), server ? kHelloAgain : kHello);
    EXPECT_EQ(inflated(atServer, kHello), "Hello");
    EXPECT_EQ(inflated(atClient, kHello), "Hello");
    inflated(atServer, kHelloAgain, server ? Result::ok : Result::corrupt);
    inflated(atClient, kHelloAgain, server ? Result::corrupt : Result::ok);
  }
}

void roundTrip(const PerMessageDeflateParameters& parameters, const std::vector<std::string>& messages) {
  PerMessageDeflate server(Role::server, parameters);
  PerMessageDeflate client(Role::client, parameters);
  std::mt19937 random(static_cast<unsigned>(parameters.serverMaxWindowBits * 100 + parameters.memLevel));
  for (const std::string& message : messages) {
    ASSERT_EQ(inflated(client, compressed(server, message)), message);
    ASSERT_EQ(inflated(server, compressed(client, message)), message);
    ASSERT_EQ(inflatedInPieces(client, compressedInPieces(server, message, random), random), message);
    ASSERT_EQ(inflatedInPieces(server, compressedInPieces(client, message, random), random), message);
  }
}

TEST(PerMessageDeflate, RoundTripsWithAllParameters) {
  std::mt19937 random(5);
  const std::vector<std::string> messages = {"",
                                             "x",
                                             text(5000),
                                             randomBytes(3000, 256, random),
                                             "",
                                             randomBytes(2000, 3, random),
                                             std::string(9000, 'z'),
                                             text(300)};
  for (int bits = 8; bits <= 15; ++bits) {
    for (int memLevel = 1; memLevel <= 9; ++memLevel) {
      for (int takeover = 0; takeover < 4; ++takeover) {
        roundTrip({.serverNoContextTakeover = (takeover & 1) != 0,
                   .clientNoContextTakeover = (takeover & 2) != 0,
                   .serverMaxWindowBits = bits,
                   .clientMaxWindowBits = 23 - bits,
                   .memLevel = memLevel},
                  messages);
      }
    }
  }
}

TEST(PerMessageDeflate, RoundTripsWithAllLevelsAndSizes) {
  std::mt19937 random(6);
  std::vector<std::string> messages;
  for (const std::size_t size : {1u, 2u, 125u, 126u, 1023u, 1024u, 1025u, 65535u, 65536u, 70000u, 300000u}) {
    messages.push_back(text(size));
    messages.push_back(randomBytes(size, 256, random));
  }
  for (const int level : {-1, 0, 1, 6, 9}) roundTrip({.compressionLevel = level}, messages);
}

/// Data whose best matches lie just about `distance` away.
std::string repeating(std::size_t distance, std::mt19937& random) {
  std::string data = randomBytes(distance, 256, random);
  for (std::size_t i = 0; i < 3000; ++i) data.push_back(data[data.size() - distance]);
  return data;
}

// Messages up to 4 KiB get a smaller compressor when nothing is taken over: it must not cost compression.
TEST(PerMessageDeflate, SmallMessagesLoseNothingInSmallCompressors) {
  for (const std::size_t size : {1U, 33U, 500U, 1023U, 1024U, 1025U, 3000U, 4095U, 4096U, 4097U}) {
    SCOPED_TRACE(size);
    std::string message;
    for (unsigned i = 0; message.size() < size; ++i) {
      message += "{\"id\":" + std::to_string(i * 7919 % 10'007) + ",\"name\":\"sensor\"},";
    }
    message.resize(size);
    PerMessageDeflate fresh(Role::server, {.serverNoContextTakeover = true});
    PerMessageDeflate large(Role::server, {});  // its first message has nothing to take over
    PerMessageDeflate client(Role::client, {});
    const std::string payload = compressed(fresh, message);
    EXPECT_LE(payload.size(), compressed(large, message).size() + 8);
    EXPECT_EQ(inflated(client, payload), message);
  }
}

TEST(PerMessageDeflate, KeepsToSmallWindows) {
  std::mt19937 random(7);
  std::vector<std::string> messages = {text(20000), std::string(5000, 'a'), randomBytes(20000, 2, random),
                                       randomBytes(20000, 20, random)};
  for (const std::size_t around : {256u, 512u, 1024u}) {
    for (std::size_t distance = around - 20; distance <= around + 20; ++distance) {
      messages.push_back(repeating(distance, random));
    }
  }
  for (const std::size_t distance : {3u, 100u, 230u, 248u, 249u, 250u, 251u, 252u}) {
    messages.push_back(repeating(distance, random));
  }
  for (const int level : {1, 3, 4, 6, 9}) {
    for (const int bits : {8, 9, 10}) {
      PerMessageDeflateParameters parameters = withWindow(bits);
      parameters.compressionLevel = level;
      parameters.serverNoContextTakeover = true;
      PerMessageDeflate server(Role::server, parameters);
      for (const std::string& message : messages) {
        std::string out;
        ASSERT_TRUE(inflatesWithin(bits, compressed(server, message), out)) << bits << ' ' << level;
        ASSERT_EQ(out, message);
      }
    }
  }
  // The checker does notice: a window of 10 bits has distances that one of 8 cannot serve.
  PerMessageDeflate wider(Role::server, withWindow(10));
  std::string out;
  EXPECT_FALSE(inflatesWithin(8, compressed(wider, repeating(300, random)), out));
}

/// Who asks for nothing else compresses with kCompressionLevel, whichever way it was agreed on.
TEST(PerMessageDeflate, TheDefaultLevel) {
  std::mt19937 random(9);
  const std::string message = text(20000) + randomBytes(20000, 4, random);
  const auto octets = [&](const PerMessageDeflateParameters& parameters) {
    PerMessageDeflate server(Role::server, parameters);
    return compressed(server, message);
  };
  const std::string byDefault = octets({.compressionLevel = kCompressionLevel});
  EXPECT_NE(byDefault, octets({.compressionLevel = 6}));
  EXPECT_EQ(byDefault, octets({}));
  EXPECT_EQ(byDefault, octets(PerMessageDeflateOfferAccept{}.parameters()));
  EXPECT_EQ(byDefault, octets(PerMessageDeflateResponseAccept{}.parameters()));
}

TEST(PerMessageDeflate, InflatesWhatZlibMakes) {
  std::mt19937 random(8);
  for (const std::string& message : {text(100000), randomBytes(50000, 256, random), "short"s}) {
    for (int bits = 9; bits <= 15; ++bits) {
      for (const int level : {0, 1, 6, 9}) {
        for (const int flush : {Z_SYNC_FLUSH, Z_FULL_FLUSH}) {
          std::string payload = zlibDeflate(message, bits, flush, level);
          ASSERT_EQ(payload.substr(payload.size() - 4), "\x00\x00\xff\xff"s);
          payload.resize(payload.size() - 4);
          PerMessageDeflate client(Role::client, withWindow(bits));
          EXPECT_EQ(inflated(client, payload), message);
          EXPECT_EQ(inflatedInPieces(client, payload, random), message);
        }
        // A finished stream, with the octet that section 7.2.3.4 wants and without.
        const std::string finished = zlibDeflate(message, bits, Z_FINISH, level);
        PerMessageDeflate client(Role::client, withWindow(bits));
        EXPECT_EQ(inflated(client, finished + "\0"s), message);
        EXPECT_EQ(inflated(client, finished), message);
        EXPECT_EQ(inflatedInPieces(client, finished + finished + "\0"s, random), message + message);
      }
    }
  }
}

TEST(PerMessageDeflate, WhatItMakesZlibInflates) {
  PerMessageDeflate server(Role::server, {});
  std::string out;
  ASSERT_TRUE(inflatesWithin(15, compressed(server, text(100000)), out));
  EXPECT_EQ(out, text(100000));
}

TEST(PerMessageDeflate, RefusesCorruptMessages) {
  const struct {
    std::string payload;
    const char* what;
  } cases[] = {
      {"", "nothing at all"},
      {kHello.substr(0, 6), "cut off between blocks"},
      {kHello.substr(0, 3), "cut off inside a block"},
      {kHello + "\0"s, "left over"},
      {kHello + "\x00\x00\xff\xff"s, "trailer not removed"},
      {"\xff\xff\xff"s, "reserved block type"},
      {"\x00\x05\x00\xfa\xfe\x48"s, "length and its complement differ"},
      {"\x00\x04\x00\xfb\xff"s, "trailer taken for content"},
      {"\x00\x09\x00\xf6\xff\x48\x65\x6c\x6c\x6f"s, "stored block cut off, trailer taken for content"},
      {kHelloAgain, "distance beyond the beginning"},
  };
  std::mt19937 random(9);
  for (const auto& test : cases) {
    for (const PerMessageDeflateParameters& parameters : {PerMessageDeflateParameters{}, kNoTakeover}) {
      PerMessageDeflate whole(Role::server, parameters);
      inflated(whole, test.payload, Result::corrupt);
      // It stays that way.
      inflated(whole, kHello, Result::corrupt);
      PerMessageDeflate bytewise(Role::server, parameters);
      util::ByteBuffer out;
      for (const char& byte : test.payload) bytewise.decompress({&byte, 1}, false, 0, out);
      EXPECT_EQ(bytewise.decompress({}, true, 0, out), Result::corrupt) << test.what;
    }
  }
}

TEST(PerMessageDeflate, EmptyFinalBlocksCannotSpin) {
  const std::string emptyFinal = "\x03\x00"s;
  std::string payload;
  for (int i = 0; i < 20; ++i) payload += emptyFinal;
  PerMessageDeflate some(Role::server, {});
  for (int round = 0; round < 20; ++round) EXPECT_EQ(inflated(some, payload + kHello), "Hello");
  for (int i = 0; i < 1000; ++i) payload += emptyFinal;
  PerMessageDeflate many(Role::server, {});
  inflated(many, payload + kHello, Result::corrupt);
}

TEST(PerMessageDeflate, StopsExactlyAtTheLimit) {
  const std::string message = text(10000);
  PerMessageDeflate server(Role::server, kNoTakeover);
  const std::string payload = compressed(server, message);
  std::mt19937 random(10);
  for (const std::size_t limit : {1u, 2u, 100u, 4095u, 9998u, 9999u, 10000u, 10001u}) {
    for (const bool negotiated : {false, true}) {
      PerMessageDeflateParameters parameters = kNoTakeover;
      if (negotiated) parameters.maxMessageSize = limit;
      for (const std::size_t pieceSize : {std::size_t{1}, std::size_t{50}, payload.size()}) {
        PerMessageDeflate client(Role::client, parameters);
        util::ByteBuffer out;
        Result result = Result::ok;
        for (std::size_t at = 0; at < payload.size() && result == Result::ok; at += pieceSize) {
          result = client.decompress(std::string_view(payload).substr(at, pieceSize),
                                     at + pieceSize >= payload.size(), negotiated ? 20000 : limit, out);
        }
        EXPECT_EQ(result, limit < message.size() ? Result::tooBig : Result::ok) << limit;
        EXPECT_EQ(out.view(), message.substr(0, limit));
        EXPECT_LE(out.capacity(), 2 * limit + 512);
        if (result == Result::tooBig) {
          EXPECT_EQ(client.decompress({}, true, 0, out), Result::tooBig);
        }
      }
    }
  }
}

TEST(PerMessageDeflate, LimitIsPerMessage) {
  PerMessageDeflate server(Role::server, {});
  PerMessageDeflate client(Role::client, {});
  for (int round = 0; round < 10; ++round) {
    util::ByteBuffer out;
    EXPECT_EQ(client.decompress(compressed(server, "Hello"), true, 5, out), Result::ok);
  }
}

TEST(PerMessageDeflate, LimitCountsWhatTheCallerTookAway) {
  PerMessageDeflate server(Role::server, {});
  PerMessageDeflate client(Role::client, {});
  const std::string payload = compressed(server, text(50000));
  util::ByteBuffer out;
  Result result = Result::ok;
  std::size_t total = 0;
  for (std::size_t at = 0; at < payload.size() && result == Result::ok; ++at) {
    out.clear();
    result = client.decompress({payload.data() + at, 1}, false, 30000, out);
    total += out.size();
  }
  EXPECT_EQ(result, Result::tooBig);
  EXPECT_EQ(total, 30000u);
}

TEST(PerMessageDeflate, BombIsBounded) {
  // 1 GiB of zeros in about 1 MiB, put together from flushed pieces of 1 MiB.
  const std::string part = zlibDeflate(std::string(std::size_t{1} << 20, '\0'), 15, Z_FULL_FLUSH, 9);
  std::string bomb;
  for (int i = 0; i < 1024; ++i) bomb += part;
  bomb.resize(bomb.size() - 4);
  ASSERT_LT(bomb.size(), std::size_t{2} << 20);
  const std::size_t limit = std::size_t{4} << 20;
  for (const std::size_t pieceSize : {std::size_t{1000}, bomb.size()}) {
    PerMessageDeflate client(Role::client, {});
    util::ByteBuffer out;
    Result result = Result::ok;
    std::size_t used = 0;
    for (; used < bomb.size() && result == Result::ok; used += pieceSize) {
      result = client.decompress(std::string_view(bomb).substr(used, pieceSize), false, limit, out);
    }
    EXPECT_EQ(result, Result::tooBig);
    EXPECT_EQ(out.size(), limit);
    EXPECT_LE(out.capacity(), 2 * limit);
    EXPECT_EQ(client.memoryUsage(), 0u);
  }
}

TEST(PerMessageDeflate, MutatedMessagesNeverCrash) {
  std::mt19937 random(11);
  const std::string message = text(3000) + randomBytes(1000, 256, random) + text(1000);
  PerMessageDeflate server(Role::server, kNoTakeover);
  const std::string good = compressed(server, message);
  const std::size_t limit = 20000;
  std::array<int, 3> seen{};
  for (int round = 0; round < 5000; ++round) {
    std::string bad = good;
    for (std::size_t count = 1 + random() % 3; count > 0; --count) {
      bad[random() % bad.size()] = static_cast<char>(random());
    }
    if (random() % 8 == 0) bad.resize(random() % bad.size());
    PerMessageDeflate client(Role::client, round % 2 == 0 ? kNoTakeover : withWindow(8 + round % 8));
    util::ByteBuffer out;
    const std::size_t cut = random() % (bad.size() + 1);
    Result result = client.decompress(std::string_view(bad).substr(0, cut), false, limit, out);
    if (result == Result::ok) result = client.decompress(std::string_view(bad).substr(cut), true, limit, out);
    ASSERT_LE(out.size(), limit);
    ++seen[static_cast<std::size_t>(result)];
  }
  EXPECT_GT(seen[static_cast<std::size_t>(Result::corrupt)], 1000);
  EXPECT_GT(seen[static_cast<std::size_t>(Result::ok)], 10);
}

TEST(PerMessageDeflate, RandomBytesNeverCrash) {
  std::mt19937 random(12);
  for (int round = 0; round < 5000; ++round) {
    PerMessageDeflate client(Role::client, kNoTakeover);
    util::ByteBuffer out;
    client.decompress(randomBytes(random() % 200, 256, random), true, 5000, out);
    ASSERT_LE(out.size(), 5000u);
  }
}

TEST(PerMessageDeflate, HoldsMemoryOnlyWhileNeeded) {
  util::ByteBuffer out;
  PerMessageDeflate takeover(Role::server, {});
  EXPECT_EQ(takeover.memoryUsage(), 0u);
  takeover.compress("", true, out);
  EXPECT_EQ(takeover.memoryUsage(), 0u);
  takeover.compress("Hello", true, out);
  const std::size_t compressing = takeover.memoryUsage();
  EXPECT_GT(compressing, 200'000u);
  EXPECT_LT(compressing, 300'000u);
  takeover.decompress(kHello, true, 0, out);
  EXPECT_GT(takeover.memoryUsage(), compressing + 32768);

  PerMessageDeflateParameters smallest = withWindow(8);
  smallest.memLevel = 1;
  PerMessageDeflate small(Role::server, smallest);
  small.compress("Hello", true, out);
  EXPECT_LT(small.memoryUsage(), 20'000u);

  PerMessageDeflate pooled(Role::server, kNoTakeover);
  pooled.compress("Hello", false, out);
  pooled.decompress(kHello, false, 0, out);
  EXPECT_GT(pooled.memoryUsage(), compressing);
  pooled.compress("", true, out);
  pooled.decompress("", true, 0, out);
  EXPECT_EQ(pooled.memoryUsage(), 0u);
}

TEST(PerMessageDeflate, AbandonedMessagesLeaveNoTrace) {
  util::ByteBuffer out;
  for (int round = 0; round < 20; ++round) {
    PerMessageDeflate abandoned(Role::server, kNoTakeover);
    abandoned.compress("Hello, and more", false, out);
    abandoned.decompress(kHello.substr(0, 4), false, 0, out);
  }
  PerMessageDeflate next(Role::server, kNoTakeover);
  EXPECT_EQ(compressed(next, "Hello"), kHello);
  EXPECT_EQ(inflated(next, kHello), "Hello");
}

TEST(PerMessageDeflate, ResetCompressorForgetsTheWindow) {
  PerMessageDeflate server(Role::server, {});
  server.resetCompressor();
  EXPECT_EQ(compressed(server, "Hello"), kHello);
  EXPECT_EQ(compressed(server, "Hello"), kHelloAgain);
  server.resetCompressor();
  EXPECT_EQ(compressed(server, "Hello"), kHello);
  EXPECT_EQ(compressed(server, "Hello"), kHelloAgain);
}

TEST(PerMessageDeflate, MovesBetweenThreads) {
  PerMessageDeflate server(Role::server, kNoTakeover);
  util::ByteBuffer out;
  std::thread([&] { server.compress("Hel", false, out); }).join();
  server.compress("lo", true, out);
  PerMessageDeflate client(Role::client, kNoTakeover);
  EXPECT_EQ(inflated(client, out.view()), "Hello");
}

TEST(PerMessageDeflate, MayOutliveThePoolOfItsThread) {
  std::thread([&] {
    // Constructed before the thread's pool, so destroyed after it.
    thread_local PerMessageDeflate server(Role::server, kNoTakeover);
    util::ByteBuffer out;
    PerMessageDeflate other(Role::server, kNoTakeover);
    other.compress("Hello", true, out);
    server.compress("Hello", false, out);
    EXPECT_EQ(server.decompress(kHello, false, 0, out), Result::ok);
    EXPECT_GT(server.memoryUsage(), 0u);
  }).join();
}

TEST(PerMessageDeflate, RefusesParametersOutOfRange) {
  const PerMessageDeflateParameters bad[] = {
      {.serverMaxWindowBits = 7}, {.serverMaxWindowBits = 16}, {.clientMaxWindowBits = 0}, {.memLevel = 0},
      {.memLevel = 10},           {.compressionLevel = -2},    {.compressionLevel = 10},
  };
  for (const PerMessageDeflateParameters& parameters : bad) {
    EXPECT_THROW(PerMessageDeflate(Role::server, parameters), std::invalid_argument);
  }
}

}  // namespace
}  // namespace autobahn::websocket
