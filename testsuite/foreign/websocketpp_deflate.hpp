// websocketpp's configurations, with permessage-deflate: `Deflating<websocketpp::config::asio>` and its kin.
#pragma once

#include <websocketpp/extensions/permessage_deflate/enabled.hpp>

namespace foreign {

template <class Base>
struct Deflating : Base {
  using type = Deflating;
  using base = Base;
  struct permessage_deflate_config {
    using request_type = typename base::request_type;
    static const bool allow_disabling_context_takeover = true;
    static const std::uint8_t minimum_outgoing_window_bits = 8;
  };
  using permessage_deflate_type =
      websocketpp::extensions::permessage_deflate::enabled<permessage_deflate_config>;
};

}  // namespace foreign
