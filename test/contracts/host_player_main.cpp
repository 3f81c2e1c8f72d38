// SPDX-License-Identifier: Apache-2.0
// Compiles a contract through LLVM for this machine and plays calls on it (runtime/chain/host): the code that chains of LLVM share as a machine of
// test/machines. usage: host_player [--text FILE] Takes the requests of contract_player; a contract that the target refuses is {"status":"refused","why":…}.
// --text keeps the LLVM text of what was last loaded. Needs cc for linking.
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "omega/codegen/common/abi_json.h"
#include "omega/codegen/llvm/contract_text.h"
#include "omega/codegen/llvm/library.h"
#include "omega/diag/render.h"
#include "omega/interp/contract_recover.h"
#include "omega/ir/contract.h"
#include "runtime/chain/bitcode.h"
#include "test/contracts/contract_source.h"

extern "C" {
#include "runtime/chain/host/host.h"
}

namespace {

using namespace omega;
using contract_tests::bytes_of;
using contract_tests::failed;
using contract_tests::hex;
using ChainWord = ::Word;

constexpr size_t kHeapBytes = size_t{64} << 20;
constexpr codegen::llvm::ChainTarget kTarget = {.name = "host",
                                                .triple = "x86_64-pc-linux-gnu",
                                                .data_layout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128",
                                                .message_fields = 0xffff,
                                                .has_balance = true,
                                                .has_ripemd160 = true};

/// A number as one that has an order.
using Number = std::array<uint64_t, 4>;
Number number_of(const ChainWord& word) { return {word.limb[0], word.limb[1], word.limb[2], word.limb[3]}; }
ChainWord word_of(const Number& number) { return {{number[0], number[1], number[2], number[3]}}; }
interp::Word interp_word(const ChainWord& word) { return {{word.limb[0], word.limb[1], word.limb[2], word.limb[3]}}; }
Number number_of(const std::string& text) {
  const interp::Word word = contract_tests::word_of(text);
  return {word.limb[0], word.limb[1], word.limb[2], word.limb[3]};
}
std::string bytes_of(const Number& number, uint32_t size) { return interp::word_bytes({{number[0], number[1], number[2], number[3]}}, size); }

/// What happens on the chain beside the contract's code.
struct Chain {
  using Key = std::array<uint64_t, 5>;
  struct Log {
    std::vector<std::string> topics;
    std::string data;
  };
  std::map<Key, Number> words;
  std::map<Key, std::string> bytes;
  std::map<Number, Number> balances;
  std::vector<Log> logs;
  std::array<Number, 16> message{};
  std::string data;  ///< calldata

