// SPDX-License-Identifier: Apache-2.0
// The contract block of the IR's textual form (docs/ir.md): one row of a table a line.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "omega/ir/contract.h"
#include "omega/ir/text_cursor.h"

namespace omega::ir {

/// Appends the module's contract, which is there, as text.
void print_contract(const Module& module, std::string& out);

/// `t12`. Throws Failure.
DataTypeId read_data_type(Cursor& c);

/// Reads a contract line by line: the head, each row between the braces, then take(). Throws Failure.
class ContractReader {
 public:
  /// `read_function` reads a function's name in quotes and gives its number.
  explicit ContractReader(std::function<FunctionId(Cursor&)> read_function) : read_function_(std::move(read_function)) {}

  /// `contract "NAME" {`
  void read_head(Cursor& c);
  void read_row(Cursor& c);
  Contract take() { return std::move(contract_); }

 private:
  void read_type(Cursor& c);
  DataFields read_fields(Cursor& c);
  DataFields read_results(Cursor& c);
  void read_entry(Cursor& c, EntryKind kind);
  StateVariable read_variable(Cursor& c);

  std::function<FunctionId(Cursor&)> read_function_;
  Contract contract_;
};

}  // namespace omega::ir
