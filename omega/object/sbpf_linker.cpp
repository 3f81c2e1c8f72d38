// SPDX-License-Identifier: Apache-2.0
#include "omega/object/sbpf_linker.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "omega/object/elf_format.h"
#include "omega/object/sbpf_object.h"

namespace omega::object::sbpf {
namespace {

// solana-program's definitions of system calls (sdk/define-syscall).
constexpr std::string_view kSystemCalls[] = {
    "abort",
    "sol_panic_",
    "sol_log_",
    "sol_log_64_",
    "sol_log_pubkey",
    "sol_log_compute_units_",
    "sol_log_data",
    "sol_create_program_address",
    "sol_try_find_program_address",
    "sol_sha256",
    "sol_keccak256",
    "sol_blake3",
    "sol_secp256k1_recover",
    "sol_get_clock_sysvar",
    "sol_get_epoch_schedule_sysvar",
    "sol_get_rent_sysvar",
    "sol_get_sysvar",
    "sol_memcpy_",
    "sol_memmove_",
    "sol_memcmp_",
    "sol_memset_",
    "sol_invoke_signed_c",
    "sol_set_return_data",
    "sol_get_return_data",
    "sol_get_stack_height",
    "sol_get_processed_sibling_instruction",
    "sol_remaining_compute_units",
};

constexpr uint32_t kFlagsVersion3 = 3;
constexpr uint16_t kShared = 3, kSbpf = 247;
constexpr uint64_t kFirstConstant = 16;  ///< bytes in front of the constants

// Opcodes that the linker looks at.
constexpr uint8_t kCall = 0x85, kLoadConstant = 0x18, kMove = 0xbf, kAddConstant = 0x07;
constexpr uint8_t kFrameRegister = 10;
// The class in an opcode's low bits: memory operations, whose offset is that of the address.
constexpr uint8_t kClassBits = 7, kLoad = 1, kStoreConstant = 2, kStore = 3;
// Source registers of a call.
constexpr uint8_t kSystemCall = 0, kOwnFunction = 1;

struct Instruction {
  uint8_t opcode;
  uint8_t registers;  ///< low half the destination, high half the source
  int16_t offset;
  int32_t immediate;

