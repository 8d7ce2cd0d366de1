// A store for everybody in the realm: values of any type are set, read and listed, and who watches a key is
// told.
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "common/wamp.hpp"

using namespace autobahn::wamp;

namespace {

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await registerMethods("com.example.keyvalue.", procedure("set", this, &Backend::set),
                             procedure("get", this, &Backend::get), procedure("keys", this, &Backend::keys));
  }

 private:
  void set(const std::string& key, const Value& value) {
    if (value.isNull()) {
      store_.erase(key);
    } else {
      store_[key] = value;
    }
    // Also to the one who has set it, when it watches.
    publish("com.example.keyvalue.changed." + key, key, value);
  }
  Value get(const std::string& key) {
    const auto found = store_.find(key);
    return found == store_.end() ? Value() : found->second;
  }
  std::vector<std::string> keys() {
    std::vector<std::string> all;
    for (const auto& each : store_) all.push_back(each.first);
    return all;
  }

  std::map<std::string, Value> store_;
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    const SubscribeOptions allKeys{.match = Match::prefix};
    co_await subscribe(
        "com.example.keyvalue.changed.",
        [this](std::string key, Value value) {
          std::cout << key << " is now " << value.toString() << '\n';
          if (value.isNull()) leave();
        },
        allKeys);

    Value address = Dict{{"city", "Erlangen"}, {"zip", 91054}};
    co_await call<void>("com.example.keyvalue.set", "address", address);
    co_await call<void>("com.example.keyvalue.set", "answer", 42);
    const auto keys = co_await call<std::vector<std::string>>("com.example.keyvalue.keys");
    std::cout << keys.size() << " keys\n";
    const auto city = co_await call<Value>("com.example.keyvalue.get", "address");
    std::cout << "in " << city.get("city").asString() << '\n';
    co_await call<void>("com.example.keyvalue.set", "answer", nullptr);
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv, {.name = "wamp_keyvalue", .about = "A store whose changes are published."});
}
