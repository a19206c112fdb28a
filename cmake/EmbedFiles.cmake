# Writes a .cc that holds files, compressed: cmake -D OUT=assets.cc -D GZIP=/usr/bin/gzip
#   -D FILES="/index.html=text/html=path/to/index.html;..." -P EmbedFiles.cmake
# The table it defines is declared in visualizer/assets.h. The same input gives the same bytes.
set(arrays "")
set(rows "")
set(count 0)
foreach(entry IN LISTS FILES)
  string(REGEX MATCH "^([^=]+)=([^=]+)=(.+)$" _ "${entry}")
  set(url ${CMAKE_MATCH_1})
  set(content_type ${CMAKE_MATCH_2})
  set(file ${CMAKE_MATCH_3})
  file(SHA256 ${file} hash)
  string(SUBSTRING ${hash} 0 16 hash)
  execute_process(COMMAND ${GZIP} -9 -n -c ${file} OUTPUT_FILE ${OUT}.gz COMMAND_ERROR_IS_FATAL ANY)
  file(READ ${OUT}.gz hex HEX)
  file(REMOVE ${OUT}.gz)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND arrays "const unsigned char kFile${count}[] = {${bytes}};\n")
  string(APPEND rows "    {\"${url}\", \"${content_type}; charset=utf-8\", \"${hash}\", "
                     "kFile${count}, sizeof kFile${count}},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE ${OUT} "// Made by cmake/EmbedFiles.cmake.
#include \"visualizer/assets.h\"

namespace stacksampler::visualizer {
namespace {

${arrays}
}  // namespace

const EmbeddedFile kEmbeddedFiles[] = {
${rows}};
const size_t kEmbeddedFileCount = ${count};

}  // namespace stacksampler::visualizer
")
