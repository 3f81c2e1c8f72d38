// SPDX-License-Identifier: Apache-2.0
// The verifier's rules for the tables of a contract.
#include <unordered_set>

#include "omega/ir/text.h"
#include "omega/ir/verifier.h"

namespace omega::ir {

namespace {

/// Canonical names are as long as the number of types in them; more is no type that someone wrote.
constexpr uint32_t kMostComponents = 4096;

class TableVerifier {
 public:
  TableVerifier(const Module& module, std::string& out) : m_(module), c_(*module.contract), out_(out) {}

  bool run() {
    for (DataTypeId id = 0; id < c_.types.size(); ++id) {
      check_type(id);
    }
    if (mistakes_ != 0) {
      return false;
    }
    state_.assign(c_.types.size(), State::New);
    for (DataTypeId id = 0; id < c_.types.size() && mistakes_ == 0; ++id) {
      check_nesting(id, false);
    }
    if (mistakes_ != 0) {
      return false;
    }
    facts_ = data_type_facts(c_);
    for (DataTypeId id = 0; id < c_.types.size(); ++id) {
      require(facts_[id].depth <= kMaxDataTypeDepth, type_label(id), "types nest too deep");
    }
    if (mistakes_ != 0) {
      return false;
    }
    check_rows();
    check_entries();
    require(m_.entry == kNone, c_.name, "a contract has no entry but those of its table");
    return mistakes_ == 0;
  }

 private:
  enum class State : uint8_t { New, Open, Done };
  struct Step {
    DataTypeId id;
    bool through_array;  ///< how the way came here
  };

  bool require(bool condition, std::string_view of, std::string_view text) {
    if (!condition && ++mistakes_ <= kLargestReport) {
      out_ += "contract: ";
      out_ += of;
      out_ += ": ";
      out_ += text;
      out_ += '\n';
    }
    return condition;
  }
  static std::string type_label(DataTypeId id) { return 't' + std::to_string(id); }
  bool is_type(DataTypeId id) const { return id < c_.types.size(); }
  bool in_fields(DataFields list) const { return uint64_t{list.first} + list.count <= c_.fields.size(); }
  bool has_types(DataFields list, std::string_view of) {
    bool good = require(in_fields(list), of, "fields outside of the table");
    for (uint32_t i = 0; good && i < list.count; ++i) {
      good = require(is_type(c_.fields[list.first + i].type), of, "no such data type");
    }
    return good;
  }

  void check_type(DataTypeId id) {
    const DataType& t = c_.types[id];
    const std::string label = type_label(id);
    switch (t.kind) {
      case DataKind::Unsigned:
      case DataKind::Signed:
      case DataKind::FixedBytes:
        require(t.bits >= 8 && t.bits <= 256 && t.bits % 8 == 0, label, "bits are 8, 16 … 256");
        require(!t.is_function || t.bits == 192, label, "a function has 24 bytes");
        break;
      case DataKind::Enum: require(t.length >= 1 && t.length <= 256, label, "an enum has 1 to 256 members"); break;
      case DataKind::FixedArray: require(t.length >= 1, label, "a fixed array has elements"); [[fallthrough]];
      case DataKind::Array: require(is_type(t.element), label, "no such data type"); break;
      case DataKind::Mapping:
        if (require(is_type(t.element) && is_type(t.key), label, "no such data type")) {
          const DataKind key = c_.types[t.key].kind;
          require(is_value_kind(key) || key == DataKind::Bytes || key == DataKind::String, label, "keys are values, bytes or strings");
        }
        break;
      case DataKind::Struct: has_types({t.first_field, t.field_count}, label); break;
      case DataKind::Bool:
      case DataKind::Address:
      case DataKind::Bytes:
      case DataKind::String: break;
      default: require(false, label, "no such kind of type"); break;
    }
  }

  // As deep as types may nest.
  void check_nesting(DataTypeId id, bool through_array) {
    if (mistakes_ != 0 || state_[id] == State::Done) {
      return;
    }
    if (state_[id] == State::Open) {
      bool holds_itself = !through_array;
      for (size_t i = way_.size(); holds_itself && way_[i - 1].id != id; --i) {
        holds_itself = !way_[i - 1].through_array;
      }
      require(!holds_itself, type_label(id), "a type contains itself only through arrays and mappings");
      return;
    }
    if (!require(way_.size() < kMaxDataTypeDepth, type_label(id), "types nest too deep")) {
      return;
    }
    state_[id] = State::Open;
    way_.push_back({id, through_array});
    const DataType& t = c_.types[id];
    if (t.kind == DataKind::Mapping || t.kind == DataKind::Array || t.kind == DataKind::FixedArray) {
      check_nesting(t.element, t.kind != DataKind::FixedArray);
    } else if (t.kind == DataKind::Struct) {
      for (uint32_t i = 0; i < t.field_count; ++i) {
        check_nesting(c_.fields[t.first_field + i].type, false);
      }
    }
    state_[id] = State::Done;
    way_.pop_back();
  }

  bool has_encoding(DataTypeId id) const { return !facts_[id].has_mapping && !facts_[id].is_recursive && facts_[id].components <= kMostComponents; }
  bool has_encodings(DataFields list, std::string_view of) {
    bool good = has_types(list, of);
    for (uint32_t i = 0; good && i < list.count; ++i) {
      good = require(has_encoding(c_.fields[list.first + i].type), of, "mappings, recursive and very large types have no encoding");
    }
    return good;
  }

