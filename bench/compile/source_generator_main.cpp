// SPDX-License-Identifier: Apache-2.0
// Writes programs of one shape in Omega or C: functions of about 15 statements with arithmetic, conditions, loops and calls.
// Names and constants vary from function to function, so that no predictor learns one function by heart.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

/// xorshift64*: the same program for the same seed everywhere.
struct Random {
  uint64_t state;
  uint32_t below(uint32_t bound) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return static_cast<uint32_t>((state * 0x2545f4914f6cdd1du) >> 33) % bound;
  }
};

enum class Language { Omega, C };

const char* const nouns[] = {"count", "total", "index", "limit", "value", "price", "width", "level",
                             "score", "depth", "rate",  "size",  "left",  "right", "mass",  "speed"};

class Generator {
 public:
  Generator(Language language, uint64_t seed) : language_(language), random_{seed * 0x9e3779b97f4a7c15u + 1} {}

  /// Appends function `number` of file `file`, which may call those before it in the file.
  void function(std::string& out, uint32_t file, uint32_t number) {
    const bool omega = language_ == Language::Omega;
    const char* type = omega ? "int64" : "long";
    char line[256];
    auto put = [&](const char* format, auto... args) {
      if constexpr (sizeof...(args) == 0) {
        out += format;
      } else {
        std::snprintf(line, sizeof line, format, args...);
        out += line;
      }
    };
    std::string names[6];
    for (uint32_t i = 0; i < 6; ++i) {
      names[i] = std::string(nouns[random_.below(16)]) + "_" + std::to_string(i) + std::to_string(random_.below(10));
    }
    auto name = [&](uint32_t i) { return names[i].c_str(); };
    if (omega) {
      put("function compute_%u_%u(int64 first, int64 second) returns (int64) {\n", file, number);
    } else {
      put("long compute_%u_%u(long first, long second) {\n", file, number);
    }
    put("    %s %s = first + %u;\n", type, name(0), random_.below(1000));
    put("    %s %s = %s * %u - second;\n", type, name(1), name(0), random_.below(90) + 2);
    put("    %s %s = (%s + %s) / %u;\n", type, name(2), name(0), name(1), random_.below(90) + 3);
    put("    %s %s = 0;\n", type, name(3));
    put("    if (%s > %s) {\n", name(1), name(2));
    put("        %s = %s - first;\n", name(3), name(1));
    put("    } else {\n");
    put("        %s = %s + %u;\n", name(3), name(2), random_.below(500));
    put("    }\n");
    put("    %s %s = 1;\n", type, name(4));
    put("    while (%s < %u) {\n", name(4), random_.below(20) + 4);
    put("        %s = %s * 2 + %s %% 7;\n", name(4), name(4), name(3));
    put("        if (%s == %u) {\n", name(4), random_.below(50));
    put("            break;\n        }\n");
    put("    }\n");
    if (number > 0) {
      put("    %s %s = compute_%u_%u(%s %% 64, %u);\n", type, name(5), file, number - 1 - random_.below(number < 8 ? number : 8), name(2), random_.below(50));
    } else {
      put("    %s %s = second %% 13;\n", type, name(5));
    }
    put("    return (%s + %s) %% 1000 + %s;\n", name(3), name(4), name(5));
    put("}\n\n");
    lines += 20;
  }

  uint64_t lines = 0;

 private:
  Language language_;
  Random random_;
};

int usage() {
  std::fputs(
      "usage: source_generator omega|c LINES FILES PREFIX\n"
      "Writes FILES files PREFIX0.EXT … (one file: PREFIX.EXT) with about LINES lines in all; the first holds main.\n",
      stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    return usage();
  }
  const bool omega = std::strcmp(argv[1], "omega") == 0;
  if (!omega && std::strcmp(argv[1], "c") != 0) {
    return usage();
  }
  const uint64_t wanted = std::strtoull(argv[2], nullptr, 10);
  const auto files = static_cast<uint32_t>(std::strtoul(argv[3], nullptr, 10));
  if (wanted == 0 || files == 0) {
    return usage();
  }
  Generator generator(omega ? Language::Omega : Language::C, 42);
  const std::string prefix = argv[4];
  const char* extension = omega ? ".omega" : ".c";
  for (uint32_t file = 0; file < files; ++file) {
    std::string text;
    text.reserve(wanted / files * 34 + 4096);
    if (file == 0) {
      for (uint32_t other = 1; other < files; ++other) {
        const std::string stem = prefix.substr(prefix.rfind('/') + 1) + std::to_string(other);
        text += omega ? "import \"./" + stem + ".omega\";\n" : "long compute_" + std::to_string(other) + "_0(long first, long second);\n";
      }
      if (!omega) {
        text += "int printf(const char *format, ...);\n";
      }
    }
    const uint64_t goal = wanted * (file + 1) / files;
    uint32_t number = 0;
    while (generator.lines < goal) {
      generator.function(text, file, number++);
    }
    if (file == 0) {
      const std::string last = "compute_0_" + std::to_string(number - 1) + "(3, 4)";
      std::string sum = last;
      for (uint32_t other = 1; other < files; ++other) {
        sum += " + compute_" + std::to_string(other) + "_0(5, 6)";
      }
      text +=
          omega ? "function main() {\n    printf(\"%d\\n\", " + sum + ");\n}\n" : "int main(void) {\n    printf(\"%ld\\n\", " + sum + ");\n    return 0;\n}\n";
    }
    const std::string path = prefix + (files == 1 ? "" : std::to_string(file)) + extension;
    std::FILE* out = std::fopen(path.c_str(), "w");
    if (out == nullptr || std::fwrite(text.data(), 1, text.size(), out) != text.size() || std::fclose(out) != 0) {
      std::perror(path.c_str());
      return 3;
    }
  }
  return 0;
}
