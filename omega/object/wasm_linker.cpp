// SPDX-License-Identifier: Apache-2.0
#include "omega/object/wasm_linker.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "omega/object/uleb128.h"
#include "omega/object/wasm_cursor.h"
#include "omega/object/wasm_locals.h"
#include "omega/object/wasm_reader.h"
#include "omega/object/wasm_writer.h"

namespace omega::object::wasm {

namespace {

enum class SymbolKind : uint8_t { Function, Data, Global, Section, Tag, Table };
enum SymbolFlags : uint32_t { kUndefined = 0x10, kExplicitName = 0x40 };

struct Symbol {
  SymbolKind kind = SymbolKind::Function;
  uint32_t flags = 0;
  std::string_view name;
  uint32_t index = 0;   ///< of the function, global or table; Data: the segment
  uint32_t offset = 0;  ///< Data: in its segment
};

enum class RelocationKind : uint8_t {
  FunctionIndex = 0,
  TableIndexSigned = 1,
  TableIndexWord = 2,
  Address = 3,
  AddressSigned = 4,
  AddressWord = 5,
  TypeIndex = 6,
  GlobalIndex = 7,
};

struct Relocation {
  RelocationKind kind{};
  uint32_t position = 0;  ///< in the section's content
  uint32_t symbol = 0;    ///< TypeIndex: the type
  int32_t addend = 0;
};

constexpr uint32_t kPaddedNumber = 5;  ///< bytes of a number that is to be filled in

class Linker {
 public:
  Linker(std::string_view bytes, const LinkOptions& options) : options_(options) {
    base::Result<Module> object = read(bytes, &layout_);
    if (!object) {
      throw Malformed{object.error().message};
    }
    module_ = std::move(*object);
  }

  Module link() {
    for (const CustomSection& custom : module_.customs) {
      if (custom.name == "linking") {
        linking(custom.bytes);
      }
    }
    for (const CustomSection& custom : module_.customs) {
      if (custom.name == "reloc.CODE" || custom.name == "reloc.DATA") {
        relocations(custom.bytes);
      }
    }
    check_imports();
    lay_out_data();
    patch_data();
    for (size_t i = 0; i < module_.functions.size(); ++i) {
      patch_code(i);
    }
    finish();
    return std::move(module_);
  }

 private:
  // ---- what the object says of itself ----

  void linking(std::string_view bytes) {
    Cursor in(bytes);
    require(in.u32() == 2, "the version of the object's linking data is not 2");
    while (!in.at_end()) {
      const uint8_t kind = in.byte();
      Cursor content(in.take(in.u32()));
      switch (kind) {
        case 5: segments(content); break;
        case 6: require(content.u32() == 0, "the object has functions that run first"); break;
        case 8: symbols(content); break;
        default: break;
      }
    }
  }

  void segments(Cursor& in) {
    for (uint32_t left = in.count(); left > 0; --left) {
      in.text();
      const uint32_t alignment = in.u32();
      require(alignment <= 16, "a segment's alignment is too large");
      in.u32();
      alignments_.push_back(1u << alignment);
    }
  }

  void symbols(Cursor& in) {
    for (uint32_t left = in.count(); left > 0; --left) {
      Symbol symbol;
      const uint8_t kind = in.byte();
      require(kind <= 5, "a symbol is of no known kind");
      symbol.kind = static_cast<SymbolKind>(kind);
      symbol.flags = in.u32();
      const bool is_defined = (symbol.flags & kUndefined) == 0;
      if (symbol.kind == SymbolKind::Data) {
        symbol.name = in.text();
        if (is_defined) {
          symbol.index = in.u32();
          symbol.offset = in.u32();
          in.u32();
        }
      } else {
        symbol.index = in.u32();
        if (symbol.kind != SymbolKind::Section && (is_defined || (symbol.flags & kExplicitName) != 0)) {
          symbol.name = in.text();
        }
      }
      symbols_.push_back(symbol);
    }
  }

