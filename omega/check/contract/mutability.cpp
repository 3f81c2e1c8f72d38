// SPDX-License-Identifier: Apache-2.0
// Whether functions do no more with the state than they say.
#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;

void ContractChecker::note_access(Access access, NodeId where) {
  if (access == Access::None) {
    return;
  }
  Span& first = access == Access::Read ? read_at_ : access == Access::Write ? write_at_ : value_at_;
  if (!first.valid()) {
    first = tree_->full_span(where);
  }
}

void ContractChecker::check_mutability(DeclId id) {
  const Signature& s = signature(id);
  const std::string name = program_.declarations[id].name.valid() ? "`" + std::string(program_.name_of(id)) + "`" : "the function";
  if (s.mutability == ir::Mutability::Pure && (read_at_.valid() || write_at_.valid() || value_at_.valid())) {
    sink_.report(Kind::ContractAccess,
                 write_at_.valid()  ? write_at_
                 : read_at_.valid() ? read_at_
                                    : value_at_,
                 {name, write_at_.valid()                        ? "neither `pure` nor `view`"
                        : value_at_.valid() && !read_at_.valid() ? "`payable` or `view`"
                                                                 : "`view`"});
  } else if (s.mutability == ir::Mutability::View && write_at_.valid()) {
    sink_.report(Kind::ContractAccess, write_at_, {name, "neither `pure` nor `view`"});
  }
  const bool is_outside = (s.attributes & (parse::kPublic | parse::kExternal)) != 0;
  if (is_outside && s.mutability != ir::Mutability::Payable && value_at_.valid() && s.mutability != ir::Mutability::Pure) {
    sink_.report(Kind::ContractAccess, value_at_, {name, "`payable`"});
  }
}

}  // namespace omega::check::contract
