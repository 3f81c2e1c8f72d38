// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/move/program.h"

#include "omega/codegen/move/abort_codes.h"

namespace omega::codegen::move {

namespace {

std::string identifier_of(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const bool is_fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    text += is_fine ? c : '_';
  }
  return text.empty() ? "contract" : text;
}

}  // namespace

Program::Program(const ir::Module& module, const Options& options, diag::Sink& sink)
    : module_(module),
      options_(options),
      sink_(sink),
      builder_(options.address, identifier_of(module.contract->name)),
      support_(builder_, *module.contract),
      functions_(module.functions.size(), ir::kNone) {}

void Program::refuse(const ir::Function& function, uint32_t instruction, const std::string& what) {
  const uint32_t at = instruction == ir::kNone ? function.location : function.locations[instruction];
  sink_.report(diag::Kind::NotOnMove, {function.file, at, at}, {what});
}

uint32_t Program::function(ir::FunctionId id) {
  if (functions_[id] == ir::kNone) {
    const ir::Function& f = module_.functions[id];
    Signature parameters{support_.memory(), support_.state()};
    for (const ir::Type type : f.params) {
      parameters.push_back(type == ir::Type::U1 ? support_.boolean : support_.word);
    }
    Signature results;
    for (const ir::Type type : f.results) {
      results.push_back(type == ir::Type::U1 ? support_.boolean : support_.word);
    }
    functions_[id] = builder_.function(builder_.self(), support_.function_name("f_" + std::string(std::string_view(f.name))), parameters, results);
    queue_.push_back(id);
  }
  return functions_[id];
}

ir::FunctionId Program::next_function() { return written_ < queue_.size() ? queue_[written_++] : ir::kNone; }

uint32_t Program::event_struct(uint32_t event) {
  const auto at = event_structs_.find(event);
  if (at != event_structs_.end()) {
    return at->second;
  }
  const ir::EventType& row = contract().events[event];
  std::vector<ModuleBuilder::NamedField> fields;
  std::unordered_set<std::string> names;
  for (uint32_t i = 0; i < row.arguments.count; ++i) {
    const ir::DataField& field = contract().fields[row.arguments.first + i];
    fields.push_back({support_.field_name(names, field.name.empty() ? "argument" + std::to_string(i) : field.name), support_.outside(field.type)});
  }
  if (fields.empty()) {
    fields.push_back({"dummy_field", support_.boolean});  // a struct has a field at least; this is the name compilers give it
  }
  const uint32_t definition = builder_.define_struct(support_.struct_name(row.name), object::move::kCopy | object::move::kDrop | object::move::kStore, fields);
  event_structs_.emplace(event, definition);
  return definition;
}

uint64_t Program::message_code(const std::string& message) { return messages_.try_emplace(message, kMessageCode + messages_.size()).first->second; }

}  // namespace omega::codegen::move
