// SPDX-License-Identifier: Apache-2.0
// Every form of the encoder, with all registers, widths and displacements, against objdump's decoder.
#include "omega/codegen/native/encoder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace omega::codegen::native {
namespace {

const char* const names64[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"};
const char* const names32[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d", "r9d", "r10d", "r11d", "r12d", "r13d", "r14d", "r15d"};
const char* const names16[] = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "r8w", "r9w", "r10w", "r11w", "r12w", "r13w", "r14w", "r15w"};
const char* const names8[] = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", "r8b", "r9b", "r10b", "r11b", "r12b", "r13b", "r14b", "r15b"};
const char* const condition_names[] = {"o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"};

constexpr Width widths[] = {Width::w8, Width::w16, Width::w32, Width::w64};

std::string name(Width w, Gpr r) {
  const char* const* names = w == Width::w8 ? names8 : w == Width::w16 ? names16 : w == Width::w32 ? names32 : names64;
  return names[number(r)];
}
std::string name(Xmm r) { return "xmm" + std::to_string(number(r)); }
std::string hex(uint64_t v) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%lx", static_cast<unsigned long>(v));
  return text;
}
std::string immediate(Width w, int64_t v) {
  const uint64_t mask = w == Width::w64 ? UINT64_MAX : (uint64_t{1} << static_cast<uint32_t>(w)) - 1;
  return hex(static_cast<uint64_t>(v) & mask);
}

std::string address(const Mem& m) {
  std::string text;
  if (m.base == Gpr::none && m.index == Gpr::none) {
    return "ds:" + hex(static_cast<uint64_t>(static_cast<int64_t>(m.displacement)));
  }
  if (m.base != Gpr::none) {
    text += names64[number(m.base)];
  }
  if (m.index != Gpr::none) {
    text += std::string(text.empty() ? "" : "+") + names64[number(m.index)] + "*" + std::to_string(1 << m.scale);
  }
  // A displacement of zero is shown where its byte has to be there.
  const bool shows_zero = m.base == Gpr::rbp || m.base == Gpr::r13 || m.base == Gpr::none;
  if (m.displacement > 0 || (m.displacement == 0 && shows_zero)) {
    text += "+" + hex(static_cast<uint64_t>(m.displacement));
  } else if (m.displacement < 0) {
    text += "-" + hex(static_cast<uint64_t>(-static_cast<int64_t>(m.displacement)));
  }
  return "[" + text + "]";
}
std::string pointer(Width w, const Mem& m) {
  const char* size = w == Width::w8 ? "BYTE" : w == Width::w16 ? "WORD" : w == Width::w32 ? "DWORD" : "QWORD";
  return std::string(size) + " PTR " + address(m);
}

std::vector<Gpr> all_registers() {
  std::vector<Gpr> all;
  for (uint32_t r = 0; r < 16; ++r) {
    all.push_back(static_cast<Gpr>(r));
  }
  return all;
}

std::vector<Mem> addresses() {
  std::vector<Mem> all;
  for (const Gpr base : all_registers()) {
    for (const int32_t d : {0, 8, -128, 127, 128, -129, 0x12345}) {
      all.push_back({base, Gpr::none, 0, d});
    }
    for (const Gpr index : {Gpr::rax, Gpr::rbp, Gpr::r12, Gpr::r13, Gpr::r15}) {
      all.push_back({base, index, static_cast<uint8_t>(number(base) & 3), number(base) % 3 == 0 ? 0 : number(base) % 3 == 1 ? -4 : 0x1000});
    }
  }
  all.push_back({Gpr::none, Gpr::none, 0, 0x1234567});
  all.push_back({Gpr::none, Gpr::rcx, 3, 0x1234567});
  return all;
}

/// Collects instructions with what objdump should say, then compares.
class Listing {
 public:
  Listing() : code_(size_t{1} << 22) { e.set_at(code_.data()); }

  Encoder e;

  void expect(std::string text) { expected_.push_back(std::move(text)); }

