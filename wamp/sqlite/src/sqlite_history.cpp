// The thread that writes and reads the file, and its queue.
#include <algorithm>
#include <autobahn/util/log.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/router/session_info.hpp>
#include <autobahn/wamp/router/sqlite_history.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "history_file.hpp"

namespace autobahn::inline v0::wamp {
namespace {

using sqlite::HistoryFile;

constexpr util::Logger kLog{"autobahn.wamp.router"};

struct WriteJob {
  HistoryWrite event;
  HistoryStore::Written written;
  std::size_t octets = 0;
  std::optional<HistoryFailure> failure{};
};
struct ReadJob {
  HistoryQuery query;
  HistoryStore::Read read;
  HistoryResult result{};
};
using Job = std::variant<WriteJob, ReadJob>;
using Jobs = std::vector<Job>;

HistoryFailure refusal(std::string_view what, std::size_t limit) {
  return {error::kLimitExceeded,
          "no more than " + std::to_string(limit) + " " + std::string(what) + " may wait for the history"};
}

/// Called in the realm's thread, but `run` and what it calls, which is called in the thread of its own.
class SqliteHistory : public HistoryStore {
 public:
  SqliteHistory(SqliteHistoryOptions options, HistoryPoster post)
      : options_(std::move(options)), post_(std::move(post)), file_(options_) {}
  ~SqliteHistory() override;

  std::vector<HistoryRecord> open(std::span<const HistoryRule> rules) override;
  bool keepsRetained() const override { return options_.keepsRetained; }
  std::optional<HistoryFailure> mayWrite(std::size_t octets) override;
  bool write(HistoryWrite event, Written written) override;
  void read(HistoryQuery query, Read read) override;

 private:
  void add(Job job);
  void run();
  Jobs take();
  void work(Jobs& jobs);
  void commit(std::span<Job> writes);
  void find(ReadJob& job);
  void report(const std::string& error);
  void finish(Jobs jobs);

  const SqliteHistoryOptions options_;
  const HistoryPoster post_;
  HistoryFile file_;  ///< the thread's, once that runs
  std::optional<std::string> reported_;  ///< the thread's: the error that has been logged

  std::mutex mutex_;
  std::condition_variable hasWork_;
  Jobs queue_;
  // Also of what the thread has at work.
  std::size_t events_ = 0;
  std::size_t octets_ = 0;
  std::size_t reads_ = 0;
  bool isEnding_ = false;

