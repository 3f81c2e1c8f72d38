// SPDX-License-Identifier: Apache-2.0
// The C interface is the one libmovevm had in mid-2025 (github.com/initia-labs/movevm, libmovevm/bindings.h, before its names got a prefix).
#include "test/machines/move/move_machine.h"

#include <dlfcn.h>

#include <array>
#include <cstdlib>

#include "omega/base/keccak.h"
#include "omega/object/move_reader.h"
#include "omega/object/move_writer.h"
#include "omega/object/uleb128.h"
#include "test/machines/move/move_framework.h"

namespace omega::testing {

namespace {

using object::append_uleb128;
using object::move::AccountAddress;

// ---- the VM's C interface ----

struct ByteSlice {
  bool is_nil;
  const uint8_t* data;
  size_t size;
};
struct Bytes {
  bool is_none;
  uint8_t* data;
  size_t size;
  size_t capacity;
};
struct Key {
  bool is_none;
  const uint8_t* data;
  size_t size;
};
struct Iterator;
struct Database {
  void* state;
  int32_t (*read)(void*, Key, Bytes*, Bytes*);
  int32_t (*write)(void*, Key, Key, Bytes*);
  int32_t (*remove)(void*, Key, Bytes*);
  int32_t (*scan)(void*, Key, Key, Key, int32_t, Iterator*, Bytes*);
};
struct Chain {
  const void* state;
  int32_t (*query)(const void*, Key, uint64_t, Bytes*, uint64_t*, Bytes*);
  int32_t (*get_account_info)(const void*, Key, bool*, uint64_t*, uint64_t*, uint8_t*, bool*, Bytes*);
  int32_t (*amount_to_share)(const void*, Key, Key, uint64_t, Bytes*, Bytes*);
  int32_t (*share_to_amount)(const void*, Key, Key, Key, uint64_t*, Bytes*);
  int32_t (*unbond_timestamp)(const void*, uint64_t*, Bytes*);
  int32_t (*get_price)(const void*, Key, Bytes*, uint64_t*, uint64_t*, Bytes*);
};

struct Functions {
  void* (*allocate_vm)(ByteSlice config);
  void (*release_vm)(void*);
  Bytes (*execute_contract)(void*, uint64_t*, Database, Chain, ByteSlice environment, ByteSlice senders, ByteSlice message, Bytes* error);
  Bytes (*execute_view_function)(void*, uint64_t*, Database, Chain, ByteSlice environment, ByteSlice message, Bytes* error);
  Bytes (*new_unmanaged_vector)(bool is_nil, const uint8_t*, size_t);
  void (*destroy_unmanaged_vector)(Bytes);
};

constexpr int32_t kDone = 0;
constexpr int32_t kRefused = 5;
constexpr uint64_t kGasLimit = 10'000'000'000;

/// What the VM may ask of a chain besides its store, for modules of its own (staking, prices, scans of tables): contracts never do, and a module that did would
/// fail.
template <class... Arguments>
int32_t refused(Arguments...) {
  return kRefused;
}

ByteSlice slice(std::string_view text) { return {false, reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }
std::string text_of(Key key) { return {reinterpret_cast<const char*>(key.data), key.size}; }

// ---- BCS ----

void put_number(std::string& out, uint64_t value) {
  for (uint32_t i = 0; i < 8; ++i) {
    out.push_back(static_cast<char>(value >> (8 * i)));
  }
}
void put_text(std::string& out, std::string_view text) {
  append_uleb128(out, text.size());
  out += text;
}
void put_address(std::string& out, const AccountAddress& address) { out.append(reinterpret_cast<const char*>(address.data()), address.size()); }

/// Reads numbers and texts of a result, which the VM wrote itself.
struct ResultReader {
  std::string_view rest;

  uint64_t count() {
    uint64_t value = 0;
    for (uint32_t shift = 0; !rest.empty(); shift += 7) {
      const auto byte = static_cast<uint8_t>(rest.front());
      rest.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        break;
      }
    }
    return value;
  }
  std::string text() {
    const uint64_t size = std::min<uint64_t>(count(), rest.size());
    std::string result(rest.substr(0, size));
    rest.remove_prefix(size);
    return result;
  }
};

/// Key of a module in the store (kind 0) or of its checksum (kind 1).
std::string module_key(const AccountAddress& address, char kind, std::string_view name) {
  std::string key;
  put_address(key, address);
  key.push_back(kind);
  put_text(key, name);
  return key;
}

}  // namespace

struct MoveMachine::State {
  Functions functions{};
  void* vm = nullptr;
  std::map<std::string, std::string> store;
  uint64_t height = 1;
  uint64_t timestamp = 1;
  uint64_t session = 0;
  /// The machine whose callbacks run; callbacks get only the Database's pointer.
  Bytes copy(std::string_view text) const { return functions.new_unmanaged_vector(false, reinterpret_cast<const uint8_t*>(text.data()), text.size()); }
  std::string take(Bytes bytes) const {
    std::string text = bytes.is_none ? std::string() : std::string(reinterpret_cast<const char*>(bytes.data), bytes.size);
    if (!bytes.is_none) {
      functions.destroy_unmanaged_vector(bytes);
    }
    return text;
  }

