// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/evm/emit_evm.h"

#include <unordered_map>

#include "omega/codegen/common/abi_json.h"
#include "omega/codegen/evm/assembler.h"
#include "omega/codegen/evm/lowering.h"
#include "omega/codegen/evm/optimize.h"
#include "omega/codegen/evm/scheduler.h"

namespace omega::codegen::evm {

namespace {

/// The ends that routines share, behind all of them. What lies on the stack does not matter any more.
void emit_exits(const SharedLabels& labels, Assembler& out) {
  size_t panics = 0;
  out.set_location(0);
  for (const auto& [exit, label] : labels.exits) {
    switch (static_cast<ExitKind>(exit & 0xff)) {
      case ExitKind::RevertEmpty:
        out.place(label);
        out.push(0);
        out.push(0);
        out.op(Op::Revert);
        break;
      case ExitKind::Bubble:
        out.place(label);
        out.op(Op::ReturndataSize);
        out.push(0);
        out.push(0);
        out.op(Op::ReturndataCopy);
        out.op(Op::ReturndataSize);
        out.push(0);
        out.op(Op::Revert);
        break;
      case ExitKind::Panic: ++panics; break;
    }
  }
  if (panics == 0) {
    return;
  }
  const LabelId common = out.new_label();
  const bool is_shared = panics > 1;
  for (const auto& [exit, label] : labels.exits) {
    if (static_cast<ExitKind>(exit & 0xff) != ExitKind::Panic) {
      continue;
    }
    out.place(label);
    out.push(exit >> 8);
    if (--panics != 0) {
      out.push_label(common);
      out.op(Op::Jump);
    }
  }
  if (is_shared) {
    out.place(common);
  }
  constexpr uint64_t kPanicSelector = 0x4e487b71;
  out.push(shift_left(Word(kPanicSelector), 224));
  out.push(0);
  out.op(Op::Mstore);
  out.push(4);
  out.op(Op::Mstore);
  out.push(0x24);
  out.push(0);
  out.op(Op::Revert);
}

/// Nothing when some routine holds more values than can be kept.
std::optional<Assembled> assemble(Program& program, const Appendix& appendix) {
  optimize(program);
  Assembler out(program);
  SharedLabels labels;
  for (size_t k = 0; k < program.routines.size(); ++k) {
    labels.routines.push_back(out.new_label());
  }
  SpillArea area;
  area.next = program.heap_start;
  for (const RoutineId id : reachable_routines(program)) {
    if (!Scheduler(program, id, labels, area, out).run()) {
      return std::nullopt;
    }
  }
  emit_exits(labels, out);
  program.heap_start = area.next;
  return out.finish(appendix);
}

/// Fields that are those of the operation before are left out.
std::string make_source_map(const Program& program, const Assembled& code) {
  std::string text;
  Location before;
  bool is_first = true;
  for (const uint32_t number : code.locations) {
    const Location& at = program.locations[number];
    if (!is_first) {
      text += ';';
    }
    const auto file = at.file == kNone ? std::string("-1") : std::to_string(at.file);
    if (is_first) {
      text += std::to_string(at.offset) + ":1:" + file + ":-";
    } else if (at.file != before.file) {
      text += (at.offset == before.offset ? "" : std::to_string(at.offset)) + "::" + file;
    } else if (at.offset != before.offset) {
      text += std::to_string(at.offset);
    }
    before = at;
    is_first = false;
  }
  return text;
}

/// Bytes of code that chains take: EIP-170, EIP-3860.
constexpr size_t kMostRuntimeBytes = 24'576;
constexpr size_t kMostInitBytes = 49'152;

bool is_short_enough(const ir::Module& module, std::string_view what, size_t bytes, size_t most, diag::Sink& sink) {
  if (bytes <= most) {
    return true;
  }
  diag::Span span;
  if (!module.functions.empty()) {
    span = {module.functions[0].file, 0, 0};
  }
  sink.report(diag::Kind::EvmCodeTooLong, span, {std::string(what), module.contract->name, std::to_string(bytes), std::to_string(most)});
  return false;
}

/// Code of contracts that others make, each made once.
using CreatedCodes = std::unordered_map<const ir::Module*, CreatedCode>;

std::optional<Artifacts> emit_with(const ir::Module& module, const Options& options, CreatedCodes& codes, diag::Sink& sink);

/// Of the contracts that this one makes; they and those that they make may not lead back here, so the way down ends.
std::optional<std::vector<const CreatedCode*>> created_by(const ir::Module& module, const Options& options, CreatedCodes& codes, diag::Sink& sink) {
  std::vector<const CreatedCode*> created;
  for (const std::shared_ptr<ir::Module>& one : module.created) {
    auto known = codes.find(one.get());
    if (known == codes.end()) {
      std::optional<Artifacts> made = emit_with(*one, options, codes, sink);
      if (!made) {
        return std::nullopt;
      }
      CreatedCode code{std::move(made->init), std::move(made->runtime), !one->contract->immutables.empty()};
      known = codes.emplace(one.get(), std::move(code)).first;
    }
    created.push_back(&known->second);
  }
  return created;
}

std::optional<Artifacts> emit_with(const ir::Module& module, const Options& options, CreatedCodes& codes, diag::Sink& sink) {
  if (module.contract == nullptr) {
    sink.report(diag::Kind::NotOnEvm, {}, {"a program without a contract"});
    return std::nullopt;
  }
  const auto refuse = [&](const Lowering::Refusal& refusal) {
    diag::Span span;
    if (refusal.function != ir::kNone) {
      span = {module.functions[refusal.function].file, refusal.offset, refusal.offset};
    }
    sink.report(diag::Kind::NotOnEvm, span, {refusal.what});
    return std::nullopt;
  };
  for (ir::FunctionId id = 0; id < module.functions.size(); ++id) {
    if (!module.functions[id].slots.empty()) {
      return refuse({"a function with slots", id, module.functions[id].location});
    }
  }
  if (module.created.size() != module.contract->creations.size()) {
    return refuse({"a contract that makes others, whose code is not here"});
  }
  const auto created = created_by(module, options, codes, sink);
  if (!created) {
    return std::nullopt;
  }
  const StorageLayout layout(*module.contract);
  Lowering lowering(module, layout, *created);
  Program runtime = lowering.lower_runtime();
  if (lowering.refusal()) {
    return refuse(*lowering.refusal());
  }
  const Lowering::Refusal too_many{"as many values at once as this contract's functions have"};
  std::optional<Assembled> code = assemble(runtime, {});
  if (!code) {
    return refuse(too_many);
  }
  Lowering constructor(module, layout, *created);
  Program init = constructor.lower_init(code->immutables);
  if (constructor.refusal()) {
    return refuse(*constructor.refusal());
  }
  std::optional<Assembled> init_code = assemble(init, {code->bytes});
  if (!init_code) {
    return refuse(too_many);
  }
  if (!is_short_enough(module, "code", code->bytes.size(), kMostRuntimeBytes, sink) ||
      !is_short_enough(module, "making code", init_code->bytes.size(), kMostInitBytes, sink)) {
    return std::nullopt;
  }
  Artifacts made;
  made.init = std::move(init_code->bytes);
  made.runtime = std::move(code->bytes);
  made.abi = codegen::abi_json(*module.contract);
  made.storage = layout.json(options.source);
  made.source_map = make_source_map(runtime, *code);
  made.init_source_map = make_source_map(init, *init_code);
  return made;
}

}  // namespace

std::optional<Artifacts> emit(const ir::Module& module, const Options& options, diag::Sink& sink) {
  CreatedCodes codes;
  return emit_with(module, options, codes, sink);
}

}  // namespace omega::codegen::evm
