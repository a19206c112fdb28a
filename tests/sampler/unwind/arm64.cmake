# The walker's tests as they run under qemu-user. Return addresses are signed, as distributions that
# build with branch protection have them; qemu's default processor checks the signatures.
set_property(SOURCE plugin.cc deep_stacks.cc APPEND PROPERTY COMPILE_OPTIONS -mbranch-protection=pac-ret+leaf)

add_executable(unwind_arm64_test
  ../../support/small_catch.cc arm64_rules_test.cc arm64_walker_test.cc deep_stacks.cc libgcc_peer.cc
  peer.cc plugin_test.cc rule_test.cc stack_memo_test.cc untabled_test.cc
  walker_test.cc)
add_dependencies(unwind_arm64_test unwind_test_plugin)
target_include_directories(unwind_arm64_test PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_compile_definitions(unwind_arm64_test PRIVATE
  STACKSAMPLER_SMALL_CATCH UNWIND_PLUGIN="$<TARGET_FILE:unwind_test_plugin>")
target_link_libraries(unwind_arm64_test PRIVATE
  stacksampler_options stacksampler_unwind Threads::Threads ${CMAKE_DL_LIBS})
add_test(NAME unwind_arm64_test COMMAND unwind_arm64_test)
