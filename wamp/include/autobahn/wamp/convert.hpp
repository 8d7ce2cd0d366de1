// C++ types to Values and back.
//
//   int port = convert<int>(value);              // ConversionError: an integer from … wanted, got …
//   Value value = toValue(std::vector{1, 2, 3});
//
// Known are: bool, integers (with their ranges), floating point, std::string, Bytes, Value, List, Dict,
// enumerations by specialisation, std::optional (null), std::vector, std::array, std::pair, std::tuple
// (lists), std::map and std::unordered_map with string keys, std::variant (the first alternative that fits),
// durations (milliseconds), and structs that say what their members are (convert_struct.hpp). For other types
// specialise `Converter`.
#pragma once

#include <autobahn/wamp/convert_containers.hpp>
#include <autobahn/wamp/convert_scalars.hpp>
#include <autobahn/wamp/convert_struct.hpp>