  void check() {
    char path[] = "/tmp/omega_encoder_XXXXXX";
    const int fd = mkstemp(path);
    ASSERT_GE(fd, 0);
    const auto size = static_cast<size_t>(e.at() - code_.data());
    ASSERT_EQ(write(fd, code_.data(), size), static_cast<ssize_t>(size));
    close(fd);
    FILE* pipe = popen((std::string("objdump -D -b binary -m i386:x86-64 -M intel -w --no-show-raw-insn ") + path).c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    size_t at = 0;
    std::array<char, 512> line;
    while (std::fgets(line.data(), line.size(), pipe) != nullptr) {
      const std::string text = line.data();
      const size_t tab = text.find(":\t");
      if (tab == std::string::npos) {
        continue;
      }
      std::string shown;
      for (const char c : text.substr(tab + 2)) {
        if (c == '#' || c == '\n') {
          break;
        }
        if (c != ' ' || (!shown.empty() && shown.back() != ' ')) {
          shown += c;
        }
      }
      while (!shown.empty() && shown.back() == ' ') {
        shown.pop_back();
      }
      ASSERT_LT(at, expected_.size()) << shown;
      ASSERT_EQ(shown, expected_[at]) << "instruction " << at;
      ++at;
    }
    pclose(pipe);
    unlink(path);
    EXPECT_EQ(at, expected_.size());
    EXPECT_GT(at, 0u);
  }

 private:
  std::vector<uint8_t> code_;
  std::vector<std::string> expected_;
};

TEST(Encoder, Moves) {
  Listing l;
  for (const Gpr a : all_registers()) {
    for (const Gpr b : all_registers()) {
      l.e.mov(Width::w64, a, b), l.expect("mov " + name(Width::w64, a) + "," + name(Width::w64, b));
      l.e.mov(Width::w32, a, b), l.expect("mov " + name(Width::w32, a) + "," + name(Width::w32, b));
      l.e.extend(false, Width::w8, a, b), l.expect("movzx " + name(Width::w32, a) + "," + name(Width::w8, b));
      l.e.extend(true, Width::w8, a, b), l.expect("movsx " + name(Width::w64, a) + "," + name(Width::w8, b));
      l.e.extend(false, Width::w16, a, b), l.expect("movzx " + name(Width::w32, a) + "," + name(Width::w16, b));
      l.e.extend(true, Width::w16, a, b), l.expect("movsx " + name(Width::w64, a) + "," + name(Width::w16, b));
      l.e.extend(true, Width::w32, a, b), l.expect("movsxd " + name(Width::w64, a) + "," + name(Width::w32, b));
      if (a != Gpr::rax && b != Gpr::rax) {
        l.e.xchg(a, b), l.expect("xchg " + name(Width::w64, b) + "," + name(Width::w64, a));
      }
    }
    l.e.push(a), l.expect("push " + name(Width::w64, a));
    l.e.pop(a), l.expect("pop " + name(Width::w64, a));
    l.e.zero(a), l.expect("xor " + name(Width::w32, a) + "," + name(Width::w32, a));
    l.e.mov_imm(a, 0x12345678), l.expect("mov " + name(Width::w32, a) + ",0x12345678");
    l.e.mov_imm(a, 0xffffffff), l.expect("mov " + name(Width::w32, a) + ",0xffffffff");
    l.e.mov_imm(a, static_cast<uint64_t>(-5)), l.expect("mov " + name(Width::w64, a) + ",0xfffffffffffffffb");
    l.e.mov_imm(a, 0x123456789abcdef0), l.expect("movabs " + name(Width::w64, a) + ",0x123456789abcdef0");
  }
  l.e.push_imm(5), l.expect("push 0x5");
  l.e.push_imm(-129), l.expect("push 0xffffffffffffff7f");
  l.check();
}

TEST(Encoder, Memory) {
  Listing l;
  for (const Mem& m : addresses()) {
    for (const Gpr r : {Gpr::rax, Gpr::rsp, Gpr::rdi, Gpr::r8, Gpr::r13}) {
      l.e.load(Width::w64, r, m), l.expect("mov " + name(Width::w64, r) + "," + pointer(Width::w64, m));
      l.e.load(Width::w32, r, m), l.expect("mov " + name(Width::w32, r) + "," + pointer(Width::w32, m));
      for (const Width w : widths) {
        l.e.store(w, m, r), l.expect("mov " + pointer(w, m) + "," + name(w, r));
      }
      l.e.lea(r, m), l.expect("lea " + name(Width::w64, r) + "," + address(m));
      l.e.load_extend(false, Width::w8, r, m), l.expect("movzx " + name(Width::w32, r) + "," + pointer(Width::w8, m));
      l.e.load_extend(true, Width::w8, r, m), l.expect("movsx " + name(Width::w64, r) + "," + pointer(Width::w8, m));
      l.e.load_extend(false, Width::w16, r, m), l.expect("movzx " + name(Width::w32, r) + "," + pointer(Width::w16, m));
      l.e.load_extend(true, Width::w16, r, m), l.expect("movsx " + name(Width::w64, r) + "," + pointer(Width::w16, m));
      l.e.load_extend(true, Width::w32, r, m), l.expect("movsxd " + name(Width::w64, r) + "," + pointer(Width::w32, m));
      l.e.cmov(Condition::less, r, m), l.expect("cmovl " + name(Width::w64, r) + "," + pointer(Width::w64, m));
      l.e.imul(Width::w64, r, m), l.expect("imul " + name(Width::w64, r) + "," + pointer(Width::w64, m));
      for (const Width w : widths) {
        l.e.lock_cmpxchg(w, m, r), l.expect("lock cmpxchg " + pointer(w, m) + "," + name(w, r));
        l.e.lock_alu(Alu::add, w, m, r), l.expect("lock add " + pointer(w, m) + "," + name(w, r));
        l.e.alu(Alu::sub, w, r, m), l.expect("sub " + name(w, r) + "," + pointer(w, m));
        l.e.alu(Alu::cmp, w, m, r), l.expect("cmp " + pointer(w, m) + "," + name(w, r));
      }
    }
    for (const Width w : widths) {
      l.e.store_imm(w, m, 0x12), l.expect("mov " + pointer(w, m) + ",0x12");
      l.e.store_imm(w, m, -2), l.expect("mov " + pointer(w, m) + "," + immediate(w, -2));
      l.e.alu_imm(Alu::cmp, w, m, 5), l.expect("cmp " + pointer(w, m) + ",0x5");
      if (w != Width::w8) {
        l.e.alu_imm(Alu::add, w, m, 0x1234), l.expect("add " + pointer(w, m) + ",0x1234");
      }
      l.e.unary(Unary::mul, w, m), l.expect("mul " + pointer(w, m));
    }
    l.e.push(m), l.expect("push " + pointer(Width::w64, m));
    l.e.call(m), l.expect("call " + pointer(Width::w64, m));
    for (const Xmm x : {Xmm::xmm0, Xmm::xmm7, Xmm::xmm8, Xmm::xmm15}) {
      l.e.fload(true, x, m), l.expect("movsd " + name(x) + "," + pointer(Width::w64, m));
      l.e.fload(false, x, m), l.expect("movss " + name(x) + "," + pointer(Width::w32, m));
      l.e.fstore(true, m, x), l.expect("movsd " + pointer(Width::w64, m) + "," + name(x));
      l.e.fstore(false, m, x), l.expect("movss " + pointer(Width::w32, m) + "," + name(x));
      l.e.fp(Fp::add, true, x, m), l.expect("addsd " + name(x) + "," + pointer(Width::w64, m));
      l.e.fp(Fp::div, false, x, m), l.expect("divss " + name(x) + "," + pointer(Width::w32, m));
      l.e.ucomi(true, x, m), l.expect("ucomisd " + name(x) + "," + pointer(Width::w64, m));
      l.e.ucomi(false, x, m), l.expect("ucomiss " + name(x) + "," + pointer(Width::w32, m));
      l.e.load16(x, m), l.expect("movups " + name(x) + ",XMMWORD PTR " + address(m));
      l.e.store16(m, x), l.expect("movups XMMWORD PTR " + address(m) + "," + name(x));
    }
  }
  l.check();
}

TEST(Encoder, Arithmetic) {
  Listing l;
  const char* const alu_names[] = {"add", "or", "adc", "sbb", "and", "sub", "xor", "cmp"};
  const char* const shift_names[] = {"rol", "ror", "", "", "shl", "shr", "", "sar"};
  const char* const unary_names[] = {"", "", "not", "neg", "mul", "imul", "div", "idiv"};
  for (const Gpr a : all_registers()) {
    for (const Width w : widths) {
      for (uint32_t op = 0; op < 8; ++op) {
        for (const Gpr b : all_registers()) {
          l.e.alu(static_cast<Alu>(op), w, a, b), l.expect(std::string(alu_names[op]) + " " + name(w, a) + "," + name(w, b));
        }
        for (const int32_t imm : {1, -1, 127, -128}) {
          l.e.alu_imm(static_cast<Alu>(op), w, a, imm), l.expect(std::string(alu_names[op]) + " " + name(w, a) + "," + immediate(w, imm));
        }
        if (w == Width::w32 || w == Width::w64) {
          l.e.alu_imm(static_cast<Alu>(op), w, a, 0x123456), l.expect(std::string(alu_names[op]) + " " + name(w, a) + ",0x123456");
        }
      }
      for (uint32_t op = 2; op < 8; ++op) {
        l.e.unary(static_cast<Unary>(op), w, a), l.expect(std::string(unary_names[op]) + " " + name(w, a));
      }
      l.e.test(w, a, Gpr::rsi), l.expect("test " + name(w, a) + "," + name(w, Gpr::rsi));
      if (w == Width::w8) {
        continue;
      }
      l.e.imul(w, a, Gpr::r9), l.expect("imul " + name(w, a) + "," + name(w, Gpr::r9));
      if (w == Width::w16) {
        continue;
      }
      l.e.imul_imm(w, a, Gpr::rdi, 7), l.expect("imul " + name(w, a) + "," + name(w, Gpr::rdi) + ",0x7");
      l.e.imul_imm(w, a, Gpr::rdi, -1000), l.expect("imul " + name(w, a) + "," + name(w, Gpr::rdi) + "," + immediate(w, -1000));
      for (const uint32_t op : {0, 1, 4, 5, 7}) {
        l.e.test_bit(a, 63), l.expect("bt " + name(Width::w64, a) + ",0x3f");
        l.e.shift_imm(static_cast<Shift>(op), w, a, 13), l.expect(std::string(shift_names[op]) + " " + name(w, a) + ",0xd");
        l.e.shift_imm(static_cast<Shift>(op), w, a, 1), l.expect(std::string(shift_names[op]) + " " + name(w, a) + ",1");
        l.e.shift_cl(static_cast<Shift>(op), w, a), l.expect(std::string(shift_names[op]) + " " + name(w, a) + ",cl");
      }
    }
    for (uint32_t c = 0; c < 16; ++c) {
      l.e.setcc(static_cast<Condition>(c), a), l.expect(std::string("set") + condition_names[c] + " " + name(Width::w8, a));
      l.e.cmov(static_cast<Condition>(c), a, Gpr::r14), l.expect(std::string("cmov") + condition_names[c] + " " + name(Width::w64, a) + ",r14");
    }
    l.e.call(a), l.expect("call " + name(Width::w64, a));
    l.e.jmp(a), l.expect("jmp " + name(Width::w64, a));
  }
  l.e.sign_to_rdx(Width::w64), l.expect("cqo");
  l.e.sign_to_rdx(Width::w32), l.expect("cdq");
  l.e.rep_stosq(), l.expect("rep stos QWORD PTR es:[rdi],rax");
  l.e.rep_movsq(), l.expect("rep movs QWORD PTR es:[rdi],QWORD PTR ds:[rsi]");
  l.e.leave(), l.expect("leave");
  l.e.ret(), l.expect("ret");
  l.e.ud2(), l.expect("ud2");
  l.check();
}

TEST(Encoder, Floats) {
  Listing l;
  struct {
    Fp op;
    const char* text;
  } const operations[] = {{Fp::add, "add"}, {Fp::sub, "sub"}, {Fp::mul, "mul"}, {Fp::div, "div"}, {Fp::min, "min"}, {Fp::max, "max"}, {Fp::sqrt, "sqrt"}};
  for (uint32_t i = 0; i < 16; ++i) {
    for (uint32_t k = 0; k < 16; ++k) {
      const auto a = static_cast<Xmm>(i), b = static_cast<Xmm>(k);
      const std::string both = name(a) + "," + name(b);
      for (const auto& operation : operations) {
        l.e.fp(operation.op, true, a, b), l.expect(std::string(operation.text) + "sd " + both);
        l.e.fp(operation.op, false, a, b), l.expect(std::string(operation.text) + "ss " + both);
      }
      l.e.fmov(a, b), l.expect("movaps " + both);
      l.e.fp_bits(Fp::and_, a, b), l.expect("andps " + both);
      l.e.fp_bits(Fp::andn, a, b), l.expect("andnps " + both);
      l.e.fp_bits(Fp::or_, a, b), l.expect("orps " + both);
      l.e.fp_bits(Fp::xor_, a, b), l.expect("xorps " + both);
      l.e.ucomi(true, a, b), l.expect("ucomisd " + both);
      l.e.ucomi(false, a, b), l.expect("ucomiss " + both);
      l.e.fcmp(true, 3, a, b), l.expect("cmpunordsd " + both);
      l.e.fcmp(false, 1, a, b), l.expect("cmpltss " + both);
      l.e.float_to_float(true, a, b), l.expect("cvtss2sd " + both);
      l.e.float_to_float(false, a, b), l.expect("cvtsd2ss " + both);
      const auto r = static_cast<Gpr>(k);
      l.e.int_to_float(true, Width::w64, a, r), l.expect("cvtsi2sd " + name(a) + "," + name(Width::w64, r));
      l.e.int_to_float(false, Width::w32, a, r), l.expect("cvtsi2ss " + name(a) + "," + name(Width::w32, r));
      l.e.float_to_int(true, r, a), l.expect("cvttsd2si " + name(Width::w64, r) + "," + name(a));
      l.e.float_to_int(false, r, a), l.expect("cvttss2si " + name(Width::w64, r) + "," + name(a));
      l.e.move_to_xmm(Width::w64, a, r), l.expect("movq " + name(a) + "," + name(Width::w64, r));
      l.e.move_to_xmm(Width::w32, a, r), l.expect("movd " + name(a) + "," + name(Width::w32, r));
      l.e.move_to_gpr(Width::w64, r, a), l.expect("movq " + name(Width::w64, r) + "," + name(a));
      l.e.move_to_gpr(Width::w32, r, a), l.expect("movd " + name(Width::w32, r) + "," + name(a));
    }
  }
  l.check();
}

TEST(Encoder, Jumps) {
  Listing l;
  uint8_t* begin = l.e.at();
  l.e.jmp_back(begin), l.expect("jmp 0x0");
  l.e.jcc_back(Condition::less, begin), l.expect("jl 0x0");
  uint8_t* near = l.e.jcc_short(Condition::equal);
  uint8_t* nearer = l.e.jmp_short();
  l.expect("je 0x8"), l.expect("jmp 0x8");
  l.e.patch_short(near);
  l.e.patch_short(nearer);
  for (uint32_t c = 0; c < 16; ++c) {
    Encoder::patch(l.e.jcc(static_cast<Condition>(c)), begin);
    l.expect(std::string("j") + condition_names[c] + " 0x0");
  }
  Encoder::patch(l.e.jmp(), begin), l.expect("jmp 0x0");
  Encoder::patch(l.e.call(), begin), l.expect("call 0x0");
  for (int k = 0; k < 40; ++k) {
    l.e.push_imm(k), l.expect("push " + hex(static_cast<uint64_t>(k)));
  }
  l.e.jmp_back(begin), l.expect("jmp 0x0");
  l.e.jcc_back(Condition::greater, begin), l.expect("jg 0x0");
  l.check();
}

TEST(Encoder, NopsHaveTheirLength) {
  std::array<uint8_t, 64> bytes{};
  for (size_t n = 0; n <= 30; ++n) {
    Encoder e;
    e.set_at(bytes.data());
    e.nop(n);
    EXPECT_EQ(static_cast<size_t>(e.at() - bytes.data()), n);
  }
}

}  // namespace
}  // namespace omega::codegen::native
