// SPDX-License-Identifier: Apache-2.0
// For tests: relocatable files of BPF code, put together by hand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "omega/object/elf_format.h"

namespace omega::object::sbpf {

inline std::string instruction(uint8_t opcode, uint8_t destination, uint8_t source, int16_t offset, int32_t immediate) {
  std::string bytes{static_cast<char>(opcode), static_cast<char>(destination | source << 4)};
  bytes.append(reinterpret_cast<const char*>(&offset), sizeof offset);
  bytes.append(reinterpret_cast<const char*>(&immediate), sizeof immediate);
  return bytes;
}

/// Code, constants, symbols (the first has number 1) and relocations as LLVM lays them out, section headers last.
struct ObjectFile {
  static constexpr uint16_t kUndefined = 0, kCode = 1, kConstants = 2;
  struct SymbolRow {
    std::string name;
    uint16_t section;
    uint64_t offset;
    bool is_function;
  };
  struct RelocationRow {
    uint64_t offset;
    uint32_t kind;
    uint32_t symbol;
  };

  std::string code;
  std::string constants;
  std::vector<SymbolRow> symbols;
  std::vector<RelocationRow> code_relocations, constant_relocations;

  std::string bytes() const {
    std::string file(sizeof(elf::Header), '\0');
    std::vector<elf::SectionHeader> sections(1);
    std::string names(1, '\0');
    const auto add = [&](std::string_view name, uint32_t type, uint64_t flags, const std::string& content, uint32_t link, uint32_t info) {
      elf::SectionHeader header{};
      header.name = static_cast<uint32_t>(names.size());
      names += std::string(name) + '\0';
      header.type = type;
      header.flags = flags;
      file.resize((file.size() + 7) / 8 * 8);
      header.offset = file.size();
      header.size = content.size();
      header.link = link;
      header.info = info;
      header.alignment = 8;
      file += content;
      sections.push_back(header);
    };
    const auto relocations = [](const std::vector<RelocationRow>& rows) {
      std::string table;
      for (const RelocationRow& row : rows) {
        const uint64_t record[] = {row.offset, uint64_t{row.symbol} << 32 | row.kind};
        table.append(reinterpret_cast<const char*>(record), sizeof record);
      }
      return table;
    };
    std::string symbol_table(sizeof(elf::Symbol), '\0'), symbol_names(1, '\0');
    for (const SymbolRow& row : symbols) {
      const elf::Symbol symbol{static_cast<uint32_t>(symbol_names.size()),
                               static_cast<uint8_t>(0x10 | (row.is_function ? elf::kFunction : elf::kObject)),
                               0,
                               row.section,
                               row.offset,
                               0};
      symbol_names += row.name + '\0';
      symbol_table.append(reinterpret_cast<const char*>(&symbol), sizeof symbol);
    }
    add(".text", elf::kProgBits, elf::kSectionAlloc | elf::kSectionExecute, code, 0, 0);
    add(".rodata", elf::kProgBits, elf::kSectionAlloc, constants, 0, 0);
    add(".symtab", elf::kSymbolTable, 0, symbol_table, 4, 0);
    add(".strtab", elf::kStringTable, 0, symbol_names, 0, 0);
    add(".rel.text", 9, 0, relocations(code_relocations), 3, kCode);
    add(".rel.rodata", 9, 0, relocations(constant_relocations), 3, kConstants);
    add(".shstrtab", elf::kStringTable, 0, "", 0, 0);
    sections.back().offset = file.size();
    sections.back().size = names.size();
    file += names;
    file.resize((file.size() + 7) / 8 * 8);
    elf::Header header{{0x7f, 'E', 'L', 'F', 2, 1, 1}, 1, 247, 1, 0, 0, file.size(), 0, sizeof(elf::Header), 0, 0, sizeof(elf::SectionHeader), 8, 7};
    file.replace(0, sizeof header, std::string_view(reinterpret_cast<const char*>(&header), sizeof header));
    return file.append(reinterpret_cast<const char*>(sections.data()), sections.size() * sizeof(elf::SectionHeader));
  }
};

}  // namespace omega::object::sbpf
