// SPDX-License-Identifier: Apache-2.0
// One script a shell, written from the grammar of the command line, so that the two cannot differ.
#include "omega/driver/completion.h"

#include <string_view>

#include "omega/diag/diagnostic.h"
#include "omega/driver/command_line.h"

namespace omega::driver {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

std::string all_codes() {
  std::vector<std::string> codes;
  for (const diag::KindInfo& kind : diag::all_kinds()) {
    codes.emplace_back(kind.code);
  }
  return joined(codes);
}

/// `text` with `before` in front of every character of `marked`.
std::string escaped(std::string_view text, std::string_view marked, std::string_view before) {
  std::string out;
  for (const char c : text) {
    if (marked.find(c) != std::string_view::npos) {
      out += before;
    }
    out += c;
  }
  return out;
}

/// Inside '...' of bash and zsh.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return out + "'";
}

/// Calls `use` for each option that takes words, a folder or a number, once for all commands that have it.
template <typename Use>
void for_each_valued_option(const std::vector<CommandSyntax>& commands, Use use) {
  std::vector<std::string> seen;
  for (const CommandSyntax& command : commands) {
    for (const OptionSyntax& option : command.options) {
      bool known = option.value == Value::None;
      for (const std::string& name : seen) {
        known = known || name == option.name;
      }
      if (!known) {
        seen.push_back(option.name);
        use(option);
      }
    }
  }
}

/// "--jobs|-j", as a pattern of `case`.
std::string case_pattern(const OptionSyntax& option) { return option.name + (option.short_name.empty() ? "" : "|-" + option.short_name); }

std::string bash_script(const std::vector<CommandSyntax>& commands) {
  std::string names;
  std::string options;
  for (const CommandSyntax& command : commands) {
    names += command.name + " ";
    options += "    " + command.name + ") options='--help";
    for (const OptionSyntax& option : command.options) {
      options += option.name == "--help" ? "" : " " + option.name;
    }
    options += "' ;;\n";
  }
  std::string values;
  for_each_valued_option(commands, [&](const OptionSyntax& option) {
    values += "    " + case_pattern(option) + ") ";
    switch (option.value) {
      case Value::Word: values += "COMPREPLY=($(compgen -W '" + joined(option.words) + "' -- \"$word\"))"; break;
      case Value::Words:
        values += "[[ $word == *,* ]] && given=${word%,*},; COMPREPLY=($(compgen -P \"$given\" -W '" + joined(option.words) + "' -- \"${word##*,}\"))";
        break;
      case Value::Folder: values += "COMPREPLY=($(compgen -d -- \"$word\"))"; break;
      default: values += ":"; break;
    }
    values += "; return ;;\n";
  });
  return R"(# bash completion for omega
_omega() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} options='' given='' ending
  COMPREPLY=()
  # bash takes --color=auto apart at the `=`.
  if [[ $word == = ]]; then word=''; elif [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W ')" +
         names + R"(--help --version' -- "$word")); return
  fi
  case $previous in
)" + values +
         "  esac\n  case ${COMP_WORDS[1]} in\n" + options + R"(    *) return ;;
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word")); return
  fi
  case ${COMP_WORDS[1]} in
    explain) COMPREPLY=($(compgen -W ')" +
         all_codes() + R"(' -- "${word^^}")) ;;
    completion) COMPREPLY=($(compgen -W 'bash zsh fish' -- "$word")) ;;
    new) ;;
    *)
      for ending in omega mega sol; do COMPREPLY+=($(compgen -f -X "!*.$ending" -- "$word")); done
      COMPREPLY+=($(compgen -d -- "$word"))
      ;;
  esac
}
complete -o filenames -F _omega omega
)";
}

/// An entry of zsh's _describe: 'name:text'.
std::string zsh_entry(const std::string& name, const std::string& text) { return quoted(escaped(name, ":", "\\") + ":" + text); }

