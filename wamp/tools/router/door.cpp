#include "door.hpp"

#include <utility>

namespace router_tool {

using namespace autobahn::wamp;

namespace {

void count(RealmFigures::Outcomes& outcomes, bool isGranted) {
  ++(isGranted ? outcomes.granted : outcomes.refused);
}

}  // namespace

/// One of kMethods, as long as it is configured.
class Door::Method final : public Authenticator {
 public:
  Method(std::shared_ptr<State> state, std::size_t index) : state_(std::move(state)), index_(index) {}

  bool handles(std::string_view method) const override {
    const auto& current = state_->methods[index_];
    return current && current->handles(method);
  }
  bool suits(std::string_view realm, const PeerDetails& peer) override {
    const auto current = state_->methods[index_];
    return current && current->suits(realm, peer);
  }
  void onJoin(const SessionInfo& session) override {
    if (const auto current = state_->methods[index_]) current->onJoin(session);
  }
  std::unique_ptr<Authentication> begin(AuthenticationRequest request) override {
    // The configured one may be replaced while the exchange is under way.
    auto current = state_->methods[index_];
    auto exchange = current->begin(std::move(request));
    return std::make_unique<Exchange>(state_, index_, std::move(current), std::move(exchange));
  }

 private:
  class Exchange final : public Authentication {
   public:
    Exchange(std::shared_ptr<State> state, std::size_t index, std::shared_ptr<Authenticator> method,
             std::unique_ptr<Authentication> inner)
        : state_(std::move(state)), index_(index), method_(std::move(method)), inner_(std::move(inner)) {}
    void start(Answer answer) override { inner_->start(counted(std::move(answer))); }
    void authenticate(const message::Authenticate& proof, Answer answer) override {
      inner_->authenticate(proof, counted(std::move(answer)));
    }

   private:
    Answer counted(Answer answer) const {
      return [state = state_, index = index_, answer = std::move(answer)](AuthAnswer verdict) {
        if (!std::holds_alternative<AuthChallenge>(verdict)) {
          count(state->figures.joins[index], std::holds_alternative<AuthAccept>(verdict));
        }
        answer(std::move(verdict));
      };
    }

    std::shared_ptr<State> state_;
    std::size_t index_;
    std::shared_ptr<Authenticator> method_;
    std::unique_ptr<Authentication> inner_;
  };

  std::shared_ptr<State> state_;
  std::size_t index_;
};

class Door::Permissions final : public Authorizer {
 public:
  explicit Permissions(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::optional<Permission> decide(const AuthorizationRequest& request) override {
    const auto& current = state_->permissions;
    const std::optional<Permission> permission = current ? current->decide(request) : Permission{};
    if (permission) count(outcomes(*state_, request.action), permission->allow);
    return permission;
  }
  void decideLater(const AuthorizationRequest& request, Answer answer) override {
    const auto current = state_->permissions;
    const auto counted = [state = state_, action = request.action,
                          answer = std::move(answer)](Permission made) {
      count(outcomes(*state, action), made.allow);
      answer(made);
    };
    if (!current) return counted({});
    current->decideLater(request, counted);
  }

 private:
  static RealmFigures::Outcomes& outcomes(State& state, Action action) {
    return state.figures.requests[static_cast<std::size_t>(action)];
  }

  std::shared_ptr<State> state_;
};

Door::Door(const RealmConfig& config) : options_(config.options), fixedPart_(config.fixedPart) {
  change(&config);
}

RealmOptions Door::realm(const std::string& name) const {
  RealmOptions made = options_;
  made.name = name;
  for (std::size_t i = 0; i < kMethods.size(); ++i) {
    made.authenticators.push_back(std::make_shared<Method>(state_, i));
  }
  made.authorizer = std::make_shared<Permissions>(state_);
  return made;
}

void Door::change(const RealmConfig* config) {
  state_->methods = config == nullptr ? MethodTable{} : config->methods;
  state_->permissions = config == nullptr ? nullptr : config->permissions;
}

}  // namespace router_tool
