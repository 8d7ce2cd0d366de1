#include "autobahn/util/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <vector>

namespace {
std::atomic<std::size_t> allocations{0};
}

// Not inlined: GCC would warn about free() meeting memory from new.
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* memory = std::malloc(size != 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace autobahn::inline v0::util {
namespace {

using testing::ElementsAre;

constexpr Logger kLog{"autobahn.test"};

static_assert(!std::is_constructible_v<LogValue, int*>, "a pointer is no bool");
static_assert(!std::is_constructible_v<LogValue, std::nullptr_t>);
static_assert(!std::is_constructible_v<LogValue, char>, "text or number?");

// Collects records as "LEVEL logger text" and puts level and sink back afterwards.
class LogTest : public testing::Test {
 protected:
  LogTest() {
    setLogLevel(Level::info);
    setSink([this](const LogRecord& record) {
      lines_.push_back(std::string(levelName(record.level)) + " " + std::string(record.logger) + " " +
                       formatLogText(record));
    });
  }
  ~LogTest() override {
    setSink({});
    setLogLevel(Level::info);
  }

  std::vector<std::string> lines_;
};

std::string text(std::string_view message, std::initializer_list<LogField> fields = {}) {
  return formatLogText({{}, Level::info, "x", message, {fields.begin(), fields.size()}});
}

TEST_F(LogTest, FieldsOfEveryKind) {
  const std::string owned = "tcp4:127.0.0.1:9000";
  const std::uint16_t code = 1000;
  kLog.info("connection closed", {{"peer", owned},
                                  {"code", code},
                                  {"delta", -5},
                                  {"id", std::uint64_t{1} << 63},
                                  {"size", sizeof(char)},
                                  {"seconds", 1.5},
                                  {"ratio", 0.25f},
                                  {"clean", true},
                                  {"reason", "good bye"},
                                  {"note", std::string_view()}});
  EXPECT_THAT(lines_, ElementsAre("INFO autobahn.test connection closed peer=tcp4:127.0.0.1:9000 code=1000 "
                                  "delta=-5 id=9223372036854775808 size=1 seconds=1.5 ratio=0.25 clean=true "
                                  "reason=\"good bye\" note=\"\""));
}

TEST_F(LogTest, LevelsFilterAtRunTime) {
  const auto logAll = [] {
    kLog.trace("t");
    kLog.debug("d");
    kLog.info("i");
    kLog.warning("w");
    kLog.error("e");
    kLog.critical("c");
    kLog.log(Level::off, "never");
  };
  constexpr std::size_t kExpected[] = {6, 5, 4, 3, 2, 1, 0};
  for (std::size_t level = 0; level < std::size(kExpected); ++level) {
    setLogLevel(static_cast<Level>(level));
    EXPECT_EQ(logLevel(), static_cast<Level>(level));
    lines_.clear();
    logAll();
    EXPECT_EQ(lines_.size(), kExpected[level]) << levelName(static_cast<Level>(level));
    EXPECT_FALSE(kLog.enabled(Level::off));
  }
  setLogLevel(Level::error);
  lines_.clear();
  logAll();
  EXPECT_THAT(lines_, ElementsAre("ERROR autobahn.test e", "CRITICAL autobahn.test c"));
}

TEST_F(LogTest, DeferredFunctionRunsOnlyWhenItsLevelIsActive) {
  int calls = 0;
  const auto costly = [&](LogWriter write) {
    ++calls;
    write("frame", {{"hex", std::string("00") + "ff"}});
  };
  kLog.debug(costly);
  kLog.log(Level::trace, costly);
  EXPECT_EQ(calls, 0);
  setLogLevel(Level::debug);
  kLog.debug(costly);
  kLog.trace(costly);
  kLog.log(Level::critical, costly);
  EXPECT_EQ(calls, 2);
  EXPECT_THAT(lines_,
              ElementsAre("DEBUG autobahn.test frame hex=00ff", "CRITICAL autobahn.test frame hex=00ff"));
}

TEST_F(LogTest, NothingIsAllocatedBelowTheActiveLevel) {
  const std::string longText(1000, 'x');
  const std::size_t before = allocations.load();
  for (int i = 0; i < 100; ++i) {
    kLog.debug("frame received", {{"payload", longText}, {"number", i}, {"ratio", 0.5}});
    kLog.trace([&](LogWriter write) { write("octets", {{"copy", longText + longText}}); });
  }
  EXPECT_EQ(allocations.load(), before);
  kLog.info("frame received", {{"payload", longText}});
  EXPECT_GT(allocations.load(), before);  // the counter does count
}

TEST_F(LogTest, AThrowingSinkHarmsNoOneAndErrnoIsKept) {
  setSink([](const LogRecord&) {
    errno = EBADF;
    throw std::runtime_error("disk full");
  });
  errno = ENOENT;
  EXPECT_NO_THROW(kLog.error("x"));
  EXPECT_EQ(errno, ENOENT);
}

TEST_F(LogTest, ASinkMayLogAndReplaceItself) {
  int calls = 0;
  setSink([&calls](const LogRecord& record) {
    ++calls;
    if (record.message != "outer") return;
    kLog.info("inner");
    setSink([](const LogRecord&) {});
  });
  kLog.info("outer");
  kLog.info("later");
  EXPECT_EQ(calls, 2);
}

TEST_F(LogTest, SinksChangeWhileOthersLog) {
  std::atomic<int> received{0};
  constexpr int kRecords = 2000;
  const auto sink = [&received](const LogRecord&) { received.fetch_add(1); };
  setSink(sink);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < kRecords; ++i) kLog.info("x", {{"i", i}});
    });
  }
  for (int i = 0; i < 200; ++i) setSink(sink);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(received.load(), 3 * kRecords);
}

