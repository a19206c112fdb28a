# Debian ships neither a CMake config nor a .pc file for gdbm.
# Defines GDBM::GDBM, GDBM_FOUND, GDBM_VERSION.
find_path(GDBM_INCLUDE_DIR gdbm.h)
find_library(GDBM_LIBRARY gdbm)
if(GDBM_INCLUDE_DIR)
  file(STRINGS ${GDBM_INCLUDE_DIR}/gdbm.h _gdbm_version REGEX "define GDBM_VERSION_M(AJOR|INOR)")
  string(REGEX REPLACE "[^0-9]*([0-9]+)[^0-9]*" "\\1;" _gdbm_version "${_gdbm_version}")
  list(FILTER _gdbm_version EXCLUDE REGEX "^$")
  list(JOIN _gdbm_version "." GDBM_VERSION)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(GDBM REQUIRED_VARS GDBM_LIBRARY GDBM_INCLUDE_DIR VERSION_VAR GDBM_VERSION)
if(GDBM_FOUND AND NOT TARGET GDBM::GDBM)
  add_library(GDBM::GDBM UNKNOWN IMPORTED)
  set_target_properties(GDBM::GDBM PROPERTIES
    IMPORTED_LOCATION ${GDBM_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${GDBM_INCLUDE_DIR})
endif()
mark_as_advanced(GDBM_INCLUDE_DIR GDBM_LIBRARY)
