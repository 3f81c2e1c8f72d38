// SPDX-License-Identifier: Apache-2.0
#include "test/random_programs/program_writer.h"

namespace omega::random_programs {

TypePool::TypePool(Random& random) {
  auto add = [&](Type type) {
    types.push_back(std::move(type));
    return static_cast<uint32_t>(types.size() - 1);
  };
  auto integer = [&](uint16_t bits, bool is_signed) {
    const uint32_t id = add({Shape::Integer, bits, is_signed, 0, 0, (is_signed ? "int" : "uint") + std::to_string(bits)});
    integers.push_back(id);
    scalars.push_back(id);
    return id;
  };
  boolean = add({Shape::Bool, 1, false, 0, 0, "bool"});
  int64 = integer(64, true);
  integer(static_cast<uint16_t>(8 * (1 + random.below(8))), random.chance(50));
  integer(static_cast<uint16_t>(8 * (1 + random.below(4))), random.chance(50));
  if (random.chance(50)) {
    const uint32_t limbs = random.below(4);
    integer(limbs == 0 ? 256 : limbs == 1 ? 128 : static_cast<uint16_t>(8 * (9 + random.below(24))), random.chance(50));
  }
  float64 = add({Shape::Float64, 64, true, 0, 0, "float64"});
  scalars.push_back(boolean);
  scalars.push_back(float64);
  if (random.chance(30)) {
    scalars.push_back(add({Shape::Float32, 32, true, 0, 0, "float32"}));
  }
  string = add({Shape::String, 0, false, 0, 0, "string"});
  for (const uint32_t element : scalars) {
    if (element == int64 || random.chance(50)) {
      arrays.push_back(add({Shape::Array, 0, false, element, 0, types[element].text + "[]"}));
    }
  }
  const uint32_t struct_count = random.below(3);
  for (uint32_t i = 0; i < struct_count; ++i) {
    StructType s;
    const uint32_t fields = 1 + random.below(4);
    for (uint32_t f = 0; f < fields; ++f) {
      s.fields.push_back(random.chance(20) ? string : scalars[random.below(static_cast<uint32_t>(scalars.size()))]);
    }
    structs.push_back(s);
    add({Shape::Struct, 0, false, 0, i, "S" + std::to_string(i)});
  }
  if (random.chance(40)) {
    enum_sizes.push_back(2 + random.below(4));
    add({Shape::Enum, 0, false, 0, 0, "E0"});
  }
}

uint32_t TypePool::array_of(uint32_t element) const {
  for (const uint32_t array : arrays) {
    if (types[array].element == element) {
      return array;
    }
  }
  return 0;
}

std::string TypePool::declarations() const {
  std::string out;
  for (size_t i = 0; i < structs.size(); ++i) {
    out += "struct S" + std::to_string(i) + " {\n";
    for (size_t f = 0; f < structs[i].fields.size(); ++f) {
      out += "  " + types[structs[i].fields[f]].text + " f" + std::to_string(f) + ";\n";
    }
    out += "}\n\n";
  }
  for (size_t i = 0; i < enum_sizes.size(); ++i) {
    out += "enum E" + std::to_string(i) + " { ";
    for (uint32_t m = 0; m < enum_sizes[i]; ++m) {
      out += (m != 0 ? ", M" : "M") + std::to_string(m);
    }
    out += " }\n\n";
  }
  return out;
}

}  // namespace omega::random_programs