  static int32_t read(void* self, Key key, Bytes* out, Bytes* /*error*/) {
    auto& state = *static_cast<State*>(self);
    const auto at = state.store.find(text_of(key));
    *out = at == state.store.end() ? state.functions.new_unmanaged_vector(true, nullptr, 0) : state.copy(at->second);
    return kDone;
  }
  static int32_t write(void* self, Key key, Key value, Bytes* /*error*/) {
    static_cast<State*>(self)->store[text_of(key)] = text_of(value);
    return kDone;
  }
  static int32_t remove(void* self, Key key, Bytes* /*error*/) {
    static_cast<State*>(self)->store.erase(text_of(key));
    return kDone;
  }

  Database database() { return {this, read, write, remove, refused<void*, Key, Key, Key, int32_t, Iterator*, Bytes*>}; }
  static Chain chain() {
    return {nullptr,
            refused<const void*, Key, uint64_t, Bytes*, uint64_t*, Bytes*>,
            refused<const void*, Key, bool*, uint64_t*, uint64_t*, uint8_t*, bool*, Bytes*>,
            refused<const void*, Key, Key, uint64_t, Bytes*, Bytes*>,
            refused<const void*, Key, Key, Key, uint64_t*, Bytes*>,
            refused<const void*, uint64_t*, Bytes*>,
            refused<const void*, Key, Bytes*, uint64_t*, uint64_t*, Bytes*>};
  }

  /// Block, accounts, and a number no call had before, from which new tables get their addresses.
  std::string environment() {
    std::string out;
    put_number(out, height);
    put_number(out, timestamp);
    put_number(out, 100);
    std::string id(24, '\0');
    put_number(id, ++session);
    return out + id + id;
  }

  static std::string message(const AccountAddress& at, std::string_view module, std::string_view function, const std::vector<std::string>& arguments) {
    std::string out;
    put_address(out, at);
    put_text(out, module);
    put_text(out, function);
    append_uleb128(out, 0);
    append_uleb128(out, arguments.size());
    for (const std::string& argument : arguments) {
      put_text(out, argument);
    }
    out.push_back(1);  // arguments are JSON
    return out;
  }

