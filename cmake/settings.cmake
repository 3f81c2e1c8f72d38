# SPDX-License-Identifier: Apache-2.0
# Language, warnings, sanitizers and launchers that hold for every target.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(THREADS_PREFER_PTHREAD_FLAG ON)

set(OMEGA_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them; empty for none")
set(OMEGA_TEST_TIMEOUT 300)  # seconds a test may take
if(OMEGA_SANITIZE)
  set(OMEGA_TEST_TIMEOUT 1200)  # instrumented code is several times slower
endif()
option(OMEGA_FUZZERS "Build the libFuzzer binaries (needs clang)" OFF)
option(OMEGA_BENCHMARKS "Build the micro-benchmarks with everything else" OFF)
option(OMEGA_STATIC "Link programs fully static" OFF)

find_program(OMEGA_CCACHE ccache)
if(OMEGA_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${OMEGA_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${OMEGA_CCACHE}")
endif()

find_package(Threads REQUIRED)
find_package(GTest REQUIRED)

set(OMEGA_WARNINGS -Wall -Wextra -Werror -Wshadow -Wvla -Wundef -Wcast-qual -Wpointer-arith)
set(OMEGA_CXX_WARNINGS -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside std::string and std::vector of correct programs (GCC bugs 105651, 105562, 107852).
  list(APPEND OMEGA_CXX_WARNINGS -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-stringop-overread)
  if(OMEGA_SANITIZE)
    # Instrumented code hides initialisations from the analysis.
    list(APPEND OMEGA_CXX_WARNINGS -Wno-maybe-uninitialized)
  endif()
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # libstdc++ 12's stable_sort calls its own deprecated get_temporary_buffer, and clang says so (LLVM issue 76515); g++ keeps the warning.
  list(APPEND OMEGA_CXX_WARNINGS -Wno-deprecated-declarations)
endif()
add_compile_options(${OMEGA_WARNINGS} "$<$<COMPILE_LANGUAGE:CXX>:${OMEGA_CXX_WARNINGS}>")
# Position-independent, since every room is part of the Python module too; in programs, which are not, the linker turns what that costs into direct
# accesses. Hidden, so that it costs little in the module.
add_compile_options(-fno-omit-frame-pointer -fPIC -fvisibility=hidden "$<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>")
add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)

if(OMEGA_SANITIZE)
  add_compile_options(-fsanitize=${OMEGA_SANITIZE})
  add_link_options(-fsanitize=${OMEGA_SANITIZE})
  if(OMEGA_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  if(OMEGA_FUZZERS)
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
endif()
