// SPDX-License-Identifier: Apache-2.0
// Layout: the runtime's segments; from 0x1000000 the code of all buffers, then read-only data (constants, line rows, file names). Buffers are
// changed where they are, each by itself, and become pieces of the executable.
#include "omega/codegen/native/link.h"

#include <array>
#include <atomic>
#include <cstring>
#include <utility>

#include "omega/codegen/native/encoder.h"
#include "omega/codegen/native/line_rows.h"
#include "omega/codegen/native/runtime_symbols.h"
#include "omega/object/dwarf.h"
#include "omega/object/elf_writer.h"
#include "runtime/image.h"
#include "runtime/omega_runtime.h"

namespace omega::codegen::native {

namespace {

/// Bytes of the code that calls a main function without result.
constexpr uint64_t start_size = 32;
constexpr uint64_t program_base = 0x1000000;
constexpr uint64_t highest_address = 0x7fff0000;

uint64_t align_up(uint64_t value, uint64_t alignment) { return (value + alignment - 1) & ~(alignment - 1); }

/// Where the parts of one buffer stand.
struct Placement {
  uint64_t code;
  uint64_t constants;
  uint64_t first_function;
  uint64_t rows;  ///< counts from the first buffer's
};

/// What debuggers want to know of one buffer.
struct DebugParts {
  object::Symbols symbols;
  object::LineRows rows;
  object::FunctionEntries entries;
};

struct Linker {
  std::span<CodeBuffer* const> buffers;
  const ModuleView& module;
  const LinkOptions& options;

  base::PodVector<Placement> placements{};
  base::PodVector<uint32_t> function_address{};  ///< 0: no code
  base::PodVector<uint8_t> function_lines{};     ///< om_function_lines, one after the other
  std::array<uint32_t, runtime_symbol_count> runtime_address{};
  uint64_t start_address = 0;  ///< of the few bytes that call a main function without result
  uint64_t code_end = 0;
  uint64_t data_begin = 0;
  uint64_t functions_address = 0;  ///< of the table of om_function_lines
  uint64_t function_count = 0;
  uint64_t rows_address = 0;
  uint64_t rows_size = 0;
  uint64_t files_address = 0;
  uint64_t data_end = 0;
  uint32_t code_segment = 0;
  std::atomic<uint32_t> missing{ir::kNone};

