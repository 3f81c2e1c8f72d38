// SPDX-License-Identifier: Apache-2.0
#include "test/contracts/host_machine.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "omega/codegen/llvm/contract_text.h"
#include "omega/codegen/llvm/library.h"
#include "omega/interp/contract_recover.h"
#include "runtime/chain/bitcode.h"

extern "C" {
#include "runtime/chain/host/host.h"
}

namespace omega::contract_tests {

namespace {

using Chain = HostMachine::Chain;
using ChainWord = ::Word;

constexpr size_t kHeapBytes = size_t{64} << 20;
constexpr codegen::llvm::ChainTarget kTarget = {.name = "host",
                                                .triple = "x86_64-pc-linux-gnu",
                                                .data_layout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128",
                                                .message_fields = 0xffff,
                                                .has_balance = true,
                                                .has_ripemd160 = true,
                                                .has_fallback = true,
                                                .moves_divisions = true,
                                                .keeps_no_comparisons = true};

Chain::Number number_of(const ChainWord& word) { return {word.limb[0], word.limb[1], word.limb[2], word.limb[3]}; }
Chain::Number number_of(const interp::Word& word) { return {word.limb[0], word.limb[1], word.limb[2], word.limb[3]}; }
ChainWord chain_word(const Chain::Number& number) { return {{number[0], number[1], number[2], number[3]}}; }
interp::Word interp_word(const ChainWord& word) { return {{word.limb[0], word.limb[1], word.limb[2], word.limb[3]}}; }
Chain::Key key_of(const Place* place) { return {place->word[0], place->word[1], place->word[2], place->word[3], place->word[4]}; }
Chain& chain_of(void* context) { return *static_cast<Chain*>(context); }

const Host kHost = {
    .context = nullptr,
    .get_word =
        [](void* context, ChainWord* to, const Place* place) {
          const auto found = chain_of(context).words.find(key_of(place));
          *to = found == chain_of(context).words.end() ? ChainWord{} : chain_word(found->second);
        },
    .set_word = [](void* context, const Place* place, const ChainWord* value) { chain_of(context).words[key_of(place)] = number_of(*value); },
    .get_size = [](void* context, const Place* place) -> uint64_t { return chain_of(context).bytes[key_of(place)].size(); },
    .get_bytes =
        [](void* context, uint8_t* to, const Place* place) {
          const std::string& all = chain_of(context).bytes[key_of(place)];
          std::copy(all.begin(), all.end(), to);
        },
    .set_bytes =
        [](void* context, const Place* place, const uint8_t* from, uint64_t size) {
          chain_of(context).bytes[key_of(place)] = size == 0 ? std::string() : std::string(reinterpret_cast<const char*>(from), size);
        },
    .message =
        [](void* context, ChainWord* to, uint32_t field) {
          const Chain& chain = chain_of(context);
          if (field != static_cast<uint32_t>(ir::MessageField::Data)) {
            *to = chain_word(chain.message[field]);
          } else if (to->limb[0] == 0) {
            *to = {{chain.data.size(), 0, 0, 0}};
          } else {
            std::copy(chain.data.begin(), chain.data.end(), reinterpret_cast<char*>(to->limb[0]));
          }
        },
    .balance = [](void* context, ChainWord* to, const ChainWord* address) { *to = chain_word(chain_of(context).balances[number_of(*address)]); },
    .recover =
        [](void*, ChainWord* to, const ChainWord* hash, const ChainWord* v, const ChainWord* r, const ChainWord* s) {
          const interp::Word signer = interp::recover_signer(interp_word(*hash), interp_word(*v), interp_word(*r), interp_word(*s));
          *to = {{signer.limb[0], signer.limb[1], signer.limb[2], signer.limb[3]}};
        },
    .log =
        [](void* context, const uint8_t* topics, uint32_t topic_count, const uint8_t* data, uint64_t size) {
          CallOutcome::Log log;
          for (uint32_t k = 0; k < topic_count; ++k) {
            log.topics.emplace_back(reinterpret_cast<const char*>(topics) + size_t{32} * k, 32);
          }
          log.data.assign(reinterpret_cast<const char*>(data), size);
          chain_of(context).logs.push_back(std::move(log));
        },
};

/// Zeroed memory for one call.
class Heap {
 public:
  Heap() : at_(static_cast<uint8_t*>(mmap(nullptr, kHeapBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {}
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;
  ~Heap() { munmap(at_, kHeapBytes); }
  uint8_t* at() const { return at_; }

 private:
  uint8_t* at_;
};

}  // namespace

HostMachine::HostMachine() {
  std::string name = (std::filesystem::temp_directory_path() / "omega-host-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), name);
  }
  folder_ = name;
}

HostMachine::~HostMachine() {
  unload();
  rmdir(folder_.c_str());
}

void HostMachine::unload() {
  if (library_ != nullptr) {
    dlclose(library_);
  }
  library_ = run_ = nullptr;
}

bool HostMachine::load(const ir::Module& module, diag::Sink& sink, std::string& error) {
  unload();
  std::optional<std::string> text = codegen::llvm::contract_text(module, kTarget, sink);
  if (!text) {
    return false;
  }
  text_ = std::move(*text);
  static constexpr std::string_view kept[] = {"host_run"};
  const codegen::llvm::ObjectOptions options = {
      .triple = kTarget.triple, .cpu = "x86-64", .features = "", .arguments = {}, .passes = "default<O2>", .is_position_independent = true, .kept = kept};
  const codegen::llvm::ObjectResult made = codegen::llvm::make_object(text_, chain_runtime::host(), options);
  error = made.object ? open(*made.object) : made.error;
  return error.empty();
}

/// Links the object and loads it; gives why it could not.
std::string HostMachine::open(const std::string& object) {
  const std::string stem = folder_ + "/" + std::to_string(++loads_);
  std::ofstream(stem + ".o", std::ios::binary) << object;
  // -z defs: nothing may be missing.
  const int status = std::system(("cc -shared -nostdlib -Wl,-z,defs -o " + stem + ".so " + stem + ".o").c_str());
  library_ = status == 0 ? dlopen((stem + ".so").c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
  std::remove((stem + ".o").c_str());
  std::remove((stem + ".so").c_str());
  run_ = library_ == nullptr ? nullptr : dlsym(library_, "host_run");
  return run_ != nullptr ? "" : status != 0 ? "the object does not link" : std::string("the object does not load: ") + dlerror();
}

void HostMachine::reset() { chain_ = {}; }

interp::Word HostMachine::balance(const interp::Word& address) const {
  const auto found = chain_.balances.find(number_of(address));
  return found == chain_.balances.end() ? interp::word_of(0) : interp_word(chain_word(found->second));
}

void HostMachine::set_balance(const interp::Word& address, const interp::Word& amount) { chain_.balances[number_of(address)] = number_of(amount); }

bool HostMachine::pay(const interp::Word& from, const interp::Word& value) {
  const interp::Word have = balance(from);
  if (interp::less_word(have, value)) {
    return false;
  }
  interp::Word left, sum;
  om_wide_sub(&left, &have, &value, interp::kUnsignedWord);
  set_balance(from, left);
  const interp::Word before = balance(self_);
  om_wide_add(&sum, &before, &value, interp::kUnsignedWord);
  set_balance(self_, sum);
  return true;
}

CallOutcome HostMachine::call(const interp::Word& sender, const interp::Word& value, const HostBlock& block, std::string_view data, bool makes_contract) {
  const Chain before = chain_;
  chain_.logs.clear();
  chain_.data = makes_contract ? std::string_view() : data;
  const auto field = [&](ir::MessageField f) -> Chain::Number& { return chain_.message[static_cast<size_t>(f)]; };
  std::string selector = chain_.data.substr(0, 4);
  selector.resize(4);
  field(ir::MessageField::Sender) = field(ir::MessageField::Origin) = number_of(sender);
  field(ir::MessageField::Value) = number_of(value);
  field(ir::MessageField::Self) = number_of(self_);
  field(ir::MessageField::Timestamp) = number_of(block.timestamp);
  field(ir::MessageField::BlockNumber) = number_of(block.number);
  field(ir::MessageField::ChainId) = {1, 0, 0, 0};
  field(ir::MessageField::GasLeft) = {1'000'000, 0, 0, 0};
  field(ir::MessageField::GasLimit) = {30'000'000, 0, 0, 0};
  field(ir::MessageField::Signature) = number_of(interp::word_from_bytes(selector));
  CallOutcome outcome;
  if (pay(sender, value)) {
    field(ir::MessageField::SelfBalance) = number_of(balance(self_));
    const Heap heap;
    Host host = kHost;
    host.context = &chain_;
    const std::string input(data);
    HostCall call = {.host = &host,
                     .heap = heap.at(),
                     .heap_size = kHeapBytes,
                     .data = reinterpret_cast<const uint8_t*>(input.data()),
                     .data_size = input.size(),
                     .makes_contract = makes_contract ? 1u : 0u,
                     .brings_value = interp::is_zero(value) ? 0u : 1u,
                     .answer = nullptr,
                     .answer_size = 0};
    outcome.success = reinterpret_cast<HostRun*>(run_)(&call) == kDone;
    outcome.data = call.answer_size == 0 ? std::string() : std::string(reinterpret_cast<const char*>(call.answer), call.answer_size);
  }
  if (outcome.success) {
    outcome.logs = std::move(chain_.logs);
  } else {
    chain_ = before;
  }
  return outcome;
}

}  // namespace omega::contract_tests
