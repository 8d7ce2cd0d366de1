// Events with several arguments, by position and by keyword, and with a struct.
#include <iostream>
#include <string>
#include <vector>

#include "common/wamp.hpp"

using namespace autobahn::wamp;
using namespace std::chrono_literals;

namespace {

struct Point {
  int x = 0;
  int y = 0;
};
/// Says how a Point is written: as a dict of these members.
constexpr auto describe(const Point*) { return members(member("x", &Point::x), member("y", &Point::y)); }

/// The keyword arguments of com.myapp.topic2.
struct Shape {
  std::string colour;
  std::vector<Point> points;
};
constexpr auto describe(const Shape*) {
  return members(member("colour", &Shape::colour), member("points", &Shape::points));
}

class Backend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    for (int counter = 0;; ++counter) {
      publish("com.myapp.heartbeat");
      const Shape shape{"red", {{0, 0}, {counter, 1}}};
      publish("com.myapp.topic2",
              CallArgs{{counter, "shape " + std::to_string(counter)}, toValue(shape).asDict()});
      co_await examples::pause(executor(), 100ms);
    }
  }
};

class Frontend : public ApplicationSession {
 public:
  using ApplicationSession::ApplicationSession;

  asio::awaitable<void> onJoin(SessionDetails /*details*/) override {
    co_await subscribe("com.myapp.heartbeat", [] { std::cout << "heartbeat\n"; });
    co_await subscribe("com.myapp.topic2", this, &Frontend::onShape);
  }

 private:
  void onShape(int counter, const std::string& name, const Keywords<Shape>& keywords) {
    const Shape& shape = keywords.value;
    std::cout << "event " << counter << ": " << name << ", " << shape.colour << ", " << shape.points.size()
              << " points to x = " << shape.points.back().x << '\n';
    if (++received_ == 5) leave();
  }

  int received_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  return examples::wampMain<Backend, Frontend>(
      argc, argv,
      {.name = "wamp_pubsub_complex", .about = "Events with several arguments.", .backendLoops = true});
}
