// page.html and its parts, as EmbedPage.cmake puts them into the program.
#pragma once

#include <string_view>

namespace wstest::page {

extern const std::string_view html, css, js, panel;

}  // namespace wstest::page
