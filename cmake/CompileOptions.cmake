# Flags of our own targets. stacksampler_options is never exported: a consumer keeps its own flags.
add_library(stacksampler_options INTERFACE)
target_include_directories(stacksampler_options INTERFACE
  ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src ${PROJECT_BINARY_DIR}/include)
target_compile_options(stacksampler_options INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wformat=2
  $<$<BOOL:${STACKSAMPLER_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 sees overlaps in "literal" + std::string that are not there (GCC bug 105651).
  target_compile_options(stacksampler_options INTERFACE -Wno-restrict)
endif()
if(STACKSAMPLER_SANITIZE)
  target_compile_options(stacksampler_options INTERFACE
    -fsanitize=${STACKSAMPLER_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(stacksampler_options INTERFACE -fsanitize=${STACKSAMPLER_SANITIZE})
  if(STACKSAMPLER_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(stacksampler_options INTERFACE
      "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include ${PROJECT_SOURCE_DIR}/cmake/visible_timed_mutex.h>")
  endif()
endif()

# Code of the signal handler: optimized in every build, free of calls that the compiler makes up; -fno-plt: no lazy binding
# inside a handler. clang does not know the last one. A sanitizer looks into the handler as well: what it adds calls nothing
# but at a finding, or, ThreadSanitizer's, is called where that one lets handlers run.
set(STACKSAMPLER_HANDLER_OPTIONS -O2 -fno-stack-protector -fno-exceptions -fno-plt)
# The walk reads other functions' frames, which AddressSanitizer fences, and fits into 512 bytes of stack: undefined behaviour
# ends it by a trap, without a call. The fuzz targets run no handler, and look into its parsers.
# So it is as well where a program that this is built into brings a sanitizer of its own.
set(STACKSAMPLER_WALK_OPTIONS "")
if(NOT STACKSAMPLER_FUZZ)
  set(STACKSAMPLER_WALK_OPTIONS -fno-sanitize=all)
  if(STACKSAMPLER_SANITIZE MATCHES "undefined")
    list(APPEND STACKSAMPLER_WALK_OPTIONS -fsanitize=undefined -fsanitize-undefined-trap-on-error)
  endif()
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_CXX_CLANG_TIDY)
  list(APPEND STACKSAMPLER_HANDLER_OPTIONS -fno-tree-loop-distribute-patterns)
endif()

configure_file(${PROJECT_SOURCE_DIR}/cmake/version.h.in
               ${PROJECT_BINARY_DIR}/include/stacksampler/version.h @ONLY)

# stacksampler_static_library(NAME SOURCES... ): one of the project's own static parts.
function(stacksampler_static_library name)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PUBLIC stacksampler_options)
endfunction()
