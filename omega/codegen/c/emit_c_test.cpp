// SPDX-License-Identifier: Apache-2.0
// C output compiled with gcc, clang and tcc, without a warning, does what the interpreter does.
#include "omega/codegen/c/emit_c.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "omega/interp/run_program.h"
#include "omega/ir/builder.h"
#include "omega/ir/text.h"
#include "omega/ir/verify.h"

namespace omega::codegen::c {
namespace {

namespace fs = std::filesystem;

struct Compiler {
  const char* name;
  const char* command;
};
constexpr Compiler compilers[] = {{"gcc", "gcc -std=c11 -O1 -ffp-contract=off -Wall -Wextra -Werror -pthread"},
                                  {"clang", "clang-19 -std=c11 -O1 -ffp-contract=off -Wall -Wextra -Werror -pthread"},
                                  {"tcc", "tcc -Wall -Werror -pthread"}};

bool is_installed(const Compiler& compiler) {
  const std::string command(compiler.command);
  return std::system(("command -v " + command.substr(0, command.find(' ')) + " >/dev/null 2>&1").c_str()) == 0;
}

/// Runs a command; its output and exit code.
std::pair<std::string, int> shell(const std::string& command) {
  std::string output;
  FILE* pipe = popen(("(" + command + ") 2>&1").c_str(), "r");
  char bytes[4096];
  while (const size_t size = fread(bytes, 1, sizeof bytes, pipe)) {
    output.append(bytes, size);
  }
  return {output, WEXITSTATUS(pclose(pipe))};
}

class CProgram : public testing::TestWithParam<Compiler> {
 protected:
  static void SetUpTestSuite() {
    folder = fs::temp_directory_path() / ("omega_c_test_" + std::to_string(getpid()));
    fs::create_directories(folder);
  }
  static void TearDownTestSuite() { fs::remove_all(folder); }

  void SetUp() override {
    if (!is_installed(GetParam())) {
      GTEST_SKIP() << GetParam().name << " is not installed";
    }
    runtime_ = folder / (std::string("runtime_") + GetParam().name);
    if (fs::exists(runtime_)) {
      return;
    }
    fs::create_directories(runtime_);
    write(runtime_, runtime_files());
    const auto [output, code] = shell("cd " + runtime_.string() + " && ls *.c | xargs -P 4 -n 4 " + GetParam().command + " -O0 -c");
    ASSERT_EQ(code, 0) << output;
    EXPECT_EQ(output, "");
  }

  static void write(const fs::path& where, const std::vector<File>& files) {
    for (const File& file : files) {
      std::ofstream(where / file.name, std::ios::binary) << file.text;
    }
  }

  /// Compiles and runs the module here and interprets it: everything must be the same.
  void expect_same(const ir::Module& module) {
    ASSERT_EQ(ir::verify(module), "");
    const interp::Outcome expected = interp::run_in_child(module, {});
    const fs::path place = folder / ("program" + std::to_string(next_program++));
    fs::create_directories(place);
    const Program program(module, {});
    std::vector<File> files = {program.header(), program.main_file()};
    for (ir::FunctionId id = 0; id < module.functions.size(); ++id) {
      files.push_back(program.function(id));
    }
    write(place, files);
    const std::string prefix = "cd " + place.string() + " && ";
    const auto [messages, built] = shell(prefix + GetParam().command + " -I" + runtime_.string() + " *.c " + runtime_.string() + "/*.o -o program");
    ASSERT_EQ(built, 0) << messages << files.back().text;
    EXPECT_EQ(messages, "");
    const auto [output, code] = shell(prefix + "./program 2>errors </dev/null");
    EXPECT_EQ(output, expected.output) << ir::print(module);
    EXPECT_EQ(code, expected.exit_code) << ir::print(module);
    std::ifstream errors(place / "errors");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(errors), {}), expected.errors);
    fs::remove_all(place);
  }

  void expect_same_text(std::string_view text) {
    const auto module = ir::parse_text(text);
    ASSERT_TRUE(module.has_value()) << module.error().message;
    expect_same(*module);
  }

  fs::path runtime_;
  inline static fs::path folder;
  inline static int next_program = 0;
};

constexpr ir::Type types[] = {ir::Type::U8,  ir::Type::S8,  ir::unsigned_type(24), ir::signed_type(40),    ir::Type::S32,  ir::Type::U32,  ir::Type::S64,
                              ir::Type::U64, ir::Type::F64, ir::Type::F32,         ir::unsigned_type(128), ir::Type::S256, ir::Type::U256, ir::signed_type(72)};

/// Makes functions of straight arithmetic on random constants of many types; prints every value.
class ArithmeticWriter {
 public:
  explicit ArithmeticWriter(uint32_t seed) : random_(seed) {}

