// SPDX-License-Identifier: Apache-2.0
#include "omega/driver/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <sstream>

#include "omega/diag/edit_distance.h"
#include "omega/driver/exit_code.h"

namespace omega::driver {
namespace {

/// A command as help and completion show it.
struct CommandText {
  Command command;
  const char* name;
  const char* summary;
  const char* examples;
};

constexpr CommandText command_texts[] = {
    {Command::Run, "run", "Compile a program in memory and run it; its exit code is omega's",
     "Examples:\n  omega run hello.omega\n  omega run --threads 4 primes.omega -- 1000000\n  omega run --interpret hello.omega\n"},
    {Command::Build, "build", "Compile a program to files, by default out/native/NAME",
     "Examples:\n  omega build hello.omega\n  omega build                (the project of omega.toml, here or in a folder above)\n  omega build --target native,c --release -o dist hello.omega\n  omega build --explain loops.omega\n"},
    {Command::Check, "check", "Report mistakes without making anything", "Examples:\n  omega check hello.omega\n  omega check --message-format json hello.omega\n"},
    {Command::Emit, "emit", "Show a stage of the compilation as text", "Examples:\n  omega emit hello.omega --tree\n  omega emit hello.omega --ir --release\n"},
    {Command::New, "new", "Make a folder with a small program to start from", "Example:\n  omega new hello && cd hello && omega run src/main.omega\n"},
    {Command::Explain, "explain", "Explain a code such as E0301 that a message showed", "Example:\n  omega explain E0601\n"},
    {Command::Completion, "completion", "Print the completion script of bash, zsh or fish",
     "Examples:\n  omega completion bash > /etc/bash_completion.d/omega\n  omega completion fish > ~/.config/fish/completions/omega.fish\n"},
};

class Grammar {
 public:
  /// With the options of the command `wanted` only, of all commands when it is null: making options is most of the work.
  explicit Grammar(const char* wanted) : app_("Omega: a language whose loops run in parallel, compiled to native programs and C.", "omega") {
    app_.require_subcommand(0, 1);
    app_.set_version_flag("--version", "omega " OMEGA_VERSION);
    app_.footer("Try `omega COMMAND --help`; each command shows examples.\n"
                "Exit codes: 0 done, 1 the program was rejected or failed, 2 wrong usage, 3 the world failed (a file, memory), 70 a bug in Omega.");
    for (const CommandText& text : command_texts) {
      CLI::App* command = app_.add_subcommand(text.name, text.summary);
      command->footer(text.examples);
      commands_.emplace_back(text.command, command);
      if (wanted == nullptr || std::strcmp(wanted, text.name) == 0) {
        add_options(text.command, *command);
      }
    }
  }

  CommandLine parse(int argc, const char* const* argv) {
    CommandLine line;
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return failed(error, argc, argv);
    }
    for (const auto& [command, app] : commands_) {
      if (app->parsed()) {
        options_.command = command;
        line.options = std::move(options_);
        return line;
      }
    }
    line.output = app_.help();
    return line;
  }

  /// Names of all commands, and of one command's options with their texts.
  std::vector<std::string> command_names() const {
    std::vector<std::string> names;
    for (const CommandText& text : command_texts) {
      names.emplace_back(text.name);
    }
    return names;
  }
  std::vector<std::pair<std::string, std::string>> option_names(const char* command) {
    std::vector<std::pair<std::string, std::string>> names;
    for (const CLI::Option* option : app_.get_subcommand(command)->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        names.emplace_back("--" + name, option->get_description());
      }
    }
    return names;
  }