  void relocations(std::string_view bytes) {
    Cursor in(bytes);
    const uint32_t section = in.u32();
    require(section < layout_.sections.size(), "relocations are for a section that is not there");
    const uint8_t id = layout_.sections[section];
    require(id == 10 || id == 11, "relocations are for neither code nor data");
    std::vector<Relocation>& rows = id == 10 ? code_relocations_ : data_relocations_;
    for (uint32_t left = in.count(); left > 0; --left) {
      Relocation row;
      const uint8_t kind = in.byte();
      require(kind <= 7, "a relocation is of no known kind");
      row.kind = static_cast<RelocationKind>(kind);
      row.position = in.u32();
      row.symbol = in.u32();
      if (row.kind == RelocationKind::Address || row.kind == RelocationKind::AddressSigned || row.kind == RelocationKind::AddressWord) {
        row.addend = static_cast<int32_t>(in.signed_number(32));
      }
      require(rows.empty() || rows.back().position < row.position, "relocations are out of order");
      require(row.kind == RelocationKind::TypeIndex ? row.symbol < module_.types.size() : row.symbol < symbols_.size(), "a relocation names nothing");
      rows.push_back(row);
    }
  }

  /// Functions stay imported; the memory, the table and the stack pointer are made here.
  void check_imports() {
    std::vector<Import> functions;
    for (Import& import : module_.imports) {
      if (import.kind == ExternalKind::Function) {
        functions.push_back(std::move(import));
      } else if (import.kind == ExternalKind::Global && import.name != "__stack_pointer") {
        throw Malformed{"the object needs the global `" + import.name + "`"};
      }
    }
    require(imported(module_, ExternalKind::Global) <= 1 && module_.globals.empty(), "the object has globals of its own");
    imported_functions_ = static_cast<uint32_t>(functions.size());
    module_.imports = std::move(functions);
  }

  // ---- data ----

  void lay_out_data() {
    require(alignments_.size() == module_.data.size(), "segments of data are not all described");
    uint64_t at = options_.stack_size;
    for (size_t i = 0; i < module_.data.size(); ++i) {
      at = (at + alignments_[i] - 1) & ~uint64_t{alignments_[i] - 1};
      addresses_.push_back(static_cast<uint32_t>(at));
      at += module_.data[i].bytes.size();
      require(at < UINT32_MAX / 2, "the data is too large");
    }
    heap_ = static_cast<uint32_t>((at + 15) & ~uint64_t{15});
  }

  uint32_t address_of(const Relocation& row) const {
    const Symbol& symbol = symbols_[row.symbol];
    require(symbol.kind == SymbolKind::Data, "an address is asked of what is no data");
    const auto addend = static_cast<uint32_t>(row.addend);
    if ((symbol.flags & kUndefined) != 0) {
      if (symbol.name != "__heap_base") {
        throw Malformed{"the object needs the data `" + std::string(symbol.name) + "`"};
      }
      return heap_ + addend;
    }
    require(symbol.index < addresses_.size(), "a symbol lies in no segment");
    return addresses_[symbol.index] + symbol.offset + addend;
  }

  /// The number of a function in the table; the first one is 1, for 0 is the null pointer.
  uint32_t table_index(const Relocation& row) {
    const uint32_t function = function_of(row);
    const auto [found, is_new] = table_.try_emplace(function, static_cast<uint32_t>(table_order_.size() + 1));
    if (is_new) {
      table_order_.push_back(function);
    }
    return found->second;
  }

  uint32_t function_of(const Relocation& row) const {
    const Symbol& symbol = symbols_[row.symbol];
    require(symbol.kind == SymbolKind::Function, "a function is asked of what is none");
    require(symbol.index < imported_functions_ + module_.functions.size(), "a symbol names no function");
    return symbol.index;
  }

  uint32_t value_of(const Relocation& row) {
    switch (row.kind) {
      case RelocationKind::FunctionIndex: return function_of(row);
      case RelocationKind::TableIndexSigned:
      case RelocationKind::TableIndexWord: return table_index(row);
      case RelocationKind::Address:
      case RelocationKind::AddressSigned:
      case RelocationKind::AddressWord: return address_of(row);
      case RelocationKind::TypeIndex: return row.symbol;
      case RelocationKind::GlobalIndex:
        require(symbols_[row.symbol].kind == SymbolKind::Global && symbols_[row.symbol].index == 0, "a global is asked of what is none");
        return 0;
    }
    return 0;
  }