  void check_rows() {
    for (const StateVariable& variable : c_.variables) {
      require(is_type(variable.type), variable.name, "no such data type");
    }
    for (const Immutable& immutable : c_.immutables) {
      require(is_type(immutable.type) && is_value_kind(c_.types[immutable.type].kind), immutable.name, "an immutable is a value");
    }
    for (const Transient& transient : c_.transients) {
      require(is_type(transient.type) && is_value_kind(c_.types[transient.type].kind), transient.name, "a transient variable is a value");
    }
    for (const EventType& event : c_.events) {
      if (has_encodings(event.arguments, event.name)) {
        uint32_t indexed = 0;
        for (uint32_t i = 0; i < event.arguments.count; ++i) {
          indexed += c_.fields[event.arguments.first + i].is_indexed ? 1 : 0;
        }
        require(indexed <= (event.is_anonymous ? 4u : 3u), event.name, "too many indexed arguments");
      }
    }
    for (const ErrorType& error : c_.errors) {
      has_encodings(error.arguments, error.name);
    }
    for (const Creation& creation : c_.creations) {
      has_encodings(creation.params, creation.name);
    }
    for (const ExternalFunction& external : c_.externals) {
      has_encodings(external.params, external.name);
      has_encodings(external.results, external.name);
    }
  }

  void check_entries() {
    uint32_t of_kind[4] = {};
    std::unordered_set<std::string> signatures;
    for (const EntryPoint& entry : c_.entries) {
      if (!has_encodings(entry.params, entry.name) || !has_encodings(entry.results, entry.name) ||
          !require(entry.function < m_.functions.size(), entry.name, "no such function")) {
        continue;
      }
      const uint32_t before = of_kind[static_cast<uint8_t>(entry.kind) % 4]++;
      if (entry.kind == EntryKind::Function) {
        require(signatures.insert(signature(c_, entry.name, entry.params)).second, entry.name, "two functions of this signature");
      } else {
        require(before == 0, m_.functions[entry.function].name, "two entries of this kind");
      }
      check_shape(entry);
      check_function(entry);
    }
  }

  void check_shape(const EntryPoint& entry) {
    const std::string_view name = m_.functions[entry.function].name;
    const bool is_view = entry.mutability == Mutability::Pure || entry.mutability == Mutability::View;
    require(!entry.is_implicit || (entry.kind == EntryKind::Constructor && entry.params.count == 0), name, "only a constructor without parameters is implicit");
    switch (entry.kind) {
      case EntryKind::Function: return;
      case EntryKind::Constructor: require(entry.results.count == 0 && !is_view, name, "a constructor gives nothing and is no view"); return;
      case EntryKind::Receive:
        require(entry.params.count == 0 && entry.results.count == 0 && entry.mutability == Mutability::Payable, name,
                "receive takes and gives nothing and is payable");
        return;
      case EntryKind::Fallback: {
        auto is_bytes = [&](DataFields list) { return list.count == 1 && c_.types[c_.fields[list.first].type].kind == DataKind::Bytes; };
        const bool plain = entry.params.count == 0 && entry.results.count == 0;
        require(!is_view && (plain || (is_bytes(entry.params) && is_bytes(entry.results))), name, "a fallback takes and gives nothing, or bytes");
        return;
      }
    }
    require(false, name, "no such kind of entry");
  }

  void check_function(const EntryPoint& entry) {
    const Function& f = m_.functions[entry.function];
    auto fits = [&](const base::PodVector<Type>& types, DataFields list) {
      bool good = types.size() == list.count;
      for (uint32_t i = 0; good && i < list.count; ++i) {
        good = types[i] == value_type(c_.types[c_.fields[list.first + i].type]);
      }
      return good;
    };
    require(!f.is_extern && fits(f.params, entry.params) && fits(f.results, entry.results), f.name,
            "the entry's parameters and results are not the function's");
  }

  const Module& m_;
  const Contract& c_;
  std::string& out_;
  std::vector<DataTypeFacts> facts_;
  std::vector<State> state_;
  std::vector<Step> way_;
  uint32_t mistakes_ = 0;
};

}  // namespace

bool verify_contract_tables(const Module& module, std::string& out) { return TableVerifier(module, out).run(); }

void check_immutable_writers(const Module& module, std::string& out) {
  std::vector<uint8_t> seen(module.functions.size());
  std::vector<FunctionId> ahead;
  auto reach = [&](FunctionId id) {
    if (seen[id] == 0) {
      seen[id] = 1;
      ahead.push_back(id);
    }
  };
  for (const EntryPoint& entry : module.contract->entries) {
    if (entry.kind != EntryKind::Constructor) {
      reach(entry.function);
    }
  }
  while (!ahead.empty()) {
    const Function& function = module.functions[ahead.back()];
    ahead.pop_back();
    for (const Inst& inst : function.insts) {
      if (inst.op == Op::ImmutableSet) {
        out += std::string(function.name) + ": sets an immutable, and not only the constructor runs it\n";
        break;
      }
      if (inst.op == Op::Call || inst.op == Op::FunctionRef || inst.op == Op::MakeClosure) {
        reach(inst.a);
      }
    }
  }
}

}  // namespace omega::ir
