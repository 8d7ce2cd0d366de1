# Makes a C++ source of files: cmake -DFILES=a;b -DOUTPUT=x.cpp -P Embed.cmake
set(entries "")
foreach(file ${FILES})
  get_filename_component(name ${file} NAME)
  file(READ ${file} bytes HEX)
  # As numbers: string literals have a length that compilers need not exceed, and raw ones an end mark.
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  string(MAKE_C_IDENTIFIER ${name} identifier)
  string(APPEND arrays "constexpr char ${identifier}[] = {${bytes}};\n")
  string(APPEND entries "    {\"${name}\", {${identifier}, sizeof ${identifier}}},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made by Embed.cmake.
#include \"embedded.hpp\"

namespace router_tool {
namespace {

${arrays}
constexpr EmbeddedFile kFiles[] = {
${entries}};

}  // namespace

const EmbeddedFile* embedded(std::string_view name) {
  for (const EmbeddedFile& each : kFiles) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

}  // namespace router_tool
")
