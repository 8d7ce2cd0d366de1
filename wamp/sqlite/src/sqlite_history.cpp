// The thread that writes and reads the file, and its queue.
#include <autobahn/util/log.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/router/session_info.hpp>
#include <autobahn/wamp/router/sqlite_history.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
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
using Writes = std::vector<WriteJob>;

// Results on their way to the loop: there is no need to read faster than it can pass them on.
constexpr std::size_t kMaxUndelivered = 4;

HistoryFailure refusal(std::string_view what, std::size_t limit) {
  return {error::kLimitExceeded,
          "no more than " + std::to_string(limit) + " " + std::string(what) + " may wait for the history"};
}

/// What waits. Thread-safe where the mutex is held.
struct Queue {
  std::mutex mutex;
  std::condition_variable hasWork;
  Writes writes;
  std::deque<ReadJob> reads;
  std::size_t events = 0;  ///< also of what the thread has at work
  std::size_t octets = 0;
  std::size_t undelivered = 0;
  bool isEnding = false;

  bool mayRead() const { return !isEnding && !reads.empty() && undelivered < kMaxUndelivered; }
};

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
  void run();
  bool take(Writes& writes, std::optional<ReadJob>& read);
  void commit(Writes& writes);
  void find(ReadJob& job);
  void report(const std::string& error);
  void finish(Writes writes);
  void finish(ReadJob job);

  const SqliteHistoryOptions options_;
  const HistoryPoster post_;
  HistoryFile file_;                     ///< the thread's, once that runs
  std::optional<std::string> reported_;  ///< the thread's: the error that has been logged
  const std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
  std::thread thread_;
};

SqliteHistory::~SqliteHistory() {
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->isEnding = true;
  }
  queue_->hasWork.notify_one();
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
  const std::lock_guard lock(queue_->mutex);
  if (queue_->events >= options_.maxQueuedEvents) return refusal("events", options_.maxQueuedEvents);
  // One is taken however large it is.
  const std::size_t most = options_.maxQueuedOctets;
  const bool isTooMuch = queue_->events > 0 && (queue_->octets >= most || octets > most - queue_->octets);
  if (isTooMuch) return refusal("octets of events", most);
  return std::nullopt;
}

bool SqliteHistory::write(HistoryWrite event, Written written) {
  const std::size_t octets = historyOctets(event.record);
  {
    const std::lock_guard lock(queue_->mutex);
    ++queue_->events;
    queue_->octets += octets;
    queue_->writes.push_back({std::move(event), std::move(written), octets});
  }
  queue_->hasWork.notify_one();
  return false;
}

void SqliteHistory::read(HistoryQuery query, Read read) {
  {
    const std::lock_guard lock(queue_->mutex);
    if (queue_->reads.size() < options_.maxQueuedReads) {
      queue_->reads.push_back({std::move(query), std::move(read)});
      read = nullptr;
    }
  }
  queue_->hasWork.notify_one();
  if (read) read({.failure = refusal("questions", options_.maxQueuedReads)});
}

// ---- In the thread

// Questions find what was written before them: that is committed first.
void SqliteHistory::run() {
  Writes writes;
  std::optional<ReadJob> read;
  while (take(writes, read)) {
    if (!writes.empty()) {
      commit(writes);
      finish(std::exchange(writes, {}));
    }
    if (read) {
      find(*read);
      finish(std::move(*std::exchange(read, std::nullopt)));
    }
  }
}

// All events there are, and one question. False: it is over.
bool SqliteHistory::take(Writes& writes, std::optional<ReadJob>& read) {
  std::unique_lock lock(queue_->mutex);
  queue_->hasWork.wait(lock,
                       [this] { return queue_->isEnding || !queue_->writes.empty() || queue_->mayRead(); });
  writes.swap(queue_->writes);
  if (queue_->mayRead()) {
    read = std::move(queue_->reads.front());
    queue_->reads.pop_front();
    ++queue_->undelivered;
  }
  return !writes.empty() || read;
}

void SqliteHistory::commit(Writes& writes) {
  try {
    file_.begin();
    for (WriteJob& each : writes) {
      try {
        file_.add(each.event);
      } catch (const SerializationError& error) {
        each.failure = HistoryFailure{error::kHistoryFailed, error.what()};
      }
    }
    file_.commit();
    if (reported_) kLog.info("the history can be written again", {{"file", options_.file}});
    reported_.reset();
  } catch (const std::exception& error) {
    file_.rollback();
    report(error.what());
    for (WriteJob& each : writes) each.failure = HistoryFailure{error::kHistoryFailed, error.what()};
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

void SqliteHistory::finish(Writes writes) {
  {
    const std::lock_guard lock(queue_->mutex);
    for (const WriteJob& each : writes) {
      --queue_->events;
      queue_->octets -= each.octets;
    }
  }
  std::erase_if(writes, [](const WriteJob& each) { return !each.written; });
  for (WriteJob& each : writes) each.event = {};
  // Functions are copied.
  const auto done = std::make_shared<Writes>(std::move(writes));
  post_([done] {
    for (const WriteJob& each : *done) each.written(each.failure ? &*each.failure : nullptr);
  });
}

void SqliteHistory::finish(ReadJob job) {
  const auto done = std::make_shared<ReadJob>(std::move(job));
  post_([done, queue = queue_] {
    {
      const std::lock_guard lock(queue->mutex);
      --queue->undelivered;
    }
    queue->hasWork.notify_one();
    done->read(std::move(done->result));
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
