#include "loop_crossing.hpp"

#include <algorithm>

#include "relayed_connection.hpp"

namespace autobahn::inline v0::wamp {
namespace {

void rest(std::vector<std::weak_ptr<Transport>>& resting, const std::shared_ptr<Transport>& transport) {
  transport->pauseReading();
  resting.push_back(transport);
}

void wake(std::vector<std::weak_ptr<Transport>>& resting) {
  for (const auto& each : std::exchange(resting, {})) {
    if (const auto transport = each.lock()) transport->resumeReading();
  }
}

}  // namespace

// ---- One crossing

LoopCrossing::LoopCrossing(util::AsioLoop& router, util::AsioLoop& other, LoopCrossings& all)
    : all_(all),
      toRouter_(std::make_shared<LoopQueue<ToRouter>>(
          other, router, [](ToRouter& item) { item.who->atRouter(std::move(item.what)); },
          [this] { wake(resting_); })),
      toConnections_(std::make_shared<LoopQueue<ToConnection>>(
          router, other, [](ToConnection& item) { item.who->atConnection(std::move(item.what)); },
          [this] { all_.relieved(); })) {}

void LoopCrossing::restWhenFull(const std::shared_ptr<Transport>& transport) {
  if (toRouter_->isFull()) rest(resting_, transport);
}

void LoopCrossing::push(ToConnection item, std::size_t octets) {
  toConnections_->push(std::move(item), octets);
  if (!all_.isCongested() && isFull()) all_.becameFull();
}

void LoopCrossing::shutDownHere() {
  toRouter_->close();
  toConnections_->stop();
  resting_.clear();
}

void LoopCrossing::shutDownAtRouter() {
  toConnections_->close();
  toRouter_->stop();
  for (const auto& each : std::exchange(attached_, {})) each->routerIsGone();
}

// ---- All of them

LoopCrossings::LoopCrossings(std::shared_ptr<util::LoopGroup> loops) : loops_(std::move(loops)) {
  for (std::size_t i = 1; i < loops_->size(); ++i) {
    crossings_.push_back(std::make_shared<LoopCrossing>(loops_->at(0), loops_->at(i), *this));
  }
}

LoopCrossings::~LoopCrossings() {
  loops_->visitOthers([this](std::size_t index) { crossings_[index - 1]->shutDownHere(); });
  for (const auto& each : crossings_) each->shutDownAtRouter();
}

std::shared_ptr<LoopCrossing> LoopCrossings::ofCurrentThread() const {
  const std::size_t index = loops_->indexOfCurrentThread();
  return index == 0 ? nullptr : crossings_[index - 1];
}

void LoopCrossings::restWhileCongested(const std::shared_ptr<Transport>& transport) {
  if (isCongested_) rest(resting_, transport);
}

void LoopCrossings::becameFull() {
  isCongested_ = true;
  for (const auto& each : crossings_) each->hold(true);
}

void LoopCrossings::relieved() {
  if (std::ranges::any_of(crossings_, [](const auto& each) { return each->isFull(); })) return;
  isCongested_ = false;
  for (const auto& each : crossings_) each->hold(false);
  wake(resting_);
}

}  // namespace autobahn::inline v0::wamp