  void place();
  void find_runtime();
  void relocate(size_t buffer);
  DebugParts describe(size_t buffer) const;
  object::Symbols runtime_symbols() const;
  base::PodVector<uint8_t> start_code(ir::FunctionId entry) const;
  base::PodVector<uint8_t> file_table() const;
  om_program program_table(ir::FunctionId entry) const;
  void add_runtime(object::ElfWriter& elf, ir::FunctionId entry) const;
  object::Pieces code_pieces(ir::FunctionId entry) const;
  object::Pieces data_pieces();
};

void Linker::place() {
  placements.resize(buffers.size());
  function_address.resize(module.functions.size(), 0);
  uint64_t at = program_base;
  for (size_t b = 0; b < buffers.size(); ++b) {
    at = align_up(at, 16);
    placements[b].code = at;
    placements[b].first_function = function_count;
    placements[b].rows = rows_size;
    function_count += buffers[b]->functions.size();
    rows_size += buffers[b]->rows.size();
    for (const CompiledFunction& f : buffers[b]->functions) {
      function_address[f.id] = static_cast<uint32_t>(at + f.begin);
    }
    at += buffers[b]->code.size();
  }
  start_address = align_up(at, 16);
  code_end = start_address + start_size;
  function_lines.resize(function_count * sizeof(om_function_lines));
  at = data_begin = align_up(code_end, object::page_size);
  for (size_t b = 0; b < buffers.size(); ++b) {
    at = align_up(at, 16);
    placements[b].constants = at;
    at += buffers[b]->constants.size();
  }
  functions_address = at = align_up(at, 16);
  at += function_count * sizeof(om_function_lines);
  rows_address = at;
  at += rows_size;
  files_address = at = align_up(at, 8);
  at += module.files.size() * 8;
  for (const SourceFile& file : module.files) {
    at += file.path.size() + 1;
  }
  data_end = align_up(at, 16);
}

void Linker::find_runtime() {
  for (uint32_t s = 0; s < runtime_symbol_count; ++s) {
    runtime_address[s] = static_cast<uint32_t>(runtime_image::address_of(runtime_symbol_name(s)));
  }
}

void Linker::relocate(size_t b) {
  CodeBuffer& buffer = *buffers[b];
  const Placement& at = placements[b];
  const auto base = static_cast<uint32_t>(at.code);
  const auto constants = static_cast<uint32_t>(at.constants);
  for (const Relocation& r : buffer.relocations) {
    uint32_t value = 0;
    const uint32_t next = base + r.offset + 4;
    switch (static_cast<RelocationKind>(r.kind)) {
      case RelocationKind::CallFunction:
      case RelocationKind::Function:
        value = function_address[r.target];
        if (value == 0) {
          missing.store(r.target, std::memory_order_relaxed);
        }
        value -= static_cast<RelocationKind>(r.kind) == RelocationKind::CallFunction ? next : 0;
        break;
      case RelocationKind::CallRuntime:
        value = runtime_address[r.target] - next;
        OMEGA_CHECK(runtime_address[r.target] != 0, "the runtime image lacks a function");
        break;
      case RelocationKind::Constant: value = constants + r.target; break;
    }
    std::memcpy(buffer.code.data() + r.offset, &value, 4);
  }
  for (const ConstantRelocation& r : buffer.constant_relocations) {
    const uint64_t value = r.kind == ConstantRelocation::ToConstants ? at.constants + r.target : function_address[r.target];
    if (value == 0) {
      missing.store(r.target, std::memory_order_relaxed);
    }
    std::memcpy(buffer.constants.data() + r.offset, &value, 8);
  }
  uint8_t* lines = function_lines.data() + at.first_function * sizeof(om_function_lines);
  for (const CompiledFunction& f : buffer.functions) {
    const om_function_lines entry = {static_cast<uint32_t>(at.code - program_base) + f.begin, static_cast<uint32_t>(at.rows + f.first_row)};
    std::memcpy(lines, &entry, sizeof entry);
    lines += sizeof entry;
  }
}

// Rows of failures at functions' ends are no statements.
DebugParts Linker::describe(size_t b) const {
  const CodeBuffer& buffer = *buffers[b];
  const uint64_t base = placements[b].code;
  size_t name_bytes = 0;
  for (const CompiledFunction& f : buffer.functions) {
    name_bytes += module.functions[f.id].name.size();
  }
  DebugParts parts;
  parts.symbols.reserve(buffer.functions.size(), name_bytes);
  for (const CompiledFunction& f : buffer.functions) {
    const std::string_view name = module.functions[f.id].name;
    const uint32_t name_at = parts.symbols.add(name, base + f.begin, f.end - f.begin, true, code_segment);
    parts.entries.add(name_at, base + f.begin, base + f.end);
    uint32_t line = 0;
    bool was_cold = false;
    LineRowReader rows(buffer.rows.data() + f.first_row, buffer.rows.data() + f.end_row, f.begin);
    while (const LineEntry* entry = rows.next()) {
      const bool is_cold = entry->offset >= f.cold;
      if (entry->line != line || is_cold != was_cold) {
        line = entry->line;
        parts.rows.row(base + entry->offset, entry->file, line, !is_cold);
      }
      was_cold = is_cold;
    }
  }
  if (!buffer.functions.empty()) {
    parts.rows.end_sequence(base + buffer.functions.back().end);
  }
  return parts;
}

object::Symbols Linker::runtime_symbols() const {
  object::Symbols symbols;
  for (const runtime_image::Symbol& symbol : runtime_image::symbols()) {
    for (uint32_t k = 0; k < runtime_image::segments().size(); ++k) {
      const runtime_image::Segment& segment = runtime_image::segments()[k];
      if (symbol.address >= segment.address && symbol.address < segment.address + segment.memory_size) {
        symbols.add(symbol.name, symbol.address, 0, (segment.flags & 1) != 0, k);
      }
    }
  }
  return symbols;
}

base::PodVector<uint8_t> Linker::start_code(ir::FunctionId entry) const {
  base::PodVector<uint8_t> code;
  code.resize(start_size, object::Pieces::nop);
  uint8_t* const at = code.data();
  Encoder e;
  e.set_at(at);
  e.push(Gpr::rbp);
  e.mov(Width::w64, Gpr::rbp, Gpr::rsp);
  uint8_t* const site = e.call();
  const auto distance = static_cast<int32_t>(function_address[entry] - (start_address + static_cast<uint64_t>(site - at) + 4));
  std::memcpy(site, &distance, 4);
  e.zero(Gpr::rax);
  e.pop(Gpr::rbp);
  e.ret();
  return code;
}

base::PodVector<uint8_t> Linker::file_table() const {
  base::PodVector<uint8_t> table;
  table.resize(data_end - files_address, 0);
  uint64_t text = files_address + module.files.size() * 8;
  uint8_t* pointer = table.data();
  for (const SourceFile& file : module.files) {
    std::memcpy(pointer, &text, 8);
    pointer += 8;
    if (!file.path.empty()) {
      std::memcpy(table.data() + (text - files_address), file.path.data(), file.path.size());
    }
    text += file.path.size() + 1;
  }
  return table;
}

om_program Linker::program_table(ir::FunctionId entry) const {
  // The runtime's view of addresses is that of the finished program, so they are written as numbers.
  om_program table{};
  table.magic = OM_PROGRAM_MAGIC;
  const auto put = [](auto& field, uint64_t value) {
    static_assert(sizeof field == 8);
    std::memcpy(static_cast<void*>(&field), &value, 8);
  };
  put(table.main, module.functions[entry].results.empty() ? start_address : function_address[entry]);
  put(table.code_lo, program_base);
  put(table.code_hi, code_end);
  put(table.functions, functions_address);
  put(table.rows, rows_address);
  put(table.files, files_address);
  table.function_count = static_cast<uint32_t>(function_count);
  table.rows_size = static_cast<uint32_t>(rows_size);
  table.file_count = static_cast<uint32_t>(module.files.size());
  table.threads = options.threads;
  return table;
}

void Linker::add_runtime(object::ElfWriter& elf, ir::FunctionId entry) const {
  const uint64_t address = runtime_image::address_of("om_program_table");
  const om_program table = program_table(entry);
  bool found = false;
  for (const runtime_image::Segment& s : runtime_image::segments()) {
    const bool writable = (s.flags & 2) != 0;
    const bool executable = (s.flags & 1) != 0;
    object::Pieces contents;
    if (address >= s.address && address + sizeof table <= s.address + s.file_size) {
      base::PodVector<uint8_t> bytes;
      bytes.append(s.bytes, s.file_size);
      std::memcpy(bytes.data() + (address - s.address), &table, sizeof table);
      contents.add(std::move(bytes));
      found = true;
    } else {
      contents.add({s.bytes, s.file_size});
    }
    elf.add_segment(executable ? ".runtime.text" : ".runtime.data", s.address, std::move(contents), s.memory_size, {writable, executable});
  }
  OMEGA_CHECK(found, "the runtime image lacks its program table");
}

object::Pieces Linker::code_pieces(ir::FunctionId entry) const {
  object::Pieces code;
  for (size_t b = 0; b < buffers.size(); ++b) {
    code.pad(placements[b].code - program_base - code.size(), object::Pieces::nop);
    code.add({buffers[b]->code.data(), buffers[b]->code.size()});
  }
  code.pad(start_address - program_base - code.size(), object::Pieces::nop);
  code.add(start_code(entry));
  return code;
}

object::Pieces Linker::data_pieces() {
  object::Pieces data;
  for (size_t b = 0; b < buffers.size(); ++b) {
    data.pad(placements[b].constants - data_begin - data.size());
    data.add({buffers[b]->constants.data(), buffers[b]->constants.size()});
  }
  data.pad(functions_address - data_begin - data.size());
  data.add(std::move(function_lines));
  for (const CodeBuffer* buffer : buffers) {
    data.add({buffer->rows.data(), buffer->rows.size()});
  }
  data.pad(files_address - data_begin - data.size());
  data.add(file_table());
  return data;
}

void add_debug_info(object::ElfWriter& elf, const Linker& linker, std::span<DebugParts> parts) {
  object::Symbols source;
  source.add_file(linker.options.name);
  elf.add_symbols(std::move(source));
  object::Pieces rows, entries;
  for (DebugParts& part : parts) {
    const uint32_t names = elf.add_symbols(std::move(part.symbols));
    rows.add(part.rows.take());
    entries.add(part.entries.take(names));
  }
  elf.add_symbols(linker.runtime_symbols());
  std::vector<std::string_view> files;
  files.reserve(linker.module.files.size());
  for (const SourceFile& file : linker.module.files) {
    files.push_back(file.path);
  }
  elf.add_section(".debug_line", object::line_table(files, std::move(rows)));
  elf.add_section(".debug_info", object::debug_info(linker.options.name, linker.options.folder, program_base, linker.code_end, std::move(entries)));
  object::Pieces abbreviations;
  abbreviations.add(object::debug_abbreviations());
  elf.add_section(".debug_abbrev", std::move(abbreviations));
  elf.add_section_of_names(".debug_str");
}

}  // namespace

base::Result<object::Pieces> link(std::span<CodeBuffer* const> buffers, const ModuleView& module, ir::FunctionId entry, const LinkOptions& options) {
  Linker linker{buffers, module, options};
  linker.place();
  linker.find_runtime();
  if (linker.data_end > highest_address) {
    return base::Error{"the program is larger than 2 GiB", 0, std::string(options.name)};
  }
  if (linker.function_address[entry] == 0) {
    return base::Error{"the program has no code for its main function", 0, std::string(options.name)};
  }
  linker.code_segment = static_cast<uint32_t>(runtime_image::segments().size());
  std::vector<DebugParts> parts(options.debug_info ? buffers.size() : 0);
  base::run_tasks(options.run_tasks, buffers.size(), [&](size_t b) {
    if (!parts.empty()) {
      parts[b] = linker.describe(b);
    }
    linker.relocate(b);
  });
  if (const uint32_t missing = linker.missing.load(); missing != ir::kNone) {
    return base::Error{"function `" + module.functions[missing].name + "` has no code", 0, std::string(options.name)};
  }
  object::ElfWriter elf;
  linker.add_runtime(elf, entry);
  const uint64_t code_size = linker.code_end - program_base;
  elf.add_segment(".text", program_base, linker.code_pieces(entry), code_size, {false, true});
  const uint64_t data_size = linker.data_end - linker.data_begin;
  elf.add_segment(".rodata", linker.data_begin, linker.data_pieces(), data_size, {});
  if (options.debug_info) {
    add_debug_info(elf, linker, parts);
  }
  return elf.finish(runtime_image::entry());
}

}  // namespace omega::codegen::native
