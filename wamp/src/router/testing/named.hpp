// Sessions with names that the test gives them.
#pragma once

#include <autobahn/wamp/router/authenticator.hpp>
#include <memory>
#include <string>
#include <utility>

namespace autobahn::wamp::router::testing {

/// Lets everybody in as the authid that they ask for; the role is what stands before the dash.
class Named : public Authenticator {
 public:
  bool handles(std::string_view method) const override { return method == "anonymous"; }
  std::unique_ptr<Authentication> begin(AuthenticationRequest request) override {
    class Exchange : public Authentication {
     public:
      explicit Exchange(std::string name) : name_(std::move(name)) {}
      void start(Answer answer) override {
        answer(AuthAccept{.authid = name_, .authrole = name_.substr(0, name_.find('-'))});
      }
      void authenticate(const message::Authenticate&, Answer) override {}

     private:
      std::string name_;
    };
    return std::make_unique<Exchange>(request.authid.value_or("nobody"));
  }
};

}  // namespace autobahn::wamp::router::testing