  std::thread thread_;
};

SqliteHistory::~SqliteHistory() {
  {
    const std::lock_guard lock(mutex_);
    isEnding_ = true;
  }
  hasWork_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::vector<HistoryRecord> SqliteHistory::open(std::span<const HistoryRule> rules) {
  if (thread_.joinable()) throw InvalidState("the history " + options_.file + " is another realm's");
  std::vector<HistoryRecord> retained;
  try {
    retained = file_.open(rules);
  } catch (const sqlite::SqliteError& error) {
    throw std::runtime_error("the history " + options_.file + ": " + error.what());
  }
  if (!options_.keepsRetained) retained.clear();
  thread_ = std::thread([this] { run(); });
  return retained;
}

std::optional<HistoryFailure> SqliteHistory::mayWrite(std::size_t octets) {
  const std::lock_guard lock(mutex_);
  if (events_ >= options_.maxQueuedEvents) return refusal("events", options_.maxQueuedEvents);
  // One is taken however large it is.
  const bool isTooMuch = events_ > 0 && (octets_ >= options_.maxQueuedOctets ||
                                         octets > options_.maxQueuedOctets - octets_);
  if (isTooMuch) return refusal("octets of events", options_.maxQueuedOctets);
  return std::nullopt;
}

bool SqliteHistory::write(HistoryWrite event, Written written) {
  const std::size_t octets = historyOctets(event.record);
  add(WriteJob{std::move(event), std::move(written), octets});
  return false;
}

void SqliteHistory::read(HistoryQuery query, Read read) {
  bool isTooMuch = false;
  {
    const std::lock_guard lock(mutex_);
    isTooMuch = reads_ >= options_.maxQueuedReads;
  }
  if (isTooMuch) return read({.failure = refusal("questions", options_.maxQueuedReads)});
  add(ReadJob{std::move(query), std::move(read)});
}

void SqliteHistory::add(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto* write = std::get_if<WriteJob>(&job)) {
      ++events_;
      octets_ += write->octets;
    } else {
      ++reads_;
    }
    queue_.push_back(std::move(job));
  }
  hasWork_.notify_one();
}

// ---- In the thread

void SqliteHistory::run() {
  for (Jobs jobs = take(); !jobs.empty(); jobs = take()) {
    work(jobs);
    finish(std::move(jobs));
  }
}

// All there is; nothing: it is over.
Jobs SqliteHistory::take() {
  std::unique_lock lock(mutex_);
  hasWork_.wait(lock, [this] { return isEnding_ || !queue_.empty(); });
  return std::exchange(queue_, {});
}

// Events that follow each other become one transaction; questions find what was written before them.
void SqliteHistory::work(Jobs& jobs) {
  for (auto at = jobs.begin(); at != jobs.end();) {
    if (auto* const read = std::get_if<ReadJob>(&*at)) {
      find(*read);
      ++at;
      continue;
    }
    const auto end =
        std::find_if(at, jobs.end(), [](const Job& job) { return std::holds_alternative<ReadJob>(job); });
    commit({at, end});
    at = end;
  }
}

void SqliteHistory::commit(std::span<Job> writes) {
  try {
    file_.begin();
    for (Job& each : writes) {
      auto& write = std::get<WriteJob>(each);
      try {
        file_.add(write.event);
      } catch (const SerializationError& error) {
        write.failure = HistoryFailure{error::kHistoryFailed, error.what()};
      }
    }
    file_.commit();
    if (reported_) kLog.info("the history can be written again", {{"file", options_.file}});
    reported_.reset();
  } catch (const std::exception& error) {
    file_.rollback();
    report(error.what());
    for (Job& each : writes) {
      std::get<WriteJob>(each).failure = HistoryFailure{error::kHistoryFailed, error.what()};
    }
  }
}

void SqliteHistory::find(ReadJob& job) {
  try {
    job.result = file_.read(job.query);
  } catch (const std::exception& error) {
    report(error.what());
    job.result = {.failure = HistoryFailure{error::kHistoryFailed, error.what()}};
  }
}

// A disk that is full says so thousands of times.
void SqliteHistory::report(const std::string& error) {
  if (reported_ == error) return;
  kLog.error("the history fails", {{"file", options_.file}, {"error", error}});
  reported_ = error;
}

void SqliteHistory::finish(Jobs jobs) {
  {
    const std::lock_guard lock(mutex_);
    for (const Job& each : jobs) {
      if (const auto* write = std::get_if<WriteJob>(&each)) {
        --events_;
        octets_ -= write->octets;
      } else {
        --reads_;
      }
    }
  }
  // Functions are copied.
  const auto done = std::make_shared<Jobs>(std::move(jobs));
  post_([done] {
    for (Job& each : *done) {
      if (auto* const read = std::get_if<ReadJob>(&each)) {
        read->read(std::move(read->result));
      } else if (auto& write = std::get<WriteJob>(each); write.written) {
        write.written(write.failure ? &*write.failure : nullptr);
      }
    }
  });
}

}  // namespace

std::shared_ptr<HistoryStore> makeSqliteHistory(SqliteHistoryOptions options, HistoryPoster post) {
  const std::string file = options.file;
  try {
    return std::make_shared<SqliteHistory>(std::move(options), std::move(post));
  } catch (const sqlite::SqliteError& error) {
    throw std::runtime_error("the history " + file + ": " + error.what());
  }
}

}  // namespace autobahn::inline v0::wamp
