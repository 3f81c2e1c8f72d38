// SPDX-License-Identifier: Apache-2.0
// Layout: the runtime's segments; from 0x1000000 the code of all buffers, then read-only data (constants, line rows, file names).
#include "omega/codegen/native/link.h"

#include <array>
#include <atomic>
#include <cstring>

#include "omega/codegen/native/encoder.h"
#include "omega/codegen/native/runtime_symbols.h"
#include "omega/object/dwarf.h"
#include "omega/object/elf_writer.h"
#include "runtime/image.h"
#include "runtime/omega_runtime.h"

namespace omega::codegen::native {

namespace {

constexpr uint64_t program_base = 0x1000000;
constexpr uint64_t highest_address = 0x7fff0000;
static_assert(sizeof(om_line) == sizeof(LineEntry));

uint64_t align_up(uint64_t value, uint64_t alignment) { return (value + alignment - 1) & ~(alignment - 1); }

/// Where the parts of one buffer stand.
struct Placement {
  uint64_t code;
  uint64_t constants;
  uint64_t first_line;
};

struct Linker {
  std::span<const CodeBuffer* const> buffers;
  const ModuleView& module;
  const LinkOptions& options;

  base::PodVector<Placement> placements{};
  base::PodVector<uint32_t> function_address{};  ///< 0: no code
  std::array<uint32_t, runtime_symbol_count> runtime_address{};
  uint64_t start_address = 0;  ///< of the few bytes that call a main function without result
  uint64_t code_end = 0;
  uint64_t data_begin = 0;
  uint64_t lines_address = 0;
  uint64_t line_count = 0;
  uint64_t files_address = 0;
  uint64_t data_end = 0;
  object::ElfWriter elf{};
  uint32_t code_segment = 0;
  uint32_t data_segment = 0;
  std::atomic<uint32_t> missing{ir::kNone};

  void place();
  void find_runtime();
  void add_symbols();
  void relocate(size_t buffer);
  void write_start(ir::FunctionId entry);
  void write_files();
  void write_program_table(ir::FunctionId entry, std::span<const uint32_t> runtime_segments);
};

void Linker::place() {
  placements.resize(buffers.size());
  function_address.resize(module.functions.size(), 0);
  uint64_t at = program_base;
  for (size_t b = 0; b < buffers.size(); ++b) {
    at = align_up(at, 16);
    placements[b].code = at;
    placements[b].first_line = line_count;
    line_count += buffers[b]->lines.size();
    for (const CompiledFunction& f : buffers[b]->functions) {
      function_address[f.id] = static_cast<uint32_t>(at + f.begin);
    }
    at += buffers[b]->code.size();
  }
  start_address = align_up(at, 16);
  code_end = start_address + 32;
  at = data_begin = align_up(code_end, object::page_size);
  for (size_t b = 0; b < buffers.size(); ++b) {
    at = align_up(at, 16);
    placements[b].constants = at;
    at += buffers[b]->constants.size();
  }
  lines_address = at = align_up(at, 16);
  at += line_count * sizeof(om_line);
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
  const CodeBuffer& buffer = *buffers[b];
  const Placement& at = placements[b];
  uint8_t* code = elf.segment_bytes(code_segment).data() + (at.code - program_base);
  std::memcpy(code, buffer.code.data(), buffer.code.size());
  if (b + 1 < buffers.size()) {
    std::memset(code + buffer.code.size(), 0x90, placements[b + 1].code - at.code - buffer.code.size());
  }
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
      case RelocationKind::Constant:
        value = constants + r.target;
        break;
    }
    std::memcpy(code + r.offset, &value, 4);
  }
  uint8_t* data = elf.segment_bytes(data_segment).data();
  uint8_t* own = data + (at.constants - data_begin);
  if (!buffer.constants.empty()) {
    std::memcpy(own, buffer.constants.data(), buffer.constants.size());
  }
  for (const ConstantRelocation& r : buffer.constant_relocations) {
    const uint64_t value = r.kind == ConstantRelocation::ToConstants ? at.constants + r.target : function_address[r.target];
    if (value == 0) {
      missing.store(r.target, std::memory_order_relaxed);
    }
    std::memcpy(own + r.offset, &value, 8);
  }
  auto* lines = reinterpret_cast<om_line*>(data + (lines_address - data_begin)) + at.first_line;
  const auto shift = static_cast<uint32_t>(at.code - program_base);
  for (size_t k = 0; k < buffer.lines.size(); ++k) {
    const LineEntry& entry = buffer.lines[k];
    lines[k] = {entry.offset + shift, {entry.line, entry.column, entry.file}};
  }
}

