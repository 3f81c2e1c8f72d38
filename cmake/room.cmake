# SPDX-License-Identifier: Apache-2.0
# omega_room: a folder of sources becomes a library, a test binary, fuzzers, benchmarks and programs.
#
#   omega_room(NAME [DEPENDS room...] [LIBS target...] [TEST_DEPENDS room...] [TEST_LIBS target...])
#
# In the folder of the calling CMakeLists.txt (not below it)
#   *_test.cpp       go into one GoogleTest binary, omega_NAME_test, which is one CTest of that name
#   *_fuzzer.cpp     each becomes a libFuzzer binary in preset fuzz, and elsewhere NAME_fuzzer_replay,
#                    a CTest that runs it over corpus/<stem>/ where that folder exists
#   *_benchmark.cpp  go into omega_NAME_benchmark (target `benchmarks` builds all of them)
#   *_main.cpp       each becomes the program named by what stands before _main
# and every other *.cpp and *.c the static library omega_NAME. Files appear by themselves when added.

add_custom_target(benchmarks)

function(omega_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "DEPENDS;LIBS;TEST_DEPENDS;TEST_LIBS")
  if(room_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "omega_room(${name}): unknown arguments ${room_UNPARSED_ARGUMENTS}")
  endif()
  list(TRANSFORM room_DEPENDS PREPEND "omega_")
  list(TRANSFORM room_TEST_DEPENDS PREPEND "omega_")
  set(folder "${CMAKE_CURRENT_SOURCE_DIR}")

  file(GLOB sources CONFIGURE_DEPENDS "${folder}/*.cpp" "${folder}/*.c")
  file(GLOB tests CONFIGURE_DEPENDS "${folder}/*_test.cpp")
  file(GLOB fuzzers CONFIGURE_DEPENDS "${folder}/*_fuzzer.cpp")
  file(GLOB benchmarks CONFIGURE_DEPENDS "${folder}/*_benchmark.cpp")
  file(GLOB mains CONFIGURE_DEPENDS "${folder}/*_main.cpp")
  list(REMOVE_ITEM sources ${tests} ${fuzzers} ${benchmarks} ${mains})

  set(library omega_${name})
  if(sources)
    add_library(${library} STATIC ${sources})
    target_include_directories(${library} PUBLIC "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${library} PUBLIC ${room_DEPENDS} ${room_LIBS})
  else()
    add_library(${library} INTERFACE)
    target_include_directories(${library} INTERFACE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${library} INTERFACE ${room_DEPENDS} ${room_LIBS})
  endif()

  if(tests AND NOT OMEGA_FUZZERS)
    add_executable(${library}_test ${tests})
    target_link_libraries(${library}_test PRIVATE ${library} ${room_TEST_DEPENDS} ${room_TEST_LIBS} GTest::gtest GTest::gtest_main)
    target_compile_definitions(${library}_test PRIVATE "OMEGA_ROOM_FOLDER=\"${folder}\"" "OMEGA_SOURCE_ROOT=\"${PROJECT_SOURCE_DIR}\"")
    add_test(NAME ${library}_test COMMAND ${library}_test)
    set_tests_properties(${library}_test PROPERTIES TIMEOUT ${OMEGA_TEST_TIMEOUT})
  endif()

  foreach(fuzzer IN LISTS fuzzers)
    cmake_path(GET fuzzer STEM stem)
    if(OMEGA_FUZZERS)
      add_executable(${stem} ${fuzzer} "${PROJECT_SOURCE_DIR}/test/fuzzing/failed_check.cpp")
      target_link_libraries(${stem} PRIVATE ${library} ${room_TEST_DEPENDS} omega_fuzzing)
      target_link_options(${stem} PRIVATE -fsanitize=fuzzer)
    else()
      add_executable(${stem}_replay ${fuzzer} "${PROJECT_SOURCE_DIR}/cmake/fuzz_replay.cpp")
      target_link_libraries(${stem}_replay PRIVATE ${library} ${room_TEST_DEPENDS} omega_fuzzing)
      if(EXISTS "${folder}/corpus/${stem}")
        add_test(NAME ${stem}_replay COMMAND ${stem}_replay "${folder}/corpus/${stem}")
      endif()
    endif()
  endforeach()

  if(benchmarks AND NOT OMEGA_FUZZERS)
    find_package(benchmark REQUIRED)
    if(OMEGA_BENCHMARKS)
      add_executable(${library}_benchmark ${benchmarks})
    else()
      add_executable(${library}_benchmark EXCLUDE_FROM_ALL ${benchmarks})
    endif()
    target_link_libraries(${library}_benchmark PRIVATE ${library} ${room_TEST_DEPENDS} benchmark::benchmark benchmark::benchmark_main)
    add_dependencies(benchmarks ${library}_benchmark)
  endif()

  foreach(main IN LISTS mains)
    cmake_path(GET main STEM stem)
    string(REGEX REPLACE "_main$" "" program "${stem}")
    add_executable(${program} ${main})
    target_link_libraries(${program} PRIVATE ${library})
    if(OMEGA_STATIC)
      target_link_options(${program} PRIVATE -static -static-libgcc -static-libstdc++)
    endif()
  endforeach()
endfunction()
