// SPDX-License-Identifier: Apache-2.0
// Programs as text, taken through lexer, parser and checker: what the tests, the fuzzer and the benchmark of this room share.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "omega/base/interner.h"
#include "omega/check/check.h"
#include "omega/diag/diagnostic.h"
#include "omega/ir/ir.h"
#include "omega/lex/lexer.h"
#include "omega/parse/parse.h"
#include "omega/source/source_set.h"

namespace omega::check {

/// A program of several files, checked on one thread. Files import each other by the paths given here (`./b.omega` means `b.omega`).
class CheckedProgram {
 public:
  explicit CheckedProgram(std::string text) : CheckedProgram({{"main.omega", std::move(text)}}) {}

  explicit CheckedProgram(std::vector<std::pair<std::string, std::string>> files) {
    for (auto& [path, text] : files) {
      const base::FileId file = sources.add(path, std::move(text), sink);
      streams.push_back(std::make_unique<lex::TokenStream>(lex::lex(file, sources.text(file), sink)));
      const bool is_solidity = path.ends_with(".sol");
      trees.push_back(parse::parse(*streams.back(), names, is_solidity ? parse::Dialect::Solidity : parse::Dialect::Omega, sink));
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
    declarations = declare(inputs, names, types, sink);
    module = check_program(*declarations, sink);
  }

  source::SourceSet sources;
  diag::Sink sink;
  base::NameInterner names;
  TypeStore types;
  std::vector<std::unique_ptr<lex::TokenStream>> streams;
  std::vector<parse::Tree> trees;
  std::unique_ptr<Declarations> declarations;
  ir::Module module;
};

}  // namespace omega::check