  ir::Module write(uint32_t functions, bool checked) {
    ir::Module module;
    for (uint32_t i = 0; i < functions; ++i) {
      const std::string name = "part" + std::to_string(i);
      builder_.begin(name, base::FileId{}, 0, {}, {});
      values_.clear();
      for (const ir::Type type : types) {
        values_.push_back(slot_of(constant(type), type));
        values_.push_back(slot_of(constant(type), type));
      }
      for (int k = 0; k < 60; ++k) {
        step(checked);
      }
      builder_.ret();
      module.functions.push_back(builder_.finish());
    }
    const ir::Type closure_params[] = {ir::Type::Ref, ir::Type::Ref};
    for (uint32_t i = 0; i < functions; ++i) {
      // Each part runs under `try`, so that a panic ends only that part; its text is printed.
      builder_.begin("try" + std::to_string(i), base::FileId{}, 0, closure_params, {});
      builder_.call(i, ir::Type::Void, {});
      builder_.ret();
      module.functions.push_back(builder_.finish());
    }
    builder_.begin("main", base::FileId{}, 0, {}, {});
    for (uint32_t i = 0; i < functions; ++i) {
      const ir::ValueId error = builder_.call_runtime(ir::RuntimeFunctionId::Try, {builder_.function_ref(functions + i), builder_.const_null()});
      builder_.call_runtime(ir::RuntimeFunctionId::OutStr, {error});
      builder_.call_runtime(ir::RuntimeFunctionId::OutStr, {builder_.const_string("\n")});
    }
    builder_.ret();
    module.functions.push_back(builder_.finish());
    module.entry = static_cast<ir::FunctionId>(module.functions.size() - 1);
    return module;
  }

 private:
  ir::ValueId slot_of(ir::ValueId value, ir::Type type) {
    // Through a slot, so that C compilers do not see through everything.
    const ir::SlotId slot = builder_.add_slot(type);
    builder_.set(slot, value);
    return builder_.get(slot);
  }

  int64_t below(uint32_t limit) { return static_cast<int64_t>(random_() % limit); }

  ir::ValueId constant(ir::Type type) {
    const uint64_t bits = uint64_t{random_()} << 32 | random_();
    if (type == ir::Type::F64) {
      constexpr double some[] = {0.0, -0.0, 1.5, -2.25, 1e300, -1e-300, 3e9, 0.1, 1e18, -7.0};
      return builder_.const_f64(random_() % 3 == 0 ? some[random_() % 10] : static_cast<double>(static_cast<int64_t>(bits)) / 65536);
    }
    if (type == ir::Type::F32) {
      return builder_.const_f32(static_cast<float>(static_cast<int32_t>(bits)) / 256);
    }
    const uint32_t width = ir::bit_width(type);
    if (!ir::is_wide(type)) {
      uint64_t value = random_() % 2 == 0 ? bits >> (random_() % 64) : random_() % 2 == 0 ? 0 : ~uint64_t{0} >> (random_() % 8);
      if (random_() % 4 == 0) {
        value = random_() % 4;
      }
      const uint32_t shift = 64 - width;
      value <<= shift;
      return builder_.const_int(type, ir::is_signed(type) ? static_cast<int64_t>(value) >> shift : static_cast<int64_t>(value >> shift));
    }
    const ir::ValueId small = builder_.const_int(ir::is_signed(type) ? ir::Type::S64 : ir::Type::U64, static_cast<int64_t>(bits >> (random_() % 64)));
    const ir::ValueId wide = builder_.cast(type, small);
    return builder_.binary(ir::Op::Shl, type, wide, builder_.const_int(ir::Type::U64, below(width)));
  }

  void print(ir::ValueId value) {
    using enum ir::RuntimeFunctionId;
    const ir::Type type = builder_.type_of(value);
    if (type == ir::Type::F64) {
      builder_.call_runtime(OutF64, {value});
    } else if (type == ir::Type::F32) {
      builder_.call_runtime(OutF32, {value});
    } else if (ir::is_wide(type)) {
      const ir::Type full = ir::is_signed(type) ? ir::Type::S256 : ir::Type::U256;
      const ir::ValueId place = builder_.emit(ir::Op::StackObject, ir::Type::Ref, 32);
      builder_.store(place, 0, type == full ? value : builder_.cast(full, value));
      const ir::ValueId kind = builder_.const_int(ir::Type::U32, 256 | (ir::is_signed(type) ? 0x10000 : 0));
      builder_.call_runtime(OutWide, {place, kind});
    } else if (ir::is_signed(type)) {
      builder_.call_runtime(OutI64, {builder_.cast(ir::Type::S64, value)});
    } else {
      builder_.call_runtime(OutU64, {builder_.cast(ir::Type::U64, value)});
    }
    builder_.call_runtime(OutStr, {builder_.const_string(" ")});
  }

