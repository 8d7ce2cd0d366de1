// URIs with named, typed components: `com.myapp.user.<id:int>.update`.
#pragma once

#include <autobahn/wamp/handler.hpp>
#include <autobahn/wamp/uri.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autobahn::inline v0::wamp {

/// A URI, or a pattern of URIs. Components in angle brackets are parameters: `<name>` and `<name:str>` any
/// text, `<name:int>` an integer, and at the end `<name:suffix>` everything that is left, dots included.
class UriPattern {
 public:
  /// Throws std::invalid_argument naming the component.
  explicit UriPattern(std::string_view pattern);

  /// What to subscribe to or register: parameters are empty components.
  const std::string& uri() const { return uri_; }
  /// How: exact without parameters, prefix with a suffix (and only that), otherwise wildcard.
  Match match() const { return match_; }
  /// True when there are parameters.
  bool hasParameters() const { return match_ != Match::exact; }

  /// The parameters' values in a URI; nothing when it does not fit.
  std::optional<List> valuesIn(std::string_view uri) const;

 private:
  enum class Kind : std::uint8_t { literal, text, integer, suffix };
  struct Component {
    Kind kind;
    std::string text;  ///< of a literal
  };
  static Component parseComponent(std::string_view text, std::string_view pattern);

  std::vector<Component> components_;
  std::string uri_;
  Match match_ = Match::exact;
};

/// The URI that was called or published to.
inline const std::string& uriOf(const CallDetails& details) { return details.procedure; }
inline const std::string& uriOf(const EventDetails& details) { return details.topic; }

/// Hands the pattern's parameters to a handler, before the other arguments.
template <class Details>
class PatternHandler final : public Handler<Details> {
 public:
  PatternHandler(UriPattern pattern, std::shared_ptr<Handler<Details>> handler)
      : pattern_(std::move(pattern)), handler_(std::move(handler)) {}

  MaybeAwaitable<CallResult> run(CallArgs arguments, Details details) override {
    auto values = pattern_.valuesIn(uriOf(details));
    if (!values) throw ApplicationError(error::kInvalidUri, {"the URI does not fit: " + uriOf(details)});
    values->insert(values->end(), std::make_move_iterator(arguments.args.begin()),
                   std::make_move_iterator(arguments.args.end()));
    return handler_->run({std::move(*values), std::move(arguments.kwargs)}, std::move(details));
  }

 private:
  UriPattern pattern_;
  std::shared_ptr<Handler<Details>> handler_;
};

/// A method under a URI or pattern, for `registerMethods` and `subscribeMethods`.
template <class Details>
struct MethodEntry {
  std::string pattern;
  std::shared_ptr<Handler<Details>> handler;
};

}  // namespace autobahn::inline v0::wamp
