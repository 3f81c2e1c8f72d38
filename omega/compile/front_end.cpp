// SPDX-License-Identifier: Apache-2.0
// Checking in rounds: all functions, then the instances of generic functions they asked for, until no new one is asked for.
#include "omega/compile/front_end.h"

#include <atomic>

#include "omega/base/large_memory.h"
#include "omega/compile/consequences.h"
#include "omega/task/parallel_pieces.h"

namespace omega::compile {
namespace {

/// Functions that a thread checks at a time when nobody takes them: enough that taking a piece costs nothing, few enough that threads end together.
constexpr size_t check_grain = 32;

/// The arrays of a round of so many are worth waking a thread for.
constexpr size_t many_units = 4096;

/// Programs of this many bytes are worth starting threads for.
constexpr size_t large_program = 100'000;

bool is_large(const LoadedProgram& program) {
  size_t bytes = 0;
  for (const LoadedFile& file : program.files) {
    bytes += program.texts.text(file.id).size();
  }
  return bytes >= large_program;
}

/// The checking of one program.
class Rounds {
 public:
  /// `is_rejected`: mistakes were found before.
  Rounds(CheckedProgram& checked, const CheckOptions& options, bool is_rejected, task::Scheduler& scheduler, diag::Sink& sink)
      : checked_(checked),
        declarations_(*checked.declarations),
        options_(options),
        is_rejected_(is_rejected),
        scheduler_(scheduler),
        sink_(sink),
        scratches_(scheduler.threads()) {}

  /// False when a deferred body has a mistake.
  bool run() {
    std::vector<check::Unit> round = check::first_units(declarations_);
    std::vector<check::CheckedUnit> all = first_round(round);
    if (has_unread_) {
      return false;  // instances have no deferred bodies
    }
    round = instances_.next_units(all);
    while (!round.empty()) {
      std::vector<check::CheckedUnit> results = check_round(round, check_grain, keep);
      round = instances_.next_units(results);
      all.insert(all.end(), std::make_move_iterator(results.begin()), std::make_move_iterator(results.end()));
    }
    if (!is_rejected_ && !sink_.has_errors()) {
      checked_.module = check::join_units(declarations_, instances_, all, std::move(functions_));
    }
    return true;
  }

 private:
  static constexpr auto keep = [](size_t, unsigned, const check::CheckedUnit&, const ir::Function&) { return true; };

  /// Appends the units' own functions to functions_. `kept(index, worker, unit, function)` sees each as soon as it is checked and says whether its
  /// instructions stay; `consumer` hears of the ends of runs.
  template <class Kept>
  std::vector<check::CheckedUnit> check_round(std::span<const check::Unit> units, size_t grain, Kept&& kept, FunctionConsumer* consumer = nullptr) {
    std::atomic<bool> is_unread = false;
    const size_t first = functions_.size();
    std::vector<check::CheckedUnit> results;
    // Both are large enough in large programs to be made side by side.
    task::parallel_pieces(scheduler_, 2, units.size() < many_units ? 2 : 1, [&](size_t begin, size_t end, unsigned) {
      if (begin == 0) {
        add_functions(units.size());
      }
      if (end == 2) {
        results.resize(units.size());
      }
    });
    std::vector<diag::Sink> sinks(scheduler_.threads());
    task::parallel_pieces(scheduler_, units.size(), grain, [&](size_t begin, size_t end, unsigned worker) {
      if (is_unread.load(std::memory_order_relaxed)) {
        return;
      }
      if (!scratches_[worker]) {
        scratches_[worker] = std::make_unique<check::Scratch>(declarations_);
      }
      check::Scratch& scratch = *scratches_[worker];
      for (size_t i = begin; i < end; ++i) {
        ir::Function& function = functions_[first + i];
        check::prefetch(declarations_, units, i);
        results[i] = check::check_function(declarations_, units[i], function, scratch, sinks[worker]);
        if (results[i].body_unread) [[unlikely]] {
          is_unread.store(true, std::memory_order_relaxed);
          return;
        }
        if (kept(i, worker, results[i], function)) {
          scratch.keep_last(function);
        } else {
          scratch.keep_name_of_last(function);
        }
      }
      if (consumer != nullptr) {
        consumer->end_run(begin / grain, worker);
      }
    });
    for (diag::Sink& part : sinks) {
      sink_.merge(std::move(part));
    }
    has_unread_ = has_unread_ || is_unread.load(std::memory_order_relaxed);
    return results;
  }

  void add_functions(size_t count) {
    const size_t first = functions_.size();
    if (first == 0) {
      functions_.reserve(count);
      if (count * sizeof(ir::Function) >= base::large_size) {
        base::prefer_huge_pages(functions_.data(), count * sizeof(ir::Function));
      }
    }
    functions_.resize(first + count);
  }

