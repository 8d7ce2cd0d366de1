#include <algorithm>
#include <autobahn/websocket/http.hpp>

namespace autobahn::inline v0::websocket::http {

void Headers::add(std::string name, std::string value) {
  constexpr std::size_t kUsual = 12;  // growing step by step moves all strings each time
  if (fields_.capacity() == 0) fields_.reserve(kUsual);
  fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string_view name, std::string value) {
  remove(name);
  fields_.emplace_back(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [name](const Field& field) { return equalsIgnoreCase(field.first, name); });
}

const std::string* Headers::find(std::string_view name) const {
  const auto found = std::ranges::find_if(
      fields_, [name](const Field& field) { return equalsIgnoreCase(field.first, name); });
  return found == fields_.end() ? nullptr : &found->second;
}

std::string_view Headers::get(std::string_view name) const {
  const std::string* value = find(name);
  return value == nullptr ? std::string_view{} : std::string_view{*value};
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      fields_, [name](const Field& field) { return equalsIgnoreCase(field.first, name); }));
}

std::string Headers::joined(std::string_view name) const {
  std::string all;
  bool first = true;
  for (const Field& field : fields_) {
    if (!equalsIgnoreCase(field.first, name)) continue;
    if (!first) all += ", ";
    first = false;
    all += field.second;
  }
  return all;
}

bool listContains(const Headers& headers, std::string_view name, std::string_view token) {
  for (const auto& [field, value] : headers) {
    if (!equalsIgnoreCase(field, name)) continue;
    for (const std::string_view member : splitList(value)) {
      if (equalsIgnoreCase(member, token)) return true;
    }
  }
  return false;
}

std::string Request::path() const {
  const std::string_view raw = std::string_view(target).substr(0, target.find('?'));
  return percentDecode(raw).value_or(std::string(raw));
}

std::string_view Request::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

}  // namespace autobahn::inline v0::websocket::http
