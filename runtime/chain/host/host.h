// SPDX-License-Identifier: Apache-2.0
// A chain that is a process of this machine, for tests: the contract becomes a shared object, and the process keeps its state, tells it about the message and
// takes its events through a table of functions. Calls are bytes of Solidity's ABI.
#pragma once

#include "runtime/chain/chain.h"

/// What the process does for the contract. `context` is the first argument of each.
typedef struct {
  void* context;
  void (*get_word)(void* context, Word* to, const Place* place);
  void (*set_word)(void* context, const Place* place, const Word* value);
  uint64_t (*get_size)(void* context, const Place* place);
  void (*get_bytes)(void* context, uint8_t* to, const Place* place);
  void (*set_bytes)(void* context, const Place* place, const uint8_t* bytes, uint64_t size);
  void (*message)(void* context, Word* to, uint32_t field);
  void (*balance)(void* context, Word* to, const Word* address);
  void (*recover)(void* context, Word* to, const Word* hash, const Word* v, const Word* r, const Word* s);
  void (*log)(void* context, const uint8_t* topics, uint32_t topic_count, const uint8_t* data, uint64_t size);
} Host;

/// One call. `heap` is zero, aligned to 8; the answer lies in it.
typedef struct {
  const Host* host;
  uint8_t* heap;
  uint64_t heap_size;
  const uint8_t* data;  ///< calldata; with `makes_contract` the constructor's arguments
  uint64_t data_size;
  uint32_t makes_contract;
  uint32_t brings_value;
  const uint8_t* answer;  ///< results, or what it reverted with
  uint64_t answer_size;
} HostCall;

/// The name in the shared object. kDone: it went well.
typedef Status HostRun(HostCall* call);