  MoveOutcome failure(Bytes error) const {
    MoveOutcome outcome;
    outcome.error = take(error);
    static constexpr std::string_view kMark = "VM aborted: ";
    const size_t code = outcome.error.rfind("code=");
    outcome.aborted = outcome.error.starts_with(kMark) && code != std::string::npos;
    if (outcome.aborted) {
      outcome.code = std::strtoull(outcome.error.c_str() + code + 5, nullptr, 10);
    }
    return outcome;
  }
};

namespace {

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace

MoveMachine::MoveMachine(std::unique_ptr<State> state) : state_(std::move(state)) {}

MoveMachine::~MoveMachine() { state_->functions.release_vm(state_->vm); }

base::Result<std::unique_ptr<MoveMachine>> MoveMachine::load() {
  void* library = dlopen(OMEGA_MOVE_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return base::Error{"cannot load the Move VM (test/machines/install brings it)", 0, OMEGA_MOVE_LIBRARY};
  }
  auto state = std::make_unique<State>();
  Functions& f = state->functions;
  if (!find(library, "allocate_vm", f.allocate_vm) || !find(library, "release_vm", f.release_vm) || !find(library, "execute_contract", f.execute_contract) ||
      !find(library, "execute_view_function", f.execute_view_function) || !find(library, "new_unmanaged_vector", f.new_unmanaged_vector) ||
      !find(library, "destroy_unmanaged_vector", f.destroy_unmanaged_vector)) {
    return base::Error{"the Move VM lacks a function", 0, OMEGA_MOVE_LIBRARY};
  }
  std::string config(1, '\0');  // nothing unstable; sizes of two caches
  put_number(config, 100);
  put_number(config, 500);
  state->vm = f.allocate_vm(slice(config));
  std::unique_ptr<MoveMachine> machine(new MoveMachine(std::move(state)));
  for (const object::move::Module& module : move_framework()) {
    if (auto published = machine->publish(object::move::write(module)); !published) {
      return published.error();
    }
  }
  return machine;
}

base::Result<bool> MoveMachine::publish(std::string_view bytes) {
  const auto module = object::move::read(bytes);
  if (!module) {
    return module.error();
  }
  const object::move::ModuleHandle& self = module->module_handles[module->self];
  const AccountAddress& address = module->addresses[self.address];
  const std::string& name = module->identifiers[self.name];
  const base::Keccak256Digest checksum = base::sha3_256(bytes);
  state_->store[module_key(address, 0, name)] = std::string(bytes);
  state_->store[module_key(address, 1, name)] = std::string(reinterpret_cast<const char*>(checksum.data()), checksum.size());
  return true;
}

MoveOutcome MoveMachine::call(const AccountAddress& sender, const AccountAddress& at, std::string_view module, std::string_view function,
                              const std::vector<std::string>& arguments) {
  uint64_t gas = kGasLimit;
  Bytes error{true, nullptr, 0, 0};
  std::string senders;
  append_uleb128(senders, 1);
  put_address(senders, sender);
  const std::string environment = state_->environment();
  const std::string message = State::message(at, module, function, arguments);
  const std::string result = state_->take(
      state_->functions.execute_contract(state_->vm, &gas, state_->database(), State::chain(), slice(environment), slice(senders), slice(message), &error));
  MoveOutcome outcome;
  if (!error.is_none) {
    outcome = state_->failure(error);
  } else {
    outcome.ok = true;
    ResultReader reader{result};
    for (uint64_t left = reader.count(); left > 0; --left) {
      std::string type = reader.text();
      outcome.events.push_back({std::move(type), reader.text()});
    }
  }
  outcome.gas = kGasLimit - gas;
  return outcome;
}

MoveOutcome MoveMachine::view(const AccountAddress& at, std::string_view module, std::string_view function, const std::vector<std::string>& arguments) {
  uint64_t gas = kGasLimit;
  Bytes error{true, nullptr, 0, 0};
  const std::string environment = state_->environment();
  const std::string message = State::message(at, module, function, arguments);
  const std::string result =
      state_->take(state_->functions.execute_view_function(state_->vm, &gas, state_->database(), State::chain(), slice(environment), slice(message), &error));
  MoveOutcome outcome;
  if (!error.is_none) {
    outcome = state_->failure(error);
  } else {
    outcome.ok = true;
    outcome.result = ResultReader{result}.text();
  }
  outcome.gas = kGasLimit - gas;
  return outcome;
}

void MoveMachine::set_block(uint64_t height, uint64_t timestamp) {
  state_->height = height;
  state_->timestamp = timestamp;
}

const std::map<std::string, std::string>& MoveMachine::store() const { return state_->store; }

}  // namespace omega::testing