  std::vector<check::CheckedUnit> first_round(std::span<const check::Unit> units) {
    if (options_.consumer == nullptr || is_rejected_) {
      return check_round(units, check_grain, keep);
    }
    note_results();
    options_.consumer->begin((units.size() + functions_per_run - 1) / functions_per_run, {checked_.results.data(), checked_.results.size()});
    const bool forget = units.size() > options_.largest_kept;
    if (forget) {
      checked_.forgotten.resize(declarations_.module_function_count, check::kNoDeclaration);
    }
    return check_round(
        units, functions_per_run,
        [&](size_t index, unsigned worker, const check::CheckedUnit& unit, const ir::Function& function) {
          // What has lambdas or calls instances names functions whose numbers are not known yet. What has mistakes has no blocks.
          if (unit.unit.kind != check::UnitKind::Function || !unit.lambdas.empty() || !unit.patches.empty() || !unit.requests.empty() ||
              function.blocks.empty()) {
            return true;
          }
          const uint32_t declaration = unit.unit.declaration;
          const ir::FunctionId id = declarations_.functions[declaration].function_id;
          const bool done = options_.consumer->take(index / functions_per_run, worker, id, function);
          if (!done || !forget || declaration == declarations_.main_function) {
            return true;
          }
          checked_.forgotten[id] = declaration;
          return false;
        },
        options_.consumer);
  }

  /// The results of declared functions, by number.
  void note_results() {
    checked_.results.resize(declarations_.module_function_count);
    size_t count = 0;
    for (const check::FunctionDecl& f : declarations_.functions) {
      count += f.function_id != check::kNoDeclaration ? f.result_count : 0;
    }
    checked_.result_types.reserve(count);
    for (const check::FunctionDecl& f : declarations_.functions) {
      if (f.function_id != check::kNoDeclaration) {
        checked_.results[f.function_id] = {checked_.result_types.end(), f.result_count};
        for (const check::TypeId type : declarations_.results(f)) {
          checked_.result_types.push_back(checked_.types->ir(type));
        }
      }
    }
  }

  CheckedProgram& checked_;
  const check::Declarations& declarations_;
  const CheckOptions& options_;
  bool is_rejected_;
  task::Scheduler& scheduler_;
  diag::Sink& sink_;
  std::vector<std::unique_ptr<check::Scratch>> scratches_;
  check::InstanceTable instances_;
  std::vector<ir::Function> functions_;
  bool has_unread_ = false;
};

}  // namespace

void CheckedProgram::restore(std::span<const ir::FunctionId> functions, task::Scheduler& scheduler) {
  std::vector<std::unique_ptr<check::Scratch>> scratches(scheduler.threads());
  std::vector<diag::Sink> sinks(scheduler.threads());  // what there is to say has been said
  task::parallel_pieces(scheduler, functions.size(), check_grain, [&](size_t begin, size_t end, unsigned worker) {
    if (!scratches[worker]) {
      scratches[worker] = std::make_unique<check::Scratch>(*declarations);
    }
    for (size_t i = begin; i < end; ++i) {
      const ir::FunctionId id = functions[i];
      (void)check::check_function(*declarations, {.declaration = forgotten[id], .requested_at = {}}, module.functions[id], *scratches[worker], sinks[worker]);
      scratches[worker]->keep_last(module.functions[id]);
      forgotten[id] = check::kNoDeclaration;
    }
  });
}

std::optional<CheckedProgram> check_program(LoadedProgram& program, const CheckOptions& options, task::Scheduler& scheduler, PhaseTimes& times,
                                            diag::Sink& sink) {
  if (program.is_outline && sink.has_errors()) {
    return std::nullopt;
  }
  CheckedProgram checked;
  const BrokenLines unread(sink, program.texts);
  diag::Sink declared;
  diag::Sink found;
  checked.types = std::make_unique<check::TypeStore>();
  {
    PhaseTimer timer(times, "declare");
    std::vector<check::ModuleInput> inputs;
    inputs.reserve(program.files.size());
    for (const LoadedFile& file : program.files) {
      inputs.push_back({&file.tree, file.path, file.imports});
    }
    // Consumers want lines: those of large programs are found beside.
    task::parallel_pieces(scheduler, options.consumer != nullptr && is_large(program) ? 2 : 1, 1, [&](size_t begin, size_t, unsigned) {
      if (begin == 0) {
        checked.declarations = check::declare(inputs, program.names, *checked.types, declared);
        return;
      }
      for (const LoadedFile& file : program.files) {
        (void)program.texts.line_starts(file.id);
      }
    });
    unread.forget_consequences(declared);
  }
  PhaseTimer timer(times, options.consumer == nullptr ? "check" : "check, code");
  if (!Rounds(checked, options, sink.has_errors() || declared.has_errors(), scheduler, found).run()) {
    return std::nullopt;
  }
  unread.forget_consequences(found);
  BrokenLines(declared, program.texts).forget_consequences(found);
  sink.merge(std::move(declared));
  sink.merge(std::move(found));
  return checked;
}

}  // namespace omega::compile