  uint8_t destination() const { return registers & 15u; }
  uint8_t source() const { return registers >> 4u; }
  void set_source(uint8_t source) { registers = static_cast<uint8_t>((registers & 15u) | (source << 4u)); }
};
static_assert(sizeof(Instruction) == kInstructionBytes);

/// The error of a program, thrown inside this file only.
struct Unlinkable {
  std::string what;
};

template <class T>
T read(const std::string& bytes, uint64_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}
template <class T>
void write(std::string& bytes, uint64_t offset, const T& value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

class Linker {
 public:
  explicit Linker(const Object& object) : object_(object) {}

  std::string link(std::string_view entry) {
    place();
    for (uint32_t k = 0; k < object_.sections.size(); ++k) {
      for (const Relocation& relocation : object_.sections[k].relocations) {
        apply(relocation, object_.sections[k].is_code, offsets_[k] + relocation.offset);
      }
    }
    check_code();
    for (const Symbol& symbol : object_.symbols) {
      if (symbol.name == entry && symbol.section != kNoSection && object_.sections[symbol.section].is_code && symbol.is_function) {
        return file(address_of(symbol));
      }
    }
    throw Unlinkable{"there is no function `" + std::string(entry) + "`"};
  }

 private:
  // ---- layout ----

  void place() {
    constants_.assign(kFirstConstant, '\0');
    for (const Section& section : object_.sections) {
      std::string& image = section.is_code ? code_ : constants_;
      const size_t alignment = std::max<size_t>(section.alignment, section.is_code ? kInstructionBytes : 1);
      image.resize((image.size() + alignment - 1) / alignment * alignment);
      offsets_.push_back(static_cast<uint32_t>(image.size()));
      image += section.bytes;
      if (image.size() > 0x7fffffffu) {
        throw Unlinkable{"the program has more than 2 GiB"};
      }
    }
    if (constants_.size() == kFirstConstant) {
      constants_.clear();
    }
    constants_.resize((constants_.size() + 7) / 8 * 8);
  }
  uint64_t address_of(const Symbol& symbol) const {
    const uint64_t base = object_.sections[symbol.section].is_code ? kCodeAddress : kConstantsAddress;
    return base + offsets_[symbol.section] + symbol.offset;
  }

  // ---- relocations ----

  void apply(const Relocation& relocation, bool is_code, uint64_t at) {
    const Symbol& symbol = object_.symbols[relocation.symbol];
    if (relocation.kind == RelocationKind::Call32) {
      return apply_call(symbol, at);
    }
    if (symbol.section == kNoSection) {
      throw Unlinkable{"`" + std::string(symbol.name) + "` is used as a value but is not there"};
    }
    if (object_.sections[symbol.section].is_code) {
      throw Unlinkable{"the address of the function `" + std::string(symbol.name) + "` is used as a value"};
    }
    if (!is_code) {
      return write(constants_, at, read<uint64_t>(constants_, at) + address_of(symbol));
    }
    Instruction low = read<Instruction>(code_, at);
    Instruction high = read<Instruction>(code_, at + kInstructionBytes);
    if (low.opcode != kLoadConstant) {
      throw Unlinkable{"a relocation of a constant is on another instruction"};
    }
    const uint64_t added = static_cast<uint32_t>(low.immediate) | (static_cast<uint64_t>(static_cast<uint32_t>(high.immediate)) << 32u);
    const uint64_t value = added + address_of(symbol);
    low.immediate = static_cast<int32_t>(static_cast<uint32_t>(value));
    high.immediate = static_cast<int32_t>(static_cast<uint32_t>(value >> 32u));
    low.set_source(0);
    write(code_, at, low);
    write(code_, at + kInstructionBytes, high);
  }

  void apply_call(const Symbol& symbol, uint64_t at) {
    Instruction call = read<Instruction>(code_, at);
    if (call.opcode != kCall) {
      throw Unlinkable{"a relocation of a call is on another instruction"};
    }
    if (symbol.section == kNoSection) {
      if (std::ranges::find(kSystemCalls, symbol.name) == std::end(kSystemCalls)) {
        throw Unlinkable{"`" + std::string(symbol.name) + "` is neither a function of the program nor a system call"};
      }
      call.set_source(kSystemCall);
      call.immediate = std::bit_cast<int32_t>(system_call_number(symbol.name));
    } else {
      if (!object_.sections[symbol.section].is_code) {
        throw Unlinkable{"`" + std::string(symbol.name) + "` is called but is no code"};
      }
      const int64_t target = static_cast<int64_t>((address_of(symbol) - kCodeAddress) / kInstructionBytes) + call.immediate + 1;
      const int64_t distance = target - static_cast<int64_t>(at / kInstructionBytes) - 1;
      call.set_source(kOwnFunction);
      call.immediate = static_cast<int32_t>(distance);
    }
    write(code_, at, call);
  }

  // ---- what the loader does not see ----

  void check_code() const {
    const int64_t count = static_cast<int64_t>(code_.size() / kInstructionBytes);
    Instruction before{};
    for (int64_t k = 0; k < count; ++k) {
      const Instruction now = read<Instruction>(code_, static_cast<uint64_t>(k) * kInstructionBytes);
      if (now.opcode == kCall && now.source() == kOwnFunction && (k + 1 + now.immediate < 0 || k + 1 + now.immediate >= count)) {
        throw Unlinkable{"a call leads out of the code"};
      }
      check_frame(before, now, k);
      if (now.opcode == kLoadConstant) {
        ++k;
      }
      before = now;
    }
  }
  void check_frame(const Instruction& before, const Instruction& now, int64_t at) const {
    const uint8_t kind = now.opcode & kClassBits;
    const bool reads = kind == kLoad && now.source() == kFrameRegister;
    const bool writes = (kind == kStore || kind == kStoreConstant) && now.destination() == kFrameRegister;
    int64_t lowest = 0;
    if (reads || writes) {
      lowest = now.offset;
    } else if (now.opcode == kAddConstant && before.opcode == kMove && before.source() == kFrameRegister && before.destination() == now.destination()) {
      lowest = now.immediate;
    }
    if (lowest < -static_cast<int64_t>(kFrameBytes)) {
      throw Unlinkable{"function `" + std::string(function_at(at)) + "` needs " + std::to_string(-lowest) + " bytes of stack, of which there are " +
                       std::to_string(kFrameBytes)};
    }
  }
  std::string_view function_at(int64_t instruction) const {
    const Symbol* found = nullptr;
    const uint64_t at = kCodeAddress + static_cast<uint64_t>(instruction) * kInstructionBytes;
    for (const Symbol& symbol : object_.symbols) {
      if (symbol.is_function && symbol.section != kNoSection && object_.sections[symbol.section].is_code && address_of(symbol) <= at &&
          (found == nullptr || address_of(symbol) >= address_of(*found))) {
        found = &symbol;
      }
    }
    return found == nullptr ? "?" : found->name;
  }

  // ---- the file ----

  std::string file(uint64_t entry) const {
    const bool has_constants = !constants_.empty();
    const uint16_t count = has_constants ? 2 : 1;
    elf::Header header{};
    static constexpr uint8_t kIdent[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    std::memcpy(header.ident, kIdent, sizeof kIdent);
    header.type = kShared;
    header.machine = kSbpf;
    header.version = 1;
    header.entry = entry;
    header.program_headers = sizeof(elf::Header);
    header.flags = kFlagsVersion3;
    header.header_size = sizeof(elf::Header);
    header.program_header_size = sizeof(elf::ProgramHeader);
    header.program_header_count = count;
    header.section_header_size = sizeof(elf::SectionHeader);
    std::string out(reinterpret_cast<const char*>(&header), sizeof header);
    uint64_t offset = sizeof header + count * sizeof(elf::ProgramHeader);
    const auto segment = [&](uint32_t flags, uint64_t address, size_t size) {
      const elf::ProgramHeader made{elf::kLoad, flags, offset, address, address, size, size, 8};
      out.append(reinterpret_cast<const char*>(&made), sizeof made);
      offset += size;
    };
    if (has_constants) {
      segment(elf::kRead, kConstantsAddress, constants_.size());
    }
    segment(elf::kExecute, kCodeAddress, code_.size());
    return out + constants_ + code_;
  }

  const Object& object_;
  std::vector<uint32_t> offsets_;  ///< of each section in its image
  std::string constants_;
  std::string code_;
};

}  // namespace

std::span<const std::string_view> system_calls() { return kSystemCalls; }

uint32_t system_call_number(std::string_view name) {
  const auto mix = [](uint32_t block) { return std::rotl(block * 0xcc9e2d51u, 15) * 0x1b873593u; };
  uint32_t hash = 0;
  size_t at = 0;
  for (; at + 4 <= name.size(); at += 4) {
    uint32_t block;
    std::memcpy(&block, name.data() + at, 4);
    hash = std::rotl(hash ^ mix(block), 13) * 5 + 0xe6546b64u;
  }
  uint32_t tail = 0;
  for (size_t k = name.size(); k > at; --k) {
    tail = (tail << 8u) | static_cast<uint8_t>(name[k - 1]);
  }
  hash ^= mix(tail);
  hash ^= static_cast<uint32_t>(name.size());
  hash = (hash ^ (hash >> 16u)) * 0x85ebca6bu;
  hash = (hash ^ (hash >> 13u)) * 0xc2b2ae35u;
  return hash ^ (hash >> 16u);
}

base::Result<std::string> link(std::string_view object_file, std::string_view entry) {
  const base::Result<Object> object = read_object(object_file);
  if (!object) {
    return object.error();
  }
  try {
    return Linker(*object).link(entry);
  } catch (const Unlinkable& failure) {
    return base::Error{failure.what, 0, ""};
  }
}

}  // namespace omega::object::sbpf