  void patch_data() {
    for (const Relocation& row : data_relocations_) {
      require(row.kind == RelocationKind::TableIndexWord || row.kind == RelocationKind::AddressWord, "data is not filled in by words");
      const auto behind = std::ranges::upper_bound(layout_.data_positions, row.position);
      require(behind != layout_.data_positions.begin(), "a relocation lies outside of all data");
      const auto segment = static_cast<size_t>(behind - layout_.data_positions.begin() - 1);
      std::string& bytes = module_.data[segment].bytes;
      const uint32_t at = row.position - layout_.data_positions[segment];
      require(at + uint64_t{4} <= bytes.size(), "a relocation lies outside of all data");
      const uint32_t value = value_of(row);
      for (uint32_t i = 0; i < 4; ++i) {
        bytes[at + i] = static_cast<char>(value >> (8 * i));
      }
    }
  }

  // ---- code ----

  /// Numbers that are filled in have five bytes in the object and as many as they need here.
  void patch_code(size_t number) {
    std::string& code = module_.functions[number].code;
    const uint32_t begin = layout_.code_positions[number];
    const std::string_view old = code;
    std::string made;
    made.reserve(old.size());
    size_t done = 0;
    for (; next_ < code_relocations_.size() && code_relocations_[next_].position < begin + old.size(); ++next_) {
      const Relocation& row = code_relocations_[next_];
      require(row.position >= begin + done, "a relocation lies outside of all code");
      require(row.kind != RelocationKind::TableIndexWord && row.kind != RelocationKind::AddressWord, "code is filled in by words");
      const size_t at = row.position - begin;
      require(at + kPaddedNumber <= old.size(), "a relocation lies outside of all code");
      made += old.substr(done, at - done);
      const uint32_t value = value_of(row);
      if (row.kind == RelocationKind::AddressSigned || row.kind == RelocationKind::TableIndexSigned) {
        append_signed(made, static_cast<int32_t>(value));
      } else {
        append_uleb128(made, value);
      }
      done = at + kPaddedNumber;
    }
    made += old.substr(done);
    code = std::move(made);
  }

  // ---- the module ----

  void finish() {
    require(next_ == code_relocations_.size(), "a relocation lies outside of all code");
    module_.globals.push_back({{ValueType::I32, true}, {0x41, static_cast<int32_t>(options_.stack_size)}});
    module_.memories = {{(heap_ + kPageSize - 1) / kPageSize, std::nullopt}};
    module_.tables.clear();
    module_.elements.clear();
    if (!table_order_.empty()) {
      const auto size = static_cast<uint32_t>(table_order_.size() + 1);
      module_.tables = {{size, size}};
      module_.elements = {{{0x41, 1}, table_order_}};
    }
    join_data();
    module_.exports = {{"memory", ExternalKind::Memory, 0}};
    for (const std::string_view name : options_.exports) {
      const auto symbol = std::ranges::find_if(
          symbols_, [&](const Symbol& one) { return one.kind == SymbolKind::Function && (one.flags & kUndefined) == 0 && one.name == name; });
      if (symbol == symbols_.end()) {
        throw Malformed{"the object lacks the function `" + std::string(name) + "`"};
      }
      module_.exports.push_back({std::string(name), ExternalKind::Function, symbol->index});
    }
    module_.customs.clear();
    spill_locals(module_, options_.most_locals);
  }

  /// One segment of all data, without the zeros at its end: memory is zero at first.
  void join_data() {
    std::string image;
    for (size_t i = 0; i < module_.data.size(); ++i) {
      image.resize(addresses_[i] - options_.stack_size);
      image += module_.data[i].bytes;
    }
    image.resize(image.find_last_not_of('\0') + 1);
    module_.data.clear();
    if (!image.empty()) {
      module_.data.push_back({{0x41, static_cast<int32_t>(options_.stack_size)}, std::move(image)});
    }
  }

  const LinkOptions& options_;
  Layout layout_;
  Module module_;
  std::vector<uint32_t> alignments_;
  std::vector<uint32_t> addresses_;
  std::vector<Symbol> symbols_;
  std::vector<Relocation> code_relocations_;
  std::vector<Relocation> data_relocations_;
  std::map<uint32_t, uint32_t> table_;
  std::vector<uint32_t> table_order_;
  uint32_t imported_functions_ = 0;
  uint32_t heap_ = 0;
  size_t next_ = 0;
};

}  // namespace

base::Result<Module> link(std::string_view object, const LinkOptions& options) {
  try {
    return Linker(object, options).link();
  } catch (const Malformed& error) {
    return base::Error{error.what, 0, {}};
  }
}

}  // namespace omega::object::wasm
