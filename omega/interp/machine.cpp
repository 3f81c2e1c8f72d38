// SPDX-License-Identifier: Apache-2.0
// Stacks, starting a program, and what the runtime asks back.
#include "omega/interp/machine.h"

#include <cstdlib>
#include <cstring>

#include "omega/base/check.h"

namespace omega::interp {

namespace {

constexpr size_t stack_cells = size_t{64} << 17;  // 64 MiB; the system gives pages as they are touched

Program* current = nullptr;
std::atomic<Stack*> all_stacks{nullptr};
thread_local Stack* own_stack = nullptr;

DecodedFunction& code_of_closure(void* closure) {
  DecodedFunction* function;
  std::memcpy(static_cast<void*>(&function), closure, sizeof function);
  return *function;
}

void call_closure(void* closure, void* result) {
  if (closure == nullptr) {
    om_panic(OM_PANIC_NULL_CALL, nullptr);
  }
  const uint64_t args[] = {reinterpret_cast<uint64_t>(closure), reinterpret_cast<uint64_t>(result)};
  execute(*current, code_of_closure(closure), args, 2, nullptr);
}

int32_t compare_by_closure(void* closure, const void* x, const void* y) {
  if (closure == nullptr) {
    om_panic(OM_PANIC_NULL_CALL, nullptr);
  }
  const uint64_t args[] = {reinterpret_cast<uint64_t>(closure), reinterpret_cast<uint64_t>(x), reinterpret_cast<uint64_t>(y)};
  uint64_t result = 0;
  execute(*current, code_of_closure(closure), args, 3, &result);
  return static_cast<int32_t>(result);
}

om_location locate() {
  const Stack* stack = own_stack;
  if (stack == nullptr || stack->frame == nullptr || stack->ip == nullptr || current->options->sources == nullptr) {
    return {};
  }
  const auto* function = reinterpret_cast<const DecodedFunction*>(stack->frame[-2]);
  const ir::Function& source = current->module->functions[function->id];
  const size_t at = static_cast<size_t>(stack->ip - function->codes.data());
  if (!source.file.valid() || at >= function->origin.size()) {
    return {};
  }
  const base::LineColumn place = current->options->sources->locate(source.file, source.locations[function->origin[at]]);
  return {place.line, static_cast<uint16_t>(place.column), static_cast<uint16_t>(source.file.index)};
}

void visit_roots(void (*scan)(const void* lo, const void* hi), void*) {
  for (const Stack* stack = all_stacks.load(std::memory_order_acquire); stack != nullptr; stack = stack->next) {
    scan(stack->base, stack->top);
  }
}

int32_t run_entry() {
  om_roots_visitor(visit_roots, nullptr);
  const ir::FunctionId entry = current->module->entry;
  uint64_t result = 0;
  execute(*current, current->functions[entry], nullptr, 0, &result);
  return static_cast<int32_t>(current->module->functions[entry].results.empty() ? 0 : result);
}

}  // namespace

Stack& this_stack() {
  if (own_stack == nullptr) {
    auto* stack = new Stack;
    stack->base = static_cast<uint64_t*>(std::malloc(stack_cells * sizeof(uint64_t)));
    if (stack->base == nullptr) {
      om_panic(OM_PANIC_MEMORY, nullptr);
    }
    stack->limit = stack->base + stack_cells;
    stack->top = stack->base;
    stack->next = all_stacks.load(std::memory_order_relaxed);
    while (!all_stacks.compare_exchange_weak(stack->next, stack, std::memory_order_release, std::memory_order_relaxed)) {
    }
    own_stack = stack;
  }
  return *own_stack;
}

const Code* Program::decode_now(DecodedFunction& function) {
  const std::lock_guard<std::mutex> lock(decoding);
  if (function.code.load(std::memory_order_relaxed) == nullptr) {
    OMEGA_CHECK(!module->functions[function.id].is_extern, "call of a function that is only declared");
    decode(*module, function.id, functions.get());
  }
  return function.code.load(std::memory_order_relaxed);
}

int run(const ir::Module& module, const Options& options) {
  OMEGA_CHECK(current == nullptr, "one interpreted program at a time");
  OMEGA_CHECK(module.entry < module.functions.size(), "a program has an entry");
  Program program;
  program.module = &module;
  program.options = &options;
  program.functions = std::make_unique<DecodedFunction[]>(module.functions.size());
  uint32_t file_count = 0;
  for (ir::FunctionId i = 0; i < module.functions.size(); ++i) {
    program.functions[i].id = i;
    const base::FileId file = module.functions[i].file;
    file_count = file.valid() && file.index >= file_count ? file.index + 1 : file_count;
  }
  std::vector<std::string> file_names;
  std::vector<const char*> files;
  if (options.sources != nullptr) {
    file_names.reserve(file_count);
    for (uint32_t i = 0; i < file_count; ++i) {
      file_names.emplace_back(options.sources->path(base::FileId{i}));
      files.push_back(file_names.back().c_str());
    }
  }
  std::vector<char*> argv;
  char name[] = "omega";
  argv.push_back(name);
  for (const std::string& arg : options.args) {
    argv.push_back(const_cast<char*>(arg.c_str()));
  }
  argv.push_back(nullptr);
  om_program table{};
  table.magic = OM_PROGRAM_MAGIC;
  table.main = run_entry;
  table.files = files.data();
  table.file_count = static_cast<uint32_t>(files.size());
  table.threads = options.threads;
  table.locate = locate;
  table.call = call_closure;
  table.compare = compare_by_closure;
  current = &program;
  const int code = om_start(static_cast<int>(options.args.size()) + 1, argv.data(), &table);
  current = nullptr;
  return code;
}

}  // namespace omega::interp
