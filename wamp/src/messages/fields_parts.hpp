// Tables of what several messages have in common.
#pragma once

#include "fields.hpp"

namespace autobahn::inline v0::wamp {

template <>
struct Wire<message::Forward> {
  using S = message::Forward;
  static constexpr std::tuple fields{
      Field{"session", &S::session, Rule::id},
      Field{"authid", &S::authid},
      Field{"authrole", &S::authrole},
  };
};

template <>
struct Wire<message::Passthru> {
  using S = message::Passthru;
  static constexpr std::tuple fields{
      Field{"enc_algo", &S::encAlgo, Rule::encAlgo},
      Field{"enc_key", &S::encKey},
      Field{"enc_serializer", &S::encSerializer, Rule::encSerializer},
      Field{"ppt_scheme", &S::pptScheme},
      Field{"ppt_serializer", &S::pptSerializer},
      Field{"ppt_cipher", &S::pptCipher},
      Field{"ppt_keyid", &S::pptKeyid},
  };
};

template <>
struct Wire<message::Receivers> {
  using S = message::Receivers;
  static constexpr std::tuple fields{
      Field{"exclude", &S::exclude, Rule::id},        Field{"exclude_authid", &S::excludeAuthid},
      Field{"exclude_authrole", &S::excludeAuthrole}, Field{"eligible", &S::eligible, Rule::id},
      Field{"eligible_authid", &S::eligibleAuthid},   Field{"eligible_authrole", &S::eligibleAuthrole},
  };
};

template <class Owner>
constexpr auto calleeField(message::Identity Owner::*member) {
  return IdentityField<Owner>{"callee", "callee_authid", "callee_authrole", member};
}
template <class Owner>
constexpr auto callerField(message::Identity Owner::*member) {
  return IdentityField<Owner>{"caller", "caller_authid", "caller_authrole", member};
}
template <class Owner>
constexpr auto publisherField(message::Identity Owner::*member) {
  return IdentityField<Owner>{"publisher", "publisher_authid", "publisher_authrole", member};
}

}  // namespace autobahn::inline v0::wamp
