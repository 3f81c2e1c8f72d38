# SPDX-License-Identifier: Apache-2.0
# omega_chain_runtime: the C of one chain becomes LLVM bitcode that the omega binary carries.
#
#   omega_chain_runtime(NAME TRIPLE triple [FLAGS flag...])
#
# In the folder of the calling CMakeLists.txt, runtime/chain/NAME: all.c, which includes what the chain needs of runtime/chain and of its own. The library
# omega_chain_NAME gives its bitcode as omega::chain_runtime::NAME(), declared in runtime/chain/bitcode.h. The build follows the includes of runtime/chain/*
# and of the folder.

find_program(OMEGA_CLANG clang-19)
if(NOT OMEGA_CLANG)
  message(FATAL_ERROR "clang-19 is missing: it compiles what contracts for Solana and CosmWasm link. Install the package clang-19 (tools/packages build).")
endif()

function(omega_chain_runtime name)
  cmake_parse_arguments(PARSE_ARGV 1 chain "" "TRIPLE" "FLAGS")
  if(chain_UNPARSED_ARGUMENTS OR NOT chain_TRIPLE)
    message(FATAL_ERROR "omega_chain_runtime(${name}): needs TRIPLE; unknown arguments ${chain_UNPARSED_ARGUMENTS}")
  endif()
  set(folder "${CMAKE_CURRENT_SOURCE_DIR}")
  file(GLOB parts CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/runtime/chain/*.c" "${PROJECT_SOURCE_DIR}/runtime/chain/*.h" "${folder}/*.c" "${folder}/*.h")
  set(bitcode "${CMAKE_CURRENT_BINARY_DIR}/${name}.bc")
  # Nothing may turn into a call of a C library: there is none.
  add_custom_command(OUTPUT "${bitcode}"
    COMMAND ${CMAKE_C_COMPILER_LAUNCHER} ${OMEGA_CLANG} --target=${chain_TRIPLE} -std=c11 -O2 -ffreestanding -fno-builtin -fno-jump-tables
      -fno-stack-protector -fno-ident -fno-unwind-tables -fno-asynchronous-unwind-tables -fcf-protection=none -fno-strict-aliasing -fvisibility=hidden
      -Wall -Wextra -Werror -Wshadow -Wvla -Wundef -Wcast-qual ${chain_FLAGS} -I "${PROJECT_SOURCE_DIR}" -emit-llvm -c "${folder}/all.c" -o "${bitcode}"
    DEPENDS ${parts} VERBATIM)
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${name}_bitcode.cpp")
  add_custom_command(OUTPUT "${source}" COMMAND omega_embed bitcode "${source}" "${bitcode}" DEPENDS "${bitcode}" omega_embed VERBATIM)
  add_library(omega_chain_${name} STATIC "${source}")
  target_include_directories(omega_chain_${name} PUBLIC "${PROJECT_SOURCE_DIR}")
endfunction()