 private:
  void add_options(Command command, CLI::App& app) {
    switch (command) {
      case Command::New:
        app.add_option("NAME", options_.path, "Name of the project and its folder")->required();
        return;
      case Command::Explain:
        app.add_option("CODE", options_.path, "A code as messages show it")->required();
        return;
      case Command::Completion:
        app.add_option("SHELL", options_.path, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
        return;
      default:
        break;
    }
    if (command == Command::Build || command == Command::Check) {
      app.add_option("PATH", options_.path, "The program's first file (.omega, .mega, .sol), or a project's folder (default: the project around this folder)");
    } else {
      app.add_option("FILE", options_.path, "The program's first file (.omega, .mega, .sol), or a project's folder")->required();
    }
    app.add_option("--message-format", options_.message_format, "How mistakes are shown; json: one object a line")
        ->transform(CLI::CheckedTransformer(std::map<std::string, MessageFormat>{{"human", MessageFormat::Human}, {"json", MessageFormat::Json}}))
        ->option_text("human|json");
    app.add_option("--color", options_.color, "Colours; auto obeys NO_COLOR")
        ->transform(CLI::CheckedTransformer(std::map<std::string, ColorChoice>{{"auto", ColorChoice::Auto}, {"always", ColorChoice::Always}, {"never", ColorChoice::Never}}))
        ->option_text("auto|always|never");
    app.add_option("-j,--jobs", options_.jobs, "Threads of the compiler (default: one for each processor)")->option_text("N");
    app.add_flag("-q,--quiet", options_.quiet, "Print errors only");
    app.add_flag("-v,--verbose", options_.verbose, "Show how long each phase took");
    if (command == Command::Check) {
      return;
    }
    app.add_flag("-O,--release", options_.release, "Optimise");
    app.add_flag("--no-auto-parallel", options_.no_auto_parallel, "Run plain loops in sequence even where they could run in parallel");
    app.add_option("--disable-pass", options_.disabled_passes, "Leave out optimisation passes, by name")->delimiter(',');
    if (command == Command::Emit) {
      add_stages(app);
      return;
    }
    app.add_flag("--explain", options_.explain, "Say for each loop what was done, and why");
    if (command == Command::Run) {
      app.add_option("--threads", options_.threads, "Threads of `@@` loops (default: one for each processor)")->option_text("N");
      app.add_flag("--interpret", options_.interpret, "Run in the reference interpreter");
      app.add_option("ARGS", options_.arguments, "Arguments of the program, after --");
      app.positionals_at_end(false);
    } else {
      app.add_option("--target", options_.targets, "What to make, several with commas (default: native)")
          ->delimiter(',')
          ->check(CLI::IsMember({"native", "c"}))
          ->option_text("native|c,…");
      app.add_option("-o,--output", options_.output, "Folder for what is made (default: out)");
    }
  }

  void add_stages(CLI::App& app) {
    static constexpr std::pair<const char*, Stage> stages[] = {
        {"--tokens", Stage::Tokens}, {"--tree", Stage::Tree}, {"--ir", Stage::Ir}, {"--asm", Stage::Asm}, {"--graph", Stage::Graph}};
    static constexpr const char* texts[] = {"Tokens", "The parse tree", "The IR that back ends read (default)", "Machine code", "The IR's control flow, as a DOT drawing"};
    CLI::Option_group* group = app.add_option_group("stage");
    group->require_option(0, 1);
    for (size_t i = 0; i < std::size(stages); ++i) {
      group->add_flag_callback(stages[i].first, [this, stage = stages[i].second] { options_.stage = stage; }, texts[i]);
    }
  }

  /// What was meant by the value of an option that takes one of a few words; empty when it is one of them or none is near.
  static std::string meant_value(const std::string& word, const std::string& next) {
    const size_t equal = word.find('=');
    const std::string option = word.substr(0, equal);
    const std::string values = equal == std::string::npos ? next : word.substr(equal + 1);
    static constexpr std::pair<std::string_view, std::array<std::string_view, 3>> choices[] = {
        {"--target", {"native", "c", "c"}}, {"--color", {"auto", "always", "never"}}, {"--message-format", {"human", "json", "json"}}};
    for (const auto& [name, known] : choices) {
      for (size_t begin = 0; name == option && begin <= values.size();) {
        const size_t end = std::min(values.find(',', begin), values.size());
        const std::string value = values.substr(begin, end - begin);
        if (std::find(known.begin(), known.end(), value) == known.end()) {
          return std::string(diag::nearest_name(value, known));
        }
        begin = end + 1;
      }
    }
    return "";
  }

  /// What was meant by a word that is no command or option.
  std::string suggestion(int argc, const char* const* argv) {
    CLI::App* app = &app_;
    std::vector<std::string> names = command_names();
    for (int i = 1; i < argc; ++i) {
      const std::string word = argv[i];
      if (word == "--") {
        break;
      }
      if (app == &app_ && !word.starts_with('-')) {
        if (std::find(names.begin(), names.end(), word) != names.end()) {
          app = app_.get_subcommand(word);
          names.clear();
          for (const auto& option : option_names(word.c_str())) {
            names.push_back(option.first);
          }
          continue;
        }
      } else if (!word.starts_with("--")) {
        continue;
      }
      if (const std::string meant = meant_value(word, i + 1 < argc ? argv[i + 1] : ""); !meant.empty()) {
        return "help: did you mean `" + meant + "`?\n";
      }
      const std::string name = word.substr(0, word.find('='));
      const std::vector<std::string_view> candidates(names.begin(), names.end());
      if (std::find(candidates.begin(), candidates.end(), name) != candidates.end()) {
        continue;
      }
      if (const std::string_view nearest = diag::nearest_name(name, candidates); !nearest.empty()) {
        return "help: did you mean `" + std::string(nearest) + "`?\n";
      }
    }
    return "";
  }

  CommandLine failed(const CLI::ParseError& error, int argc, const char* const* argv) {
    CommandLine line;
    std::ostringstream out;
    std::ostringstream err;
    if (app_.exit(error, out, err) == 0) {
      line.output = out.str();
      return line;
    }
    line.exit_code = kWrongUsage;
    const std::string message = error.what();
    line.error = "error: " + message + "\n" + suggestion(argc, argv) + "Run `omega --help` for what there is.\n";
    return line;
  }

  CLI::App app_;
  Options options_;
  std::vector<std::pair<Command, CLI::App*>> commands_;
};

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) { return Grammar(argc > 1 ? argv[1] : "").parse(argc, argv); }

