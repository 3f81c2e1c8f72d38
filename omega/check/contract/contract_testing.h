// SPDX-License-Identifier: Apache-2.0
// Contracts as text, taken through lexer, parser and checker: what tests and fuzzers of this room share.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "omega/base/interner.h"
#include "omega/check/contract/check_contracts.h"
#include "omega/diag/diagnostic.h"
#include "omega/ir/ir.h"
#include "omega/lex/lexer.h"
#include "omega/parse/parse.h"
#include "omega/source/source_set.h"

namespace omega::check {

/// Files of a program (the first one is the program), which import each other by the paths given here (`./b.sol` means `b.sol`).
class CheckedContracts {
 public:
  explicit CheckedContracts(std::vector<std::pair<std::string, std::string>> files) {
    for (auto& [path, text] : files) {
      const base::FileId file = sources.add(path, std::move(text), sink);
      streams.push_back(std::make_unique<lex::TokenStream>(lex::lex(file, sources.text(file), sink)));
      const parse::Dialect dialect = path.ends_with(".sol") ? parse::Dialect::Solidity : parse::Dialect::Omega;
      trees.push_back(parse::parse(*streams.back(), names, dialect, sink));
    }
    std::vector<ModuleInput> inputs;
    for (size_t i = 0; i < files.size(); ++i) {
      ModuleInput input{&trees[i], files[i].first, {}};
      for (const ImportPath& import : import_paths(trees[i])) {
        const std::string path = import.path.starts_with("./") ? import.path.substr(2) : import.path;
        uint32_t target = kUnresolvedImport;
        for (uint32_t k = 0; k < files.size(); ++k) {
          target = files[k].first == path ? k : target;
        }
        input.imports.push_back(target);
      }
      inputs.push_back(std::move(input));
    }
    modules = check_contracts(inputs, names, sink);
  }

  source::SourceSet sources;
  diag::Sink sink;
  base::NameInterner names;
  std::vector<std::unique_ptr<lex::TokenStream>> streams;
  std::vector<parse::Tree> trees;
  std::vector<std::shared_ptr<ir::Module>> modules;
};

}  // namespace omega::check