  static Key key(const Place* place) { return {place->word[0], place->word[1], place->word[2], place->word[3], place->word[4]}; }
};

Chain& chain_of(void* context) { return *static_cast<Chain*>(context); }

const Host kHost = {
    .context = nullptr,
    .get_word =
        [](void* context, ChainWord* to, const Place* place) {
          const auto found = chain_of(context).words.find(Chain::key(place));
          *to = found == chain_of(context).words.end() ? ChainWord{} : word_of(found->second);
        },
    .set_word = [](void* context, const Place* place, const ChainWord* value) { chain_of(context).words[Chain::key(place)] = number_of(*value); },
    .get_size = [](void* context, const Place* place) -> uint64_t { return chain_of(context).bytes[Chain::key(place)].size(); },
    .get_bytes =
        [](void* context, uint8_t* to, const Place* place) {
          const std::string& all = chain_of(context).bytes[Chain::key(place)];
          std::copy(all.begin(), all.end(), to);
        },
    .set_bytes =
        [](void* context, const Place* place, const uint8_t* from, uint64_t size) {
          chain_of(context).bytes[Chain::key(place)] = size == 0 ? std::string() : std::string(reinterpret_cast<const char*>(from), size);
        },
    .message =
        [](void* context, ChainWord* to, uint32_t field) {
          const Chain& chain = chain_of(context);
          if (field != static_cast<uint32_t>(ir::MessageField::Data)) {
            *to = word_of(chain.message[field]);
          } else if (to->limb[0] == 0) {
            *to = {{chain.data.size(), 0, 0, 0}};
          } else {
            std::copy(chain.data.begin(), chain.data.end(), reinterpret_cast<char*>(to->limb[0]));
          }
        },
    .balance = [](void* context, ChainWord* to, const ChainWord* address) { *to = word_of(chain_of(context).balances[number_of(*address)]); },
    .recover =
        [](void*, ChainWord* to, const ChainWord* hash, const ChainWord* v, const ChainWord* r, const ChainWord* s) {
          const interp::Word signer = interp::recover_signer(interp_word(*hash), interp_word(*v), interp_word(*r), interp_word(*s));
          *to = {{signer.limb[0], signer.limb[1], signer.limb[2], signer.limb[3]}};
        },
    .log =
        [](void* context, const uint8_t* topics, uint32_t topic_count, const uint8_t* data, uint64_t size) {
          Chain::Log log;
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

class Player {
 public:
  explicit Player(std::string text_path) : text_path_(std::move(text_path)), folder_(make_folder()) {}
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;
  ~Player() {
    unload();
    rmdir(folder_.c_str());
  }

  std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string request;
    words >> request;
    if (request == "load") {
      return load(words);
    }
    if (request == "reset") {
      chain_ = {};
      return R"({"status":"done"})";
    }
    if (request == "fund" || request == "balance") {
      return balance(words, request == "fund");
    }
    return request == "deploy" || request == "call" ? play(words, request == "deploy") : failed("no such request: " + line);
  }

 private:
  static std::string make_folder() {
    std::string name = "/tmp/omega-host-XXXXXX";
    return mkdtemp(name.data()) == nullptr ? std::string(".") : name;
  }

  void unload() {
    if (library_ != nullptr) {
      dlclose(library_);
      library_ = nullptr;
    }
    run_ = nullptr;
  }

  std::string load(std::istringstream& words) {
    std::string name, path;
    words >> name >> std::ws;
    std::getline(words, path);
    const contract_tests::LoadedContract loaded = contract_tests::load_contract(name, path, true, scheduler_);
    if (loaded.module == nullptr) {
      return failed(loaded.why);
    }
    diag::Sink sink;
    const std::optional<std::string> text = codegen::llvm::contract_text(*loaded.module, kTarget, sink);
    if (!text) {
      std::string why = R"({"status":"refused","why":)";
      std::string all;
      for (const diag::Diagnostic& one : sink.diagnostics()) {
        all += (all.empty() ? "" : "\n") + one.message();
      }
      diag::append_json_string(why, all);
      return why + "}";
    }
    if (!text_path_.empty()) {
      std::ofstream(text_path_) << *text;
    }
    static constexpr std::string_view kept[] = {"host_run"};
    const codegen::llvm::ObjectResult made = codegen::llvm::make_object(
        *text, chain_runtime::host(),
        {.triple = kTarget.triple, .cpu = "x86-64", .features = "", .arguments = {}, .passes = "default<O2>", .is_position_independent = true, .kept = kept});
    if (!made.object) {
      return failed("LLVM: " + made.error);
    }
    if (const std::string why = open(*made.object); !why.empty()) {
      return failed(why);
    }
    return R"({"status":"loaded","abi":)" + codegen::abi_json(*loaded.module->contract) + "}";
  }

  /// Links the object and loads it; gives why it could not.
  std::string open(const std::string& object) {
    unload();
    const std::string stem = folder_ + "/" + std::to_string(++loads_);
    std::ofstream(stem + ".o", std::ios::binary) << object;
    // -z defs: nothing may be missing.
    const int status = std::system(("cc -shared -nostdlib -Wl,-z,defs -o " + stem + ".so " + stem + ".o").c_str());
    library_ = status == 0 ? dlopen((stem + ".so").c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
    std::remove((stem + ".o").c_str());
    std::remove((stem + ".so").c_str());
    run_ = library_ == nullptr ? nullptr : reinterpret_cast<HostRun*>(dlsym(library_, "host_run"));
    return run_ != nullptr ? "" : status != 0 ? "the object does not link" : std::string("the object does not load: ") + dlerror();
  }

  std::string balance(std::istringstream& words, bool set) {
    std::string address, amount;
    words >> address >> amount;
    Number& balance = chain_.balances[number_of(address)];
    if (set) {
      balance = number_of(amount);
    }
    return R"({"status":"done","balance":"0x)" + hex(bytes_of(balance, 32)) + "\"}";
  }

  std::string play(std::istringstream& words, bool makes) {
    if (run_ == nullptr) {
      return failed("nothing is loaded");
    }
    std::string from, value, time, number, data;
    words >> from >> value >> time >> number >> data;
    const Chain before = chain_;
    chain_.logs.clear();
    chain_.data = makes ? std::string() : contract_tests::bytes_of(data);
    const auto field = [&](ir::MessageField f) -> Number& { return chain_.message[static_cast<size_t>(f)]; };
    field(ir::MessageField::Sender) = field(ir::MessageField::Origin) = number_of(from);
    field(ir::MessageField::Value) = number_of(value);
    field(ir::MessageField::Self) = self_;
    field(ir::MessageField::Timestamp) = number_of(time);
    field(ir::MessageField::BlockNumber) = number_of(number);
    field(ir::MessageField::ChainId) = {1, 0, 0, 0};
    field(ir::MessageField::GasLeft) = {1'000'000, 0, 0, 0};
    field(ir::MessageField::GasLimit) = {30'000'000, 0, 0, 0};
    std::string selector = chain_.data.substr(0, 4);
    selector.resize(4);
    field(ir::MessageField::Signature) = number_of(hex(selector));
    if (!pay(number_of(from), number_of(value))) {
      chain_ = before;
      return outcome_text(false, {}, {});
    }
    field(ir::MessageField::SelfBalance) = chain_.balances[self_];
    const Heap heap;
    Host host = kHost;
    host.context = &chain_;
    const std::string input = contract_tests::bytes_of(data);
    HostCall call = {
        &host,   heap.at(), kHeapBytes, reinterpret_cast<const uint8_t*>(input.data()), input.size(), makes ? 1u : 0u, number_of(value) != Number{} ? 1u : 0u,
        nullptr, 0};
    const bool success = run_(&call) == kDone;
    const std::string answer = call.answer_size == 0 ? std::string() : std::string(reinterpret_cast<const char*>(call.answer), call.answer_size);
    const std::vector<Chain::Log> logs = success ? chain_.logs : std::vector<Chain::Log>{};
    if (!success) {
      chain_ = before;
    }
    return outcome_text(success, answer, logs);
  }

  bool pay(const Number& from, const Number& value) {
    Number& source = chain_.balances[from];
    unsigned __int128 borrow = 0, carry = 0;
    Number left{}, sum{};
    Number& target = chain_.balances[self_];
    for (size_t i = 0; i < 4; ++i) {
      const unsigned __int128 difference = static_cast<unsigned __int128>(source[i]) - value[i] - borrow;
      left[i] = static_cast<uint64_t>(difference);
      borrow = (difference >> 64) != 0 ? 1 : 0;
      carry += static_cast<unsigned __int128>(target[i]) + value[i];
      sum[i] = static_cast<uint64_t>(carry);
      carry >>= 64;
    }
    if (borrow != 0) {
      return false;
    }
    source = left;
    target = sum;
    return true;
  }

  std::string outcome_text(bool success, const std::string& data, const std::vector<Chain::Log>& logs) const {
    std::string out = std::string(R"({"status":")") + (success ? "done" : "reverted") + R"(","data":"0x)" + hex(data) + R"(","logs":[)";
    for (size_t i = 0; i < logs.size(); ++i) {
      out += i == 0 ? R"({"topics":[)" : R"(,{"topics":[)";
      for (size_t k = 0; k < logs[i].topics.size(); ++k) {
        out += (k == 0 ? "\"0x" : ",\"0x") + hex(logs[i].topics[k]) + '"';
      }
      out += R"(],"data":"0x)" + hex(logs[i].data) + "\"}";
    }
    return out + R"(],"address":"0x)" + hex(bytes_of(self_, 20)) + "\"}";
  }

  std::string text_path_;
  std::string folder_;
  task::Scheduler scheduler_{{.threads = 1, .affinity = task::Affinity::apart, .processors = {}, .name = "contracts"}};
  void* library_ = nullptr;
  HostRun* run_ = nullptr;
  uint32_t loads_ = 0;
  Chain chain_;
  Number self_ = {0x5e5e5e5e5e5e5e5e, 0x5e5e5e5e5e5e5e5e, 0x5e5e5e5e, 0};
};

}  // namespace

int main(int argc, char** argv) {
  const bool keeps_text = argc == 3 && std::string_view(argv[1]) == "--text";
  if (argc > 1 && !keeps_text) {
    std::fputs("usage: host_player [--text FILE]\n", stderr);
    return 2;
  }
  Player player(keeps_text ? argv[2] : "");
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << player.answer(line) << std::endl;
  }
  return 0;
}
