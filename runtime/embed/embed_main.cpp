// SPDX-License-Identifier: Apache-2.0
// Build step: turns the linked runtime image, source files, a chain's bitcode or LLVM's worker into a C++ file that holds them.
#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace {

bool read_all(const char* path, std::string& out) {
  std::FILE* file = std::fopen(path, "rb");
  if (file == nullptr) {
    std::fprintf(stderr, "cannot read %s\n", path);
    return false;
  }
  char buffer[65536];
  size_t n;
  do {
    n = std::fread(buffer, 1, sizeof buffer, file);
    out.append(buffer, n);
  } while (n == sizeof buffer);
  const bool is_whole = std::ferror(file) == 0;
  std::fclose(file);
  if (!is_whole) {
    std::fprintf(stderr, "cannot read %s\n", path);
  }
  return is_whole;
}

template <class T>
T at(const std::string& bytes, uint64_t offset) {
  T value{};
  if (offset + sizeof value <= bytes.size()) {
    std::memcpy(&value, bytes.data() + offset, sizeof value);
  }
  return value;
}

void write_bytes(std::FILE* out, const char* name, const std::string& bytes) {
  std::fprintf(out, "constexpr uint8_t %s[] = {", name);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::fprintf(out, "%s%u,", i % 32 == 0 ? "\n" : "", static_cast<unsigned char>(bytes[i]));
  }
  if (bytes.empty()) {
    std::fputs("0", out);
  }
  std::fputs("};\n", out);
}

std::vector<std::pair<std::string, uint64_t>> global_symbols(const std::string& elf, const Elf64_Ehdr& header) {
  std::vector<std::pair<std::string, uint64_t>> found;
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    const auto section = at<Elf64_Shdr>(elf, header.e_shoff + i * sizeof(Elf64_Shdr));
    if (section.sh_type != SHT_SYMTAB) {
      continue;
    }
    const auto names = at<Elf64_Shdr>(elf, header.e_shoff + section.sh_link * sizeof(Elf64_Shdr));
    for (uint64_t s = 0; s + sizeof(Elf64_Sym) <= section.sh_size; s += sizeof(Elf64_Sym)) {
      const auto symbol = at<Elf64_Sym>(elf, section.sh_offset + s);
      if (ELF64_ST_BIND(symbol.st_info) == STB_GLOBAL && symbol.st_shndx != SHN_UNDEF) {
        found.emplace_back(elf.data() + names.sh_offset + symbol.st_name, symbol.st_value);
      }
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool embed_image(const char* from, std::FILE* out) {
  std::string elf;
  if (!read_all(from, elf)) {
    return false;
  }
  const auto header = at<Elf64_Ehdr>(elf, 0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    std::fprintf(stderr, "%s is no ELF file\n", from);
    return false;
  }
  std::fputs("#include \"runtime/image.h\"\n#include <algorithm>\nnamespace omega::runtime_image {\nnamespace {\n", out);
  std::string table;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const auto segment = at<Elf64_Phdr>(elf, header.e_phoff + i * sizeof(Elf64_Phdr));
    if (segment.p_type != PT_LOAD) {
      continue;
    }
    const std::string name = "segment" + std::to_string(i);
    write_bytes(out, name.c_str(), elf.substr(segment.p_offset, segment.p_filesz));
    table += "  {" + std::to_string(segment.p_vaddr) + "u, " + name + ", " + std::to_string(segment.p_filesz) + "u, " + std::to_string(segment.p_memsz) +
             "u, " + std::to_string(segment.p_flags) + "u},\n";
  }
  std::fprintf(out, "constexpr Segment segment_table[] = {\n%s};\nconstexpr Symbol symbol_table[] = {\n", table.c_str());
  for (const auto& [name, address] : global_symbols(elf, header)) {
    std::fprintf(out, "  {\"%s\", %lluu},\n", name.c_str(), static_cast<unsigned long long>(address));
  }
  std::fprintf(out,
               "};\n}  // namespace\n"
               "std::span<const Segment> segments() { return segment_table; }\n"
               "std::span<const Symbol> symbols() { return symbol_table; }\n"
               "uint64_t address_of(std::string_view name) {\n"
               "  const auto* found = std::lower_bound(std::begin(symbol_table), std::end(symbol_table), name,\n"
               "                                       [](const Symbol& s, std::string_view n) { return s.name < n; });\n"
               "  return found != std::end(symbol_table) && found->name == name ? found->address : 0;\n"
               "}\n"
               "uint64_t entry() { return %lluu; }\n"
               "}  // namespace omega::runtime_image\n",
               static_cast<unsigned long long>(header.e_entry));
  return true;
}

bool embed_text(std::vector<std::string> paths, std::FILE* out) {
  std::sort(paths.begin(), paths.end());
  std::fputs("#include \"runtime/text.h\"\n#include <cstdint>\nnamespace omega::runtime_text {\nnamespace {\n", out);
  std::string table;
  for (size_t i = 0; i < paths.size(); ++i) {
    std::string text;
    if (!read_all(paths[i].c_str(), text)) {
      return false;
    }
    std::fprintf(out, "constexpr char file%zu[] = {", i);
    for (size_t k = 0; k < text.size(); ++k) {
      std::fprintf(out, "%s%d,", k % 32 == 0 ? "\n" : "", static_cast<signed char>(text[k]));
    }
    std::fputs("0};\n", out);
    table += "  {\"" + paths[i].substr(paths[i].rfind('/') + 1) + "\", {file" + std::to_string(i) + ", " + std::to_string(text.size()) + "}},\n";
  }
  std::fprintf(out,
               "constexpr File file_table[] = {\n%s};\n}  // namespace\n"
               "std::span<const File> files() { return file_table; }\n}  // namespace omega::runtime_text\n",
               table.c_str());
  return true;
}

/// Bytes that the function `name` of a namespace gives, as `header` declares it.
bool embed_bytes(const char* path, const std::string& header, const std::string& space, const std::string& name, std::FILE* out) {
  std::string bytes;
  if (!read_all(path, bytes)) {
    return false;
  }
  std::fprintf(out, "#include \"%s\"\nnamespace %s {\nnamespace {\n", header.c_str(), space.c_str());
  write_bytes(out, "bytes", bytes);
  std::fprintf(out, "}  // namespace\nstd::span<const uint8_t> %s() { return bytes; }\n}  // namespace %s\n", name.c_str(), space.c_str());
  return true;
}

std::string stem_of(const std::string& path) {
  const size_t name = path.rfind('/') + 1;
  return path.substr(name, path.rfind('.') - name);
}

bool embed(const std::string& what, char** paths, char** end, std::FILE* out) {
  if (what == "image") {
    return embed_image(paths[0], out);
  }
  if (what == "bitcode") {
    return embed_bytes(paths[0], "runtime/chain/bitcode.h", "omega::chain_runtime", stem_of(paths[0]), out);
  }
  if (what == "worker") {
    return embed_bytes(paths[0], "omega/codegen/llvm/worker/image.h", "omega::codegen::llvm", "worker_image", out);
  }
  return embed_text({paths, end}, out);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: embed image OUT ELF | embed text OUT FILE... | embed bitcode OUT CHAIN.bc | embed worker OUT PROGRAM\n");
    return 2;
  }
  std::FILE* out = std::fopen(argv[2], "wb");
  if (out == nullptr) {
    std::fprintf(stderr, "cannot write %s\n", argv[2]);
    return 3;
  }
  const bool done = embed(argv[1], argv + 3, argv + argc, out);
  return std::fclose(out) == 0 && done ? 0 : 3;
}