TEST_F(LogTest, DefaultSinkWritesOneLineToStandardError) {
  setSink({});
  testing::internal::CaptureStderr();
  kLog.warning("careful", {{"text", "a\nb"}});
  kLog.debug("unseen");
  EXPECT_THAT(
      testing::internal::GetCapturedStderr(),
      testing::MatchesRegex("^....-..-..T..:..:..\\....Z WARNING autobahn.test careful text=a\\\\nb\n$"));
  EXPECT_TRUE(lines_.empty());
}

TEST(LogFormat, Line) {
  const LogField fields[] = {{"peer", "tcp4:127.0.0.1:5"}, {"code", 1000}};
  const std::chrono::system_clock::time_point time{std::chrono::seconds(1795323600)};
  EXPECT_EQ(
      formatLogLine({time, Level::info, "autobahn.websocket", "connection closed", fields}),
      "2026-11-22T05:00:00.000Z INFO autobahn.websocket connection closed peer=tcp4:127.0.0.1:5 code=1000");
}

TEST(LogFormat, NothingAPeerSendsBreaksTheLine) {
  const struct {
    std::string_view value, expected;
  } cases[] = {
      {"a\r\n2026-11-22T05:00:00.000Z INFO forged", "v=\"a\\r\\n2026-11-22T05:00:00.000Z INFO forged\""},
      {"\x1b[31mred", "v=\\x1b[31mred"},
      {std::string_view("a\0b", 3), "v=a\\x00b"},
      {"\x7f\t", "v=\\x7f\\t"},
      {"x code=1", "v=\"x code=1\""},
      {"say \"hi\" \\", "v=\"say \\\"hi\\\" \\\\\""},
      {"back\\slash", "v=back\\\\slash"},
      {"gr\xC3\xBC\xC3\x9F", "v=gr\xC3\xBC\xC3\x9F"},
      {"\xC2\x85", "v=\\xc2\\x85"},             // U+0085 next line
      {"\xC2\xA0", "v=\xC2\xA0"},               // not a control
      {"\xE2\x80\xA8", "v=\\xe2\\x80\\xa8"},    // U+2028 line separator
      {"\xE2\x80\xAEx", "v=\\xe2\\x80\\xaex"},  // U+202E right-to-left override
      {"\xE2\x82\xAC", "v=\xE2\x82\xAC"},       // the euro sign
      {"\xC3\xBC\xFF", "v=\\xc3\\xbc\\xff"},    // not UTF-8
  };
  for (const auto& test : cases) {
    EXPECT_EQ(text("m", {{"v", test.value}}), "m " + std::string(test.expected));
  }
  EXPECT_EQ(text("a\nb"), "a\\nb");
  EXPECT_EQ(text("m", {{"na\nme", 1}}), "m na\\nme=1");
}

TEST(LogLevel, NamesRoundTrip) {
  for (int i = 0; i <= static_cast<int>(Level::off); ++i) {
    EXPECT_EQ(parseLevel(levelName(static_cast<Level>(i))), static_cast<Level>(i));
  }
  EXPECT_EQ(parseLevel("debug"), Level::debug);
  EXPECT_EQ(parseLevel("Warn"), Level::warning);
  EXPECT_EQ(parseLevel("loud"), std::nullopt);
  EXPECT_EQ(parseLevel(""), std::nullopt);
}

}  // namespace
}  // namespace autobahn::inline v0::util
