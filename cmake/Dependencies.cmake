# Debian's packages, found as Debian ships them.
find_package(Threads REQUIRED)
# A header for the core's one hash of texts, which is compiled in: the library itself only the tools need.
find_file(XXHASH_HEADER xxhash.h NO_CMAKE_FIND_ROOT_PATH REQUIRED)

if(STACKSAMPLER_ENDPOINT)
  find_package(ZLIB REQUIRED)
  find_package(PkgConfig REQUIRED)
  # httplib::Request changes its layout with the CPPHTTPLIB_* defines: always through pkg-config's flags.
  pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
endif()

if(STACKSAMPLER_TLS)
  find_package(OpenSSL 3.0 REQUIRED)
endif()

if(STACKSAMPLER_TOOLS)
  find_package(GDBM REQUIRED)
  find_package(fmt REQUIRED)
  find_package(CLI11 REQUIRED)
  find_package(nlohmann_json REQUIRED)
  pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
  pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
  pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
  pkg_check_modules(ABSL_TIME REQUIRED IMPORTED_TARGET absl_time)
endif()
