// What zlib alone takes for the compression of an echo: the base of the ratios of permessage-deflate.
#include <memory>
#include <vector>

#include "generator.hpp"
#include "script.hpp"

namespace bench {
namespace {

/// Of one connection with context takeover, or of all without.
struct Context {
  Inflater inflater;
  Deflater deflater;
  std::size_t next = 0;  // message
};

class ZlibLoad {
 public:
  explicit ZlibLoad(const Load& load) : load_(load), script_(load) {
    Deflater sender;
    for (const std::string& payload : script_.payloads) {
      if (load.takeover == Takeover::off) sender.reset();
      compressed_.emplace_back(sender.message(payload));
    }
    const std::uint32_t count = load.takeover == Takeover::off ? 1 : load.connections;
    for (std::uint32_t i = 0; i < count; ++i) {
      contexts_.push_back(std::make_unique<Context>());
      // Each is somewhere else: the same work time after time would be easier than it is for a server.
      for (std::size_t done = 0; done < i * compressed_.size() / count; ++done) echo(*contexts_.back());
    }
  }

  Figures run() {
    runUntil(now() + load_.warmUp);
    count_ = bytes_ = 0;
    const CpuTimes before = CpuTimes::now(0);
    const double start = now();
    runUntil(start + load_.seconds);
    const CpuTimes after = CpuTimes::now(0);
    const auto count = static_cast<double>(count_);
    Figures figures = rates(count, now() - start, before, after);
    figures["serverMicros"] = figures["generatorMicros"];
    figures["bytesBack"] = static_cast<double>(bytes_) / count;
    return figures;
  }

 private:
  void runUntil(double end) {
    do {
      for (const auto& context : contexts_) echo(*context);
    } while (now() < end);
  }

  void echo(Context& context) {
    bytes_ += context.deflater.message(context.inflater.message(compressed_[context.next])).size();
    context.next = (context.next + 1) % compressed_.size();
    ++count_;
    if (load_.takeover == Takeover::on) return;
    context.inflater.reset();
    context.deflater.reset();
  }

  Load load_;
  Script script_;
  std::vector<std::string> compressed_;
  std::vector<std::unique_ptr<Context>> contexts_;
  std::uint64_t count_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

Figures zlibAlone(const Load& load) { return ZlibLoad(load).run(); }

}  // namespace bench