  void step(bool checked) {
    using ir::Op;
    const ir::ValueId a = values_[random_() % values_.size()];
    const ir::Type type = builder_.type_of(a);
    ir::ValueId b = a;
    for (int tries = 0; tries < 200 && (b == a || builder_.type_of(b) != type); ++tries) {
      b = values_[random_() % values_.size()];
    }
    if (builder_.type_of(b) != type) {
      b = a;
    }
    const uint8_t flags = checked && random_() % 8 == 0 ? ir::kChecked : 0;
    const bool is_float = ir::is_float(type);
    ir::ValueId result;
    constexpr Op integer_ops[] = {Op::Add, Op::Sub, Op::Mul, Op::Min, Op::Max, Op::And, Op::Or, Op::Xor, Op::Add, Op::Sub};
    constexpr Op float_ops[] = {Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Min, Op::Max, Op::Mod};
    constexpr Op comparisons[] = {Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge};
    switch (random_() % 8) {
      case 0: {
        const ir::ValueId condition = builder_.compare(comparisons[random_() % 6], a, b);
        result = builder_.select(type, condition, a, b);
        break;
      }
      case 1:
        if (is_float) {
          constexpr Op ops[] = {Op::Neg, Op::Abs, Op::Sqrt};
          result = builder_.unary(ops[random_() % 3], type, a);
        } else {
          constexpr Op ops[] = {Op::Neg, Op::Abs, Op::Not};
          const Op op = ops[random_() % 3];
          result = builder_.unary(op, type, a, op == Op::Not ? 0 : flags);
        }
        break;
      case 2:
        if (!is_float) {
          const Op op = random_() % 2 == 0 ? Op::Shl : Op::Shr;
          const ir::ValueId by = random_() % 2 == 0 ? builder_.const_int(ir::Type::U8, below(255)) : builder_.const_int(ir::Type::S64, below(70));
          result = builder_.binary(op, type, a, by);
          break;
        }
        [[fallthrough]];
      case 3: {
        const ir::Type to = types[random_() % std::size(types)];
        result = is_float && ir::is_integer(to) && !checked ? a : builder_.cast(to, a, is_float ? 0 : flags);
        break;
      }
      case 4:
        if (!is_float) {
          // A divisor that is never zero.
          const ir::ValueId divisor = builder_.binary(Op::Or, type, b, builder_.cast(type, builder_.const_int(ir::Type::U8, 1)));
          result = builder_.binary(random_() % 2 == 0 ? Op::Div : Op::Mod, type, a, divisor, flags);
          break;
        }
        [[fallthrough]];
      case 5:
        if (!is_float && random_() % 2 == 0) {
          result = builder_.binary(Op::Pow, type, a, builder_.const_int(ir::Type::U64, below(9)), flags);
          break;
        }
        [[fallthrough]];
      default: {
        const Op op = is_float ? float_ops[random_() % 7] : integer_ops[random_() % 10];
        result = builder_.binary(op, type, a, b, is_float ? 0 : flags);
        break;
      }
    }
    print(result);
    values_.push_back(slot_of(result, builder_.type_of(result)));
  }

  std::mt19937 random_;
  ir::FunctionBuilder builder_;
  std::vector<ir::ValueId> values_;
};

TEST_P(CProgram, RandomArithmeticIsTheInterpreters) {
  for (uint32_t seed = 1; seed <= 2; ++seed) {
    expect_same(ArithmeticWriter(seed).write(5, seed % 2 == 0));
  }
}