void Linker::write_start(ir::FunctionId entry) {
  uint8_t* at = elf.segment_bytes(code_segment).data() + (start_address - program_base);
  const uint8_t* previous_end = elf.segment_bytes(code_segment).data();
  if (!buffers.empty()) {
    previous_end += placements[buffers.size() - 1].code - program_base + buffers.back()->code.size();
  }
  std::memset(const_cast<uint8_t*>(previous_end), 0x90, static_cast<size_t>(at - previous_end));
  std::memset(at, 0x90, 32);
  Encoder e;
  e.set_at(at);
  e.push(Gpr::rbp);
  e.mov(Width::w64, Gpr::rbp, Gpr::rsp);
  const uint8_t* site = e.call();
  const auto distance = static_cast<int32_t>(function_address[entry] - (start_address + static_cast<uint64_t>(site - at) + 4));
  std::memcpy(const_cast<uint8_t*>(site), &distance, 4);
  e.zero(Gpr::rax);
  e.pop(Gpr::rbp);
  e.ret();
}

void Linker::write_files() {
  uint8_t* data = elf.segment_bytes(data_segment).data();
  uint64_t text = files_address + module.files.size() * 8;
  uint8_t* pointer = data + (files_address - data_begin);
  for (const SourceFile& file : module.files) {
    std::memcpy(pointer, &text, 8);
    pointer += 8;
    uint8_t* to = data + (text - data_begin);
    if (!file.path.empty()) {
      std::memcpy(to, file.path.data(), file.path.size());
    }
    to[file.path.size()] = 0;
    text += file.path.size() + 1;
  }
  std::memset(data + (text - data_begin), 0, data_end - text);
}

void Linker::write_program_table(ir::FunctionId entry, std::span<const uint32_t> runtime_segments) {
  const uint64_t address = runtime_image::address_of("om_program_table");
  const std::span<const runtime_image::Segment> segments = runtime_image::segments();
  // The runtime's view of addresses is that of the finished program, so they are written as numbers.
  om_program table{};
  table.magic = OM_PROGRAM_MAGIC;
  const uint64_t main = module.functions[entry].results.empty() ? start_address : function_address[entry];
  const auto put = [](auto& field, uint64_t value) {
    static_assert(sizeof field == 8);
    std::memcpy(static_cast<void*>(&field), &value, 8);
  };
  put(table.main, main);
  put(table.code_lo, program_base);
  put(table.code_hi, code_end);
  put(table.lines, lines_address);
  put(table.files, files_address);
  table.line_count = line_count;
  table.file_count = static_cast<uint32_t>(module.files.size());
  table.threads = options.threads;
  for (size_t k = 0; k < segments.size(); ++k) {
    if (address >= segments[k].address && address + sizeof table <= segments[k].address + segments[k].file_size) {
      std::memcpy(elf.segment_bytes(runtime_segments[k]).data() + (address - segments[k].address), &table, sizeof table);
      return;
    }
  }
  OMEGA_UNREACHABLE("the runtime image lacks its program table");
}

void Linker::add_symbols() {
  size_t count = 0, bytes = 0;
  for (const CodeBuffer* buffer : buffers) {
    count += buffer->functions.size();
    for (const CompiledFunction& f : buffer->functions) {
      bytes += module.functions[f.id].name.size();
    }
  }
  const std::span<const runtime_image::Symbol> runtime = runtime_image::symbols();
  elf.reserve_symbols(count + runtime.size() + 2, bytes + runtime.size() * 24 + 64);
  elf.add_file_symbol(options.name);
  for (size_t b = 0; b < buffers.size(); ++b) {
    for (const CompiledFunction& f : buffers[b]->functions) {
      elf.add_symbol(module.functions[f.id].name, placements[b].code + f.begin, f.end - f.begin, true, code_segment);
    }
  }
  for (const runtime_image::Symbol& symbol : runtime) {
    for (uint32_t k = 0; k < runtime_image::segments().size(); ++k) {
      const runtime_image::Segment& segment = runtime_image::segments()[k];
      if (symbol.address >= segment.address && symbol.address < segment.address + segment.memory_size) {
        elf.add_symbol(symbol.name, symbol.address, 0, (segment.flags & 1) != 0, k);
      }
    }
  }
}

