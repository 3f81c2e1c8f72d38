// SPDX-License-Identifier: Apache-2.0
// What calls may do: facts about runtime functions, and summaries of the program's own functions computed bottom-up.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "omega/base/run_tasks.h"
#include "omega/ir/ir.h"
#include "omega/ir/runtime_functions.h"

namespace omega::opt {

/// Kinds of memory that can never be the same place.
enum class MemoryClass : uint8_t { Element, Fixed, Field, Header, Map, Any };
inline constexpr size_t kMemoryClasses = 6;
enum class AccessKind : uint8_t { Read, Write, Atomic };

/// Places in memory as a set of bits: the references at one offset of all objects, those in all arrays, in all mappings. kNone: at any offset.
uint64_t places_of(MemoryClass memory, uint32_t offset);
inline constexpr uint64_t kAllPlaces = ~uint64_t{0};

/// What a function does to memory that its caller can see, by the path from a parameter.
struct SummaryAccess {
  AccessKind kind;
  MemoryClass memory;
  ir::Type type;  ///< of the value; Void: unknown
  uint8_t atomic_op;
  uint32_t parameter;  ///< kNone: memory that cannot be named
  uint32_t path[3];    ///< steps from the parameter's object: kElementStep, or the byte offset of a field
  uint32_t path_length;
  bool below;       ///< of anything that hangs on that object, or on what hangs on it, the object included
  uint32_t offset;  ///< Field: byte offset
  friend bool operator==(const SummaryAccess&, const SummaryAccess&) = default;
};
inline constexpr uint32_t kElementStep = 0xffff'fffeu;

/// What calling a function may do.
struct Summary {
  bool known = false;       ///< false: anything
  bool prints = false;      ///< writes to standard output
  bool world = false;       ///< clock, files, sleeping, tasks, caches: no memory of the program's
  bool sequential = false;  ///< depends on the order of calls (reads standard input)
  bool panics = false;
  bool returns_fresh = false;  ///< the first result is an object made in the call
  bool returns_deep = false;   ///< and it holds nothing but such objects
  uint64_t shared_in = 0;      ///< places (places_of) of what it returns or leaves in its caller's memory that may hold references to other objects
  uint32_t cost = 0;           ///< estimated instructions
  std::vector<SummaryAccess> accesses;

  [[nodiscard]] bool writes() const;
  friend bool operator==(const Summary&, const Summary&) = default;
};

/// Facts about one runtime function. `parameters` has a letter for each: '.' a plain value, 'r' reads the array's elements, 's' those of a string or
/// bytes, 'w' writes elements, 'm' also changes the length, 'k' reads a mapping, 'K' changes it, 'f' changes the object, 'd' reads all
/// that is reachable, 'p' reads what is at the address, 'o' writes there.
struct RuntimeEffects {
  std::string_view parameters;
  bool known = false;
  bool prints = false;
  bool world = false;
  bool sequential = false;
  bool panics = false;
  bool fresh = false;      ///< the result is a new object
  bool deep = false;       ///< and it holds nothing that was there before it, but for texts, which nothing can change
  bool interior = false;   ///< the result is a place inside the first argument, a mapping
  bool slice = false;      ///< the result shares the first argument's elements
  bool runs_code = false;  ///< calls closures
};
const RuntimeEffects& runtime_effects(ir::RuntimeFunctionId id);

/// The functions that `function` calls, as often as it does.
void append_callees(const ir::Function& function, std::vector<ir::FunctionId>& to);

/// Whether the function takes a function's value, or calls something of the runtime that runs one.
bool makes_or_runs_closures(const ir::Function& function);

/// Functions whose summaries Summaries(module, every_loop) begins with; it goes on with what they call.
std::vector<ir::FunctionId> summarized_first(const ir::Module& module, bool every_loop);

/// Summaries of the functions that loops call. Immutable once computed; may be read by any number of threads.
class Summaries {
 public:
  /// Summaries of every function reachable by calls from loops that may run in parallel (candidates.h), or, for explanations, from every
  /// counted loop; nothing is computed for modules without such calls.
  /// Functions that do not wait for each other are summarized by `run`.
  explicit Summaries(const ir::Module& module, bool every_loop = false, const base::RunTasks& run = {});

  /// Of a function; unknown() when it was not reachable or is not understood.
  [[nodiscard]] const Summary& of(ir::FunctionId id) const { return id < summaries_.size() ? summaries_[id] : unknown_; }
  /// What calling some function value of that shape may do: the union of all functions whose value is taken.
  [[nodiscard]] const Summary& of_closures(size_t argument_count) const {
    return argument_count < of_closures_.size() ? of_closures_[argument_count] : no_closure_;
  }
  /// Errors are caught somewhere in the program, so what an iteration did before another one failed can be seen.
  [[nodiscard]] bool catches_panics() const { return catches_; }
  [[nodiscard]] const ir::Module& module() const { return *module_; }

 private:
  void summarize_component(std::span<const ir::FunctionId> members);
  /// Summaries of functions that call each other, begun with those of functions that do nothing and made again until they stay; false: they did not.
  bool settle(std::span<const ir::FunctionId> members, bool has_closures);
  /// One summary for all of them that says nothing about where their accesses go.
  void summarize_as_one(std::span<const ir::FunctionId> members, bool has_closures);
  Summary summarize(ir::FunctionId id) const;
  void unite_closures();

  const ir::Module* module_;
  std::vector<Summary> summaries_;
  std::vector<ir::FunctionId> taken_;
  std::vector<Summary> of_closures_;  ///< by number of arguments
  Summary unknown_;
  Summary no_closure_;
  bool catches_ = false;
};

}  // namespace omega::opt