constexpr std::string_view features = R"ir(
function "sum(ref)"(ref, s64) -> (s64, u256) {
b0:
  %c = param ref 0
  %x = param s64 1
  %y = load s64 %c, 8
  %w = load u256 %c, 16
  %z = add checked s64 %x, %y
  ret (%z, %w)
}
function "f.loop0"(s64, s64, ref, ref, ref) -> () {
  slot i: s64
b0:
  %lo = param s64 0
  %hi = param s64 1
  %env = param ref 2
  %acc = param ref 3
  %at = param ref 4
  set i, %lo
  br head
head:
  %i = get s64 i
  %more = lt u1 %i, %hi
  condbr %more, inner, exit
inner:
  %array = load ref %env, 0
  check.index %i, %array
  %old = element.get u16 %array, %i
  %k = cast u16 %i
  %sum = add u16 %old, %k
  element.set %array, %i, %sum
  %s = load s64 %acc, 0
  %t = add checked s64 %s, %i
  store %acc, 0, %t
  %counter = load ref %env, 8
  %one8 = const u8 1
  atomic %counter, %one8, Add
  %wide = field ref %counter, 16
  %i2 = cast u128 %i
  atomic %wide, %i2, Max
  %step = const s64 1
  %n = add s64 %i, %step
  set i, %n
  br head
exit:
  ret
}
function "f.combine0"(ref, ref) -> () {
b0:
  %a = param ref 0
  %b = param ref 1
  %x = load s64 %a, 0
  %y = load s64 %b, 0
  %z = add s64 %x, %y
  store %a, 0, %z
  ret
}
function "less"(ref, ref, ref) -> (s32) {
b0:
  %c = param ref 0
  %x = param ref 1
  %y = param ref 2
  %a = load u16 %x, 0
  %b = load u16 %y, 0
  %l = gt u1 %a, %b
  %r = cast s32 %l
  ret (%r)
}
function "main"() -> (s64) {
  slot i: s64
b0:
  %ten = const s64 10
  %big = const.wide u256 0x123456789abcdef0123456789abcdef
  %k = closure ref "sum(ref)"(%ten, %big)
  %five = const s64 5
  %r = call.closure s64 %k(%five)
  %w = result u256 %r, 1
  call.runtime OutI64(%r)
  %place = stack ref 32
  store %place, 0, %w
  %t = const u32 256
  call.runtime OutWide(%place, %t)
  %nl = const.string ref "\n\"quoted\" \x00?\xff%d\\"
  call.runtime OutStr(%nl)
  %lo = const s64 0
  %hi = const s64 1000
  %array = array.new norefs ref %hi, 2
  %counter = new norefs ref 40
  %env = stack ref 16
  store %env, 0, %array
  store %env, 8, %counter
  %acc = stack ref 8
  %zero = stack ref 8
  store %acc, 0, %ten
  parallel.for %lo, %hi threads %five body "f.loop0" env %env combine "f.combine0" acc %acc size 8 neutral %zero cost 0 auto 0 quiet 1 at 0
  %total = load s64 %acc, 0
  call.runtime OutI64(%total)
  %c = load u8 %counter, 0
  %cw = cast s64 %c
  call.runtime OutI64(%cw)
  %m = load u128 %counter, 16
  %mw = cast s64 %m
  call.runtime OutI64(%mw)
  %less = function ref "less"
  call.runtime ArraySortBy(%array, %less)
  %e = element.get u16 %array, %lo
  %ew = cast s64 %e
  call.runtime OutI64(%ew)
  br swap(%lo, %five, %ten)
swap:
  %x = arg s64 0
  %y = arg s64 1
  %left = arg s64 2
  %one = const s64 1
  %next = sub s64 %left, %one
  set i, %next
  %done = lt u1 %next, %lo
  condbr %done, after, swap(%y, %x, %next)
after:
  call.runtime OutI64(%x)
  %gi = get s64 i
  call.runtime OutI64(%gi)
  %null = const ref 0
  %l = array.length s64 %null
  %cond = eq u1 %l, %lo
  check %cond, %nl, Require
  check.index %hi, %array
  ret (%five)
dead:
  unreachable
}
entry "main"
)ir";

TEST_P(CProgram, EveryKindOfOperation) { expect_same_text(features); }

TEST_P(CProgram, PanicsAndExitCodes) {
  auto main_of = [](std::string_view body) { return "function \"main\"() -> (s64) {\nb0:\n %v = const s64 7\n" + std::string(body) + "}\nentry \"main\"\n"; };
  expect_same_text(main_of(" ret (%v)\n"));
  expect_same_text(main_of(" %c = cast s32 %v\n call.runtime Exit(%c)\n ret (%v)\n"));
  expect_same_text(main_of(" panic Unreachable, _\n"));
  expect_same_text(main_of(" %m = const.string ref \"why\"\n panic Require, %m\n"));
  expect_same_text(main_of(" %n = const ref 0\n call.closure %n(%v)\n ret (%v)\n"));
  expect_same_text(main_of(" %n = const s64 -1\n %a = array.new ref %n, 8\n ret (%v)\n"));
  expect_same_text(main_of(" %n = const u64 18446744073709551615\n check.bound %n, 4\n ret (%v)\n"));
}

TEST(CEmit, FunctionsAreNamedForPeople) {
  const auto module = ir::parse_text("function \"f(int64,string)\"() -> () {\nb:\n ret\n}\nfunction \"f(int64;string)\"() -> () {\nb:\n ret\n}\n");
  ASSERT_TRUE(module.has_value());
  const Program program(*module, {});
  EXPECT_EQ(program.function(0).name, "o_f_int64_string.c");
  EXPECT_EQ(program.function(1).name, "o_f_int64_string__1.c");
}

INSTANTIATE_TEST_SUITE_P(Compilers, CProgram, testing::ValuesIn(compilers), [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace omega::codegen::c