std::string completion_script(const std::string& shell) {
  Grammar grammar(nullptr);
  std::string all;
  for (const std::string& name : grammar.command_names()) {
    all += (all.empty() ? "" : " ") + name;
  }
  std::string out;
  if (shell == "bash") {
    out = "# bash completion for omega\n_omega() {\n  local word=${COMP_WORDS[COMP_CWORD]} options=\n  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "    COMPREPLY=($(compgen -W \"" + all + " --help --version\" -- \"$word\")); return\n  fi\n  case ${COMP_WORDS[1]} in\n";
    for (const CommandText& text : command_texts) {
      out += "    " + std::string(text.name) + ") options=\"";
      for (const auto& [name, description] : grammar.option_names(text.name)) {
        out += name + " ";
      }
      out += text.command == Command::Completion ? "bash zsh fish\" ;;\n" : "\" ;;\n";
    }
    out += "  esac\n  case $word in\n    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
           "    *) COMPREPLY=($(compgen -W \"$([ \"${COMP_WORDS[1]}\" = completion ] && echo \"$options\")\" -- \"$word\") $(compgen -f -- \"$word\")) ;;\n  esac\n}\n"
           "complete -o filenames -F _omega omega\n";
  } else if (shell == "zsh") {
    out = "#compdef omega\n_omega() {\n  if (( CURRENT == 2 )); then\n    compadd -- " + all + "\n    return\n  fi\n  case $words[2] in\n";
    for (const CommandText& text : command_texts) {
      out += "    " + std::string(text.name) + ") compadd -- ";
      for (const auto& [name, description] : grammar.option_names(text.name)) {
        out += name + " ";
      }
      out += ";;\n";
    }
    out += "  esac\n  _files\n}\n_omega \"$@\"\n";
  } else if (shell == "fish") {
    out = "# fish completion for omega\n";
    for (const CommandText& text : command_texts) {
      out += "complete -c omega -n __fish_use_subcommand -a " + std::string(text.name) + " -d '" + text.summary + "'\n";
      for (const auto& [name, description] : grammar.option_names(text.name)) {
        out += "complete -c omega -n '__fish_seen_subcommand_from " + std::string(text.name) + "' -l " + name.substr(2) + " -d '" + description + "'\n";
      }
    }
  }
  for (size_t at = 0; (at = out.find("omega's'", at)) != std::string::npos; ++at) {
    out.replace(at, 8, "the one of omega'");
  }
  return out;
}

}  // namespace omega::driver