/// `.debug_line` from the rows: failures at functions' ends are no statements.
base::PodVector<uint8_t> debug_lines(const Linker& linker) {
  std::vector<std::string_view> files;
  files.reserve(linker.module.files.size());
  for (const SourceFile& file : linker.module.files) {
    files.push_back(file.path);
  }
  object::LineTable table(files);
  for (size_t b = 0; b < linker.buffers.size(); ++b) {
    const CodeBuffer& buffer = *linker.buffers[b];
    const uint64_t base = linker.placements[b].code;
    for (const CompiledFunction& f : buffer.functions) {
      uint32_t line = 0;
      for (uint32_t k = f.first_line; k < f.end_line; ++k) {
        const LineEntry& entry = buffer.lines[k];
        const bool is_cold = entry.offset >= f.cold;
        if (entry.line != line || (is_cold && k > f.first_line && buffer.lines[k - 1].offset < f.cold)) {
          line = entry.line;
          table.row(base + entry.offset, entry.file, line, !is_cold);
        }
      }
    }
    if (!buffer.functions.empty()) {
      table.end_sequence(base + buffer.functions.back().end);
    }
  }
  return table.finish();
}

}  // namespace

base::Result<base::PodVector<uint8_t>> link(std::span<const CodeBuffer* const> buffers, const ModuleView& module, ir::FunctionId entry,
                                            const LinkOptions& options) {
  Linker linker{buffers, module, options};
  linker.place();
  linker.find_runtime();
  if (linker.data_end > highest_address) {
    return base::Error{"the program is larger than 2 GiB", 0, std::string(options.name)};
  }
  if (linker.function_address[entry] == 0) {
    return base::Error{"the program has no code for its main function", 0, std::string(options.name)};
  }
  std::vector<uint32_t> runtime_segments;
  object::ElfWriter& elf = linker.elf;
  for (const runtime_image::Segment& s : runtime_image::segments()) {
    const bool writable = (s.flags & 2) != 0;
    const bool executable = (s.flags & 1) != 0;
    runtime_segments.push_back(
        elf.add_segment(executable ? ".runtime.text" : ".runtime.data", s.address, s.file_size, s.memory_size, {writable, executable}));
  }
  const uint64_t code_size = linker.code_end - program_base;
  linker.code_segment = elf.add_segment(".text", program_base, code_size, code_size, {false, true});
  const uint64_t data_size = linker.data_end - linker.data_begin;
  linker.data_segment = elf.add_segment(".rodata", linker.data_begin, data_size, data_size, {});
  base::PodVector<uint8_t> lines, info;
  if (options.debug_info) {
    linker.add_symbols();
    lines = debug_lines(linker);
    object::DebugInfo debug(options.name, options.folder, program_base, linker.code_end);
    for (size_t b = 0; b < buffers.size(); ++b) {
      for (const CompiledFunction& f : buffers[b]->functions) {
        debug.function(module.functions[f.id].name, linker.placements[b].code + f.begin, linker.placements[b].code + f.end);
      }
    }
    info = debug.finish();
    elf.add_section(".debug_line", {lines.data(), lines.size()});
    elf.add_section(".debug_info", {info.data(), info.size()});
    elf.add_section(".debug_abbrev", object::DebugInfo::abbreviations());
  }
  elf.lay_out(runtime_image::entry());
  for (size_t k = 0; k < runtime_segments.size(); ++k) {
    const runtime_image::Segment& s = runtime_image::segments()[k];
    std::memcpy(elf.segment_bytes(runtime_segments[k]).data(), s.bytes, s.file_size);
  }
  // Gaps between buffers' constants.
  const std::span<uint8_t> data = elf.segment_bytes(linker.data_segment);
  for (size_t b = 0; b < buffers.size(); ++b) {
    const uint64_t end = linker.placements[b].constants + buffers[b]->constants.size();
    const uint64_t next = b + 1 < buffers.size() ? linker.placements[b + 1].constants : linker.lines_address;
    std::memset(data.data() + (end - linker.data_begin), 0, next - end);
  }
  const uint64_t lines_end = linker.lines_address + linker.line_count * sizeof(om_line);
  std::memset(data.data() + (lines_end - linker.data_begin), 0, linker.files_address - lines_end);
  const std::function<void(size_t)> task = [&](size_t b) { linker.relocate(b); };
  if (options.run_tasks) {
    options.run_tasks(buffers.size(), task);
  } else {
    for (size_t b = 0; b < buffers.size(); ++b) {
      task(b);
    }
  }
  linker.write_start(entry);
  linker.write_files();
  linker.write_program_table(entry, runtime_segments);
  const uint32_t missing = linker.missing.load();
  if (missing != ir::kNone) {
    return base::Error{"function `" + module.functions[missing].name + "` has no code", 0, std::string(options.name)};
  }
  return std::move(elf.image());
}

}  // namespace omega::codegen::native
