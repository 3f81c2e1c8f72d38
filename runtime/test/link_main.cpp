// SPDX-License-Identifier: Apache-2.0
// Puts the runtime image under a test program linked at 0x1000000, as the native back end does: copies the segments of both
// into one executable and patches the program table from the program's symbol `program`.
#include <elf.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "runtime/image.h"
#include "runtime/omega_runtime.h"

namespace {

struct Piece {
  uint64_t address;
  std::string bytes;
  uint64_t memory_size;
  uint32_t flags;
};

bool load_program(const char* path, std::vector<Piece>& pieces, uint64_t& table) {
  std::string elf;
  std::FILE* file = std::fopen(path, "rb");
  if (file == nullptr) {
    return false;
  }
  char buffer[65536];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, file)) != 0;) {
    elf.append(buffer, n);
  }
  std::fclose(file);
  Elf64_Ehdr header;
  std::memcpy(&header, elf.data(), sizeof header);
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    std::memcpy(&segment, elf.data() + header.e_phoff + i * sizeof segment, sizeof segment);
    if (segment.p_type == PT_LOAD && segment.p_memsz != 0) {
      pieces.push_back({segment.p_vaddr, elf.substr(segment.p_offset, segment.p_filesz), segment.p_memsz, segment.p_flags});
    }
  }
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section;
    std::memcpy(&section, elf.data() + header.e_shoff + i * sizeof section, sizeof section);
    if (section.sh_type != SHT_SYMTAB) {
      continue;
    }
    Elf64_Shdr names;
    std::memcpy(&names, elf.data() + header.e_shoff + section.sh_link * sizeof names, sizeof names);
    for (uint64_t s = 0; s < section.sh_size; s += sizeof(Elf64_Sym)) {
      Elf64_Sym symbol;
      std::memcpy(&symbol, elf.data() + section.sh_offset + s, sizeof symbol);
      if (std::strcmp(elf.data() + names.sh_offset + symbol.st_name, "program") == 0) {
        table = symbol.st_value;
      }
    }
  }
  return table != 0;
}

const char* find(const std::vector<Piece>& pieces, uint64_t address) {
  for (const Piece& piece : pieces) {
    if (address >= piece.address && address + sizeof(om_program) <= piece.address + piece.bytes.size()) {
      return piece.bytes.data() + (address - piece.address);
    }
  }
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace omega::runtime_image;
  std::vector<Piece> pieces;
  uint64_t table = 0;
  if (argc != 3 || !load_program(argv[1], pieces, table)) {
    std::fprintf(stderr, "usage: link PROGRAM.elf OUT (PROGRAM defines `program`)\n");
    return 2;
  }
  const char* contents = find(pieces, table);
  const uint64_t patch = address_of("om_program_table");
  if (contents == nullptr || patch == 0) {
    return 2;
  }
  const std::string filled(contents, sizeof(om_program));
  for (const Segment& s : segments()) {
    Piece piece{s.address, {reinterpret_cast<const char*>(s.bytes), s.file_size}, s.memory_size, s.flags};
    if (patch >= s.address && patch < s.address + s.file_size) {
      piece.bytes.replace(patch - s.address, filled.size(), filled);
    }
    pieces.push_back(piece);
  }
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_EXEC;
  header.e_machine = EM_X86_64;
  header.e_version = EV_CURRENT;
  header.e_entry = entry();
  header.e_phoff = sizeof header;
  header.e_ehsize = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = static_cast<uint16_t>(pieces.size() + 1);
  std::string file(4096, '\0');
  std::memcpy(file.data(), &header, sizeof header);
  Elf64_Phdr stack{};
  stack.p_type = PT_GNU_STACK;
  stack.p_flags = PF_R | PF_W;
  std::memcpy(file.data() + sizeof header, &stack, sizeof stack);
  for (size_t i = 0; i < pieces.size(); ++i) {
    file.resize((file.size() + 4095) / 4096 * 4096 + pieces[i].address % 4096);
    Elf64_Phdr segment{};
    segment.p_type = PT_LOAD;
    segment.p_flags = pieces[i].flags;
    segment.p_offset = file.size();
    segment.p_vaddr = segment.p_paddr = pieces[i].address;
    segment.p_filesz = pieces[i].bytes.size();
    segment.p_memsz = pieces[i].memory_size;
    segment.p_align = 4096;
    std::memcpy(file.data() + sizeof header + (i + 1) * sizeof segment, &segment, sizeof segment);
    file += pieces[i].bytes;
  }
  std::FILE* out = std::fopen(argv[2], "wb");
  const bool done = out != nullptr && std::fwrite(file.data(), 1, file.size(), out) == file.size();
  return out != nullptr && std::fclose(out) == 0 && done && chmod(argv[2], 0755) == 0 ? 0 : 3;
}
