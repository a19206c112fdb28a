# The sanitizers' builds compile a target as one file (CMAKE_UNITY_BUILD), which takes a fifth of the time. These share a name
# in their anonymous namespaces with another file of their target, and stay alone. Who meets "redefinition of" while such a
# build runs adds the file here, or finds the better name.
function(compiled_alone folder)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/${folder}/)
  set_source_files_properties(${ARGN} DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

compiled_alone(src/profile cpuprofile_writer.cc dot_writer.cc pprof_reader.cc pprof_writer.cc speedscope_writer.cc stack_tree.cc svg_writer.cc)
compiled_alone(src/sampler process_state.cc)
compiled_alone(src/sampler/unwind arena.cc)
compiled_alone(src/sampler/symbolize default_arguments.cc dwarf_names.cc libdw_calls.cc mini_symbols.cc shown_name.cc)
compiled_alone(src/http client.cc gate.cc wire.cc)
compiled_alone(src/preload endpoint.cc)
compiled_alone(src/store dictionary.cc gdbm_reader.cc journal.cc legacy_export.cc legacy_import.cc segment_layout.cc
  store_dir.cc)
compiled_alone(src/store/clickhouse selection.cc)
compiled_alone(src/visualizer share.cc source_view.cc stack_edit.cc timeline.cc)
compiled_alone(tests/sampler lifecycle_test.cc rates_test.cc slot_pool_test.cc thread_test.cc wall_test.cc windows_test.cc)
compiled_alone(tests/http hostile_server_test.cc server_slow_peer_test.cc tls_test.cc unix_socket_test.cc)
compiled_alone(tests/store fault_test.cc flip_test.cc)
compiled_alone(tests/visualizer stack_edit_test.cc)
if(NOT STACKSAMPLER_SANITIZE STREQUAL "thread")
  compiled_alone(tests/sampler/symbolize hostile_files_test.cc)
  compiled_alone(tests/sampler/unwind corrupt_frames_test.cc guess_test.cc return_address_test.cc stack_bytes_test.cc)
endif()
