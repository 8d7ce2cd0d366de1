// What tests of histories in files share: a folder, and a loop to which the history's thread posts.
#pragma once

#include <gtest/gtest.h>

#include <autobahn/wamp/router/sqlite_history.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "wamp/src/router/testing/script.hpp"

namespace autobahn::wamp::sqlite::testing {

/// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "history-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name = "realm1.history") const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// What is posted waits until the test's thread asks for it.
class WaitingLoop {
 public:
  HistoryPoster poster() {
    return [state = state_](std::function<void()> function) {
      {
        const std::lock_guard lock(state->mutex);
        state->functions.push_back(std::move(function));
      }
      state->changed.notify_one();
      return true;
    };
  }
  /// Runs what is posted until `isDone`. False: nothing has come for a minute.
  bool runUntil(const std::function<bool()>& isDone) {
    while (!isDone()) {
      std::unique_lock lock(state_->mutex);
      const bool hasCome = state_->changed.wait_for(lock, std::chrono::minutes(1),
                                                    [this] { return !state_->functions.empty(); });
      if (!hasCome) return false;
      const std::function<void()> next = std::move(state_->functions.front());
      state_->functions.pop_front();
      lock.unlock();
      next();
    }
    return true;
  }
  /// Until something has come for a client.
  void settle(router::testing::Client& client) {
    EXPECT_TRUE(runUntil([&client] { return !client.received().empty(); }));
  }
  std::function<void(router::testing::Client&)> settler() {
    return [this](router::testing::Client& client) { settle(client); };
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::function<void()>> functions;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace autobahn::wamp::sqlite::testing
