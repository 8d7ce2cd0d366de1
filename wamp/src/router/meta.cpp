#include "meta.hpp"

#include <autobahn/wamp/error_uri.hpp>

namespace autobahn::inline v0::wamp::router {

void callMeta(Realm& realm, Session& caller, const message::Call& request) {
  realm.dealer().refuseCall(caller, request, error::kNoSuchProcedure, request.procedure);
}

}  // namespace autobahn::inline v0::wamp::router
