// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/common/refusals.h"

#include "omega/ir/op_info.h"

namespace omega::codegen {

std::string source_words(ir::MessageField field) {
  switch (field) {
    case ir::MessageField::Sender: return "`msg.sender`";
    case ir::MessageField::Value: return "`msg.value`";
    case ir::MessageField::Data: return "`msg.data`";
    case ir::MessageField::Signature: return "`msg.sig`";
    case ir::MessageField::Origin: return "`tx.origin`";
    case ir::MessageField::GasPrice: return "`tx.gasprice`";
    case ir::MessageField::GasLeft: return "`gasleft()`";
    case ir::MessageField::Self: return "`address(this)`";
    case ir::MessageField::SelfBalance: return "`address(this).balance`";
    case ir::MessageField::BlockNumber: return "`block.number`";
    case ir::MessageField::Timestamp: return "`block.timestamp`";
    case ir::MessageField::ChainId: return "`block.chainid`";
    case ir::MessageField::Coinbase: return "`block.coinbase`";
    case ir::MessageField::BaseFee: return "`block.basefee`";
    case ir::MessageField::Random: return "`block.prevrandao`";
    case ir::MessageField::GasLimit: return "`block.gaslimit`";
  }
  return {};
}

std::string source_words(ir::Op op) {
  switch (op) {
    case ir::Op::Create: return "the making of another contract";
    case ir::Op::CreationCode: return "the code of a contract";
    case ir::Op::CallContract: return "a call of another contract";
    case ir::Op::CallRaw: return "a call by address";
    case ir::Op::Balance: return "an account's balance";
    case ir::Op::CodeSize: return "the code of an address";
    case ir::Op::Recover: return "`ecrecover`";
    case ir::Op::FunctionRef: return "a function as a value";
    case ir::Op::CallClosure: return "a call of a function value";
    default: return "`" + std::string(ir::op_info(op).text) + "`";
  }
}

std::string refused_entry(const ir::Contract& contract, const ir::EntryPoint& entry, std::span<const ir::DataTypeFacts> facts) {
  if (entry.kind == ir::EntryKind::Receive) {
    return "a `receive` function";
  }
  if (entry.kind == ir::EntryKind::Fallback) {
    return "a `fallback` function";
  }
  const auto contains_itself = [&](ir::DataFields fields) {
    for (uint32_t k = 0; k < fields.count; ++k) {
      if (facts[contract.fields[fields.first + k].type].is_recursive) {
        return true;
      }
    }
    return false;
  };
  return contains_itself(entry.params) ? "a recursive struct as a parameter" : contains_itself(entry.results) ? "a recursive struct as a result" : "";
}

}  // namespace omega::codegen