std::string zsh_script(const std::vector<CommandSyntax>& commands) {
  std::string names;
  std::string options;
  for (const CommandSyntax& command : commands) {
    names += "\n    " + zsh_entry(command.name, command.summary);
    options += "    " + command.name + ") options=(";
    for (const OptionSyntax& option : command.options) {
      options += "\n      " + zsh_entry(option.name, option.summary);
    }
    options += ") ;;\n";
  }
  std::string values;
  for_each_valued_option(commands, [&](const OptionSyntax& option) {
    values += "    " + case_pattern(option) + ") ";
    switch (option.value) {
      case Value::Word: values += "compadd -- " + joined(option.words); break;
      case Value::Words: values += "compset -P '*,'; compadd -- " + joined(option.words); break;
      case Value::Folder: values += "_files -/"; break;
      default: values += "_message number"; break;
    }
    values += "; return ;;\n";
  });
  return "#compdef omega\n_omega() {\n  local -a commands options\n  local previous=$words[CURRENT-1]\n  commands=(" + names +
         R"()
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  if [[ $words[CURRENT] == --*=* ]]; then
    previous=${words[CURRENT]%%=*}
    compset -P '--*='
  fi
  case $previous in
)" + values +
         "  esac\n  case $words[2] in\n" + options + R"(  esac
  if [[ $words[CURRENT] == -* ]]; then
    _describe -o option options
    return
  fi
  case $words[2] in
    explain) compadd -M 'm:{a-z}={A-Z}' -- )" +
         all_codes() + R"( ;;
    completion) compadd -- bash zsh fish ;;
    new) _message 'name of the project' ;;
    *) _files -g '*.(omega|mega|sol)(-.)' ;;
  esac
}
if [[ $funcstack[1] == _omega ]]; then _omega "$@"; else compdef _omega omega; fi
)";
}

/// Inside '...' of fish.
std::string fish_quoted(std::string_view text) { return "'" + escaped(text, "\\'", "\\") + "'"; }

std::string fish_script(const std::vector<CommandSyntax>& commands) {
  std::string out =
      "# fish completion for omega\ncomplete -c omega -f\ncomplete -c omega -n __fish_use_subcommand -l help -d 'Show help'\n"
      "complete -c omega -n __fish_use_subcommand -l version -d 'Show the version'\n";
  for (const CommandSyntax& command : commands) {
    const std::string here = "complete -c omega -n '__fish_seen_subcommand_from " + command.name + "'";
    out += "complete -c omega -n __fish_use_subcommand -a " + command.name + " -d " + fish_quoted(command.summary) + "\n";
    for (const OptionSyntax& option : command.options) {
      out += here + (option.short_name.empty() ? "" : " -s " + option.short_name) + " -l " + option.name.substr(2) + " -d " + fish_quoted(option.summary);
      switch (option.value) {
        case Value::None: break;
        case Value::Word: out += " -x -a '" + joined(option.words) + "'"; break;
        case Value::Words: out += " -x -a '(__fish_append , " + joined(option.words) + ")'"; break;
        case Value::Folder: out += " -x -a '(__fish_complete_directories)'"; break;
        case Value::Number: out += " -x"; break;
      }
      out += "\n";
    }
    switch (command.operand) {
      case Operand::Program: out += here + " -k -a '(__fish_complete_suffix .omega)'\n"; break;
      case Operand::Name: break;
      case Operand::Code: out += here + " -a '" + all_codes() + "'\n"; break;
      case Operand::Shell: out += here + " -a 'bash zsh fish'\n"; break;
    }
  }
  return out;
}

}  // namespace

std::string completion_script(const std::string& shell) {
  const std::vector<CommandSyntax> commands = command_syntax();
  return shell == "bash" ? bash_script(commands) : shell == "zsh" ? zsh_script(commands) : shell == "fish" ? fish_script(commands) : "";
}

}  // namespace omega::driver
