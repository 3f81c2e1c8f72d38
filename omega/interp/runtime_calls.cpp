// SPDX-License-Identifier: Apache-2.0
// Calls of the hosted runtime from interpreted code, and of interpreted code from the runtime.
#include <bit>
#include <cstring>
#include <type_traits>
#include <utility>

#include "omega/interp/machine.h"

namespace omega::interp {

namespace {

template <class T>
T from_cell(uint64_t cell) {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<T>(cell);
  } else if constexpr (std::is_same_v<T, double>) {
    return std::bit_cast<double>(cell);
  } else if constexpr (std::is_same_v<T, float>) {
    return std::bit_cast<float>(static_cast<uint32_t>(cell));
  } else {
    return static_cast<T>(cell);
  }
}

template <class T>
uint64_t to_cell(T value) {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<uint64_t>(value);
  } else if constexpr (std::is_same_v<T, double>) {
    return std::bit_cast<uint64_t>(value);
  } else if constexpr (std::is_same_v<T, float>) {
    return std::bit_cast<uint32_t>(value);
  } else {
    return static_cast<uint64_t>(value);  // signed values extend by their sign
  }
}

using Caller = void (*)(uint64_t* frame, const uint32_t* cells, uint64_t* result);

template <auto function, class R, class... Params, size_t... I>
void call_with(uint64_t* frame, const uint32_t* cells, uint64_t* result, R (*)(Params...), std::index_sequence<I...>) {
  static_cast<void>(frame), static_cast<void>(cells);
  if constexpr (std::is_void_v<R>) {
    function(from_cell<Params>(frame[cells[I]])...);
    static_cast<void>(result);
  } else {
    const uint64_t value = to_cell(function(from_cell<Params>(frame[cells[I]])...));
    if (result != nullptr) {
      *result = value;
    }
  }
}

template <class F>
struct ParameterCount;
template <class R, class... Params>
struct ParameterCount<R (*)(Params...)> {
  static constexpr size_t value = sizeof...(Params);
};

template <auto function>
void caller(uint64_t* frame, const uint32_t* cells, uint64_t* result) {
  call_with<function>(frame, cells, result, function, std::make_index_sequence<ParameterCount<decltype(function)>::value>());
}

constexpr Caller callers[] = {
#define OMEGA_RUNTIME(name, symbol, result, parameters, effects) caller<&symbol>,
#include "omega/ir/runtime_functions.def"
};

/// Stands before every accumulator of an interpreted loop, so that the combiner finds its code.
struct LoopContext {
  Program* program;
  DecodedFunction* body;
  DecodedFunction* combine;
  uint64_t env;
};
constexpr uint32_t accumulator_header = 16;

uint64_t accumulator_of(const void* block) { return block == nullptr ? 0 : reinterpret_cast<uint64_t>(block) + accumulator_header; }

void loop_body(int64_t lo, int64_t hi, void* env, void* acc, int64_t* at) {
  const auto* context = static_cast<const LoopContext*>(env);
  const uint64_t args[] = {static_cast<uint64_t>(lo), static_cast<uint64_t>(hi), context->env, accumulator_of(acc), reinterpret_cast<uint64_t>(at)};
  execute(*context->program, *context->body, args, 5, nullptr);
}

void loop_combine(void* acc, const void* part) {
  const LoopContext* context;
  std::memcpy(static_cast<void*>(&context), acc, sizeof context);
  const uint64_t args[] = {accumulator_of(acc), accumulator_of(part)};
  execute(*context->program, *context->combine, args, 2, nullptr);
}

void* new_accumulator(const LoopContext* context, uint64_t from, uint32_t size) {
  auto* block = static_cast<uint8_t*>(om_alloc(accumulator_header + size, OM_NO_REFS));
  std::memcpy(block, static_cast<const void*>(&context), sizeof context);
  std::memcpy(block + accumulator_header, reinterpret_cast<const void*>(from), size);
  return block;
}

}  // namespace

void call_runtime(uint32_t function, uint64_t* frame, const uint32_t* list, uint64_t* result) { callers[function](frame, list + 1, result); }

void run_parallel_for(Program& program, uint64_t* frame, const uint32_t* list) {
  enum { lo, hi, threads, body, env, combine, acc, acc_size, neutral, cost, is_auto, is_quiet };
  LoopContext context{&program, &program.functions[list[body]], nullptr, frame[list[env]]};
  om_par_desc loop{};
  loop.lo = static_cast<int64_t>(frame[list[lo]]);
  loop.hi = static_cast<int64_t>(frame[list[hi]]);
  loop.body = loop_body;
  loop.env = &context;
  if (list[threads] != ir::kNone) {
    const auto wanted = static_cast<int64_t>(frame[list[threads]]);
    loop.threads = wanted > INT32_MAX ? INT32_MAX : static_cast<int32_t>(wanted);
  }
  loop.cost = static_cast<int32_t>(list[cost]);
  loop.flags = (list[is_auto] != 0 ? OM_LOOP_AUTO : 0) | (list[is_quiet] != 0 ? OM_LOOP_QUIET : 0);
  if (list[combine] == ir::kNone) {
    om_par_for(&loop);
    return;
  }
  context.combine = &program.functions[list[combine]];
  loop.combine = loop_combine;
  loop.acc_size = accumulator_header + list[acc_size];
  loop.acc_init = new_accumulator(&context, frame[list[neutral]], list[acc_size]);
  loop.acc_out = new_accumulator(&context, frame[list[acc]], list[acc_size]);
  om_par_for(&loop);
  std::memcpy(reinterpret_cast<void*>(frame[list[acc]]), static_cast<const uint8_t*>(loop.acc_out) + accumulator_header, list[acc_size]);
}

}  // namespace omega::interp
