// SPDX-License-Identifier: Apache-2.0
#include "omega/driver/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <sstream>

#include "omega/codegen/cosmos/emit_cosmos.h"
#include "omega/diag/edit_distance.h"
#include "omega/driver/exit_code.h"
#include "omega/opt/pass.h"
#include "omega/task/scheduler.h"

namespace omega::driver {
namespace {

/// A command as help and completion show it.
struct CommandText {
  Command command;
  const char* name;
  const char* summary;
  Operand operand;
  const char* examples;
};

constexpr CommandText command_texts[] = {
    {Command::Run, "run", "Compile a program in memory and run it; its exit code is omega's", Operand::Program,
     "Examples:\n  omega run hello.omega\n  omega run --threads 4 primes.omega -- 1000000\n  omega run --interpret hello.omega\n"},
    {Command::Build, "build", "Compile a program, or contracts, to files, by default out/native/NAME", Operand::Program,
     "Examples:\n  omega build hello.omega\n  omega build                (the project of omega.toml, here or in a folder above)\n  omega "
     "build --target native,c --release -o dist hello.omega\n  omega build --target evm token.sol\n  omega build --explain loops.omega\n"},
    {Command::Check, "check", "Report mistakes without making anything", Operand::Program,
     "Examples:\n  omega check hello.omega\n  omega check --message-format json hello.omega\n"},
    {Command::Emit, "emit", "Show a stage of the compilation as text", Operand::Program,
     "Examples:\n  omega emit hello.omega --tree\n  omega emit hello.omega --ir --release\n"},
    {Command::New, "new", "Make a folder with a small program to start from", Operand::Name,
     "Example:\n  omega new hello && cd hello && omega run src/main.omega\n"},
    {Command::Explain, "explain", "Explain a code such as E0301 that a message showed", Operand::Code, "Example:\n  omega explain E0601\n"},
    {Command::Completion, "completion", "Print the completion script of bash, zsh or fish", Operand::Shell,
     "Examples:\n  omega completion bash > /etc/bash_completion.d/omega\n  omega completion fish > "
     "~/.config/fish/completions/omega.fish\n"},
};

/// "a, b, c", for messages and help.
std::string listed(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    text += (text.empty() ? "" : ", ") + std::string(word);
  }
  return text;
}

std::vector<std::string_view> pass_names() {
  std::vector<std::string_view> names;
  for (const opt::Pass& pass : opt::passes()) {
    names.push_back(pass.name);
  }
  return names;
}

constexpr std::string_view target_names[] = {"native", "c", "evm", "move", "solana", "cosmos"};
constexpr std::string_view color_names[] = {"auto", "always", "never"};  // as ColorChoice
constexpr std::string_view message_format_names[] = {"human", "json"};   // as MessageFormat
constexpr std::string_view shell_names[] = {"bash", "zsh", "fish"};

/// The words that the option `name` takes; empty when it takes others.
std::vector<std::string_view> words_of(std::string_view name) {
  const auto all = [](std::span<const std::string_view> words) { return std::vector<std::string_view>(words.begin(), words.end()); };
  return name == "--target"           ? all(target_names)
         : name == "--color"          ? all(color_names)
         : name == "--message-format" ? all(message_format_names)
         : name == "--disable-pass"   ? pass_names()
                                      : std::vector<std::string_view>();
}

/// Takes one of a few words; with `as_number` its position stands for it.
CLI::Validator one_of(std::vector<std::string_view> words, bool as_number = false) {
  return {[words = std::move(words), as_number](std::string& value) -> std::string {
            const auto found = std::find(words.begin(), words.end(), value);
            if (found == words.end()) {
              return "there is no `" + value + "`, only " + listed(words);
            }
            if (as_number) {
              value = std::to_string(found - words.begin());
            }
            return "";
          },
          ""};
}

/// Threads that a program can be told to use.
constexpr int most_program_threads = 65536;

/// Takes `0x` and up to 64 hexadecimal digits.
CLI::Validator address_of_account() {
  return {[](std::string& value) -> std::string {
            const bool is_fine =
                value.starts_with("0x") && value.size() > 2 && value.size() <= 66 && value.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string::npos;
            return is_fine ? "" : "an address is 0x and up to 64 hexadecimal digits, not `" + value + "`";
          },
          ""};
}

/// Takes the name of a coin.
CLI::Validator denomination() {
  return {[](std::string& value) -> std::string {
            return codegen::cosmos::is_denomination(value) ? "" : "a denomination is 3 to 128 letters, digits and /:._-, a letter first, not `" + value + "`";
          },
          ""};
}

/// Takes a whole number of threads.
CLI::Validator count_of_threads(int most) {
  return {[most](std::string& value) -> std::string {
            int number = 0;
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
            const bool good = error == std::errc() && end == value.data() + value.size() && number >= 1 && number <= most;
            return good ? "" : "`" + value + "` is no number from 1 to " + std::to_string(most);
          },
          ""};
}

constexpr size_t kNameColumns = 32;  ///< of help: the widest option with its value, and two blanks

class Grammar {
 public:
  /// With the options of the command `wanted` only, of all commands when it is null: making options is most of the work.
  explicit Grammar(const char* wanted)
      : app_("Omega: a language whose loops run in parallel, compiled to native programs and C; contracts to code of the EVM, Solana, CosmWasm and Move.",
             "omega") {
    app_.require_subcommand(0, 1);
    app_.get_formatter()->column_width(kNameColumns);
    app_.set_version_flag("--version", "omega " OMEGA_VERSION);
    app_.footer(
        "Try `omega COMMAND --help`; each command shows examples.\n"
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

  std::vector<CommandSyntax> syntax() const {
    std::vector<CommandSyntax> all;
    for (const CommandText& text : command_texts) {
      CommandSyntax command{text.name, text.summary, text.operand, {}};
      for (const CLI::Option* option : app_.get_subcommand(text.name)->get_options([](const CLI::Option* given) { return given->nonpositional(); })) {
        const std::string name = "--" + option->get_lnames().front();
        const std::string shortened = option->get_snames().empty() ? "" : option->get_snames().front();
        const Value value = option->get_items_expected_max() == 0 ? Value::None
                            : name == "--output"                  ? Value::Folder
                            : words_of(name).empty()              ? Value::Number
                            : option->get_delimiter() != 0        ? Value::Words
                                                                  : Value::Word;
        const auto words = words_of(name);
        command.options.push_back({name, shortened, option->get_description(), value, {words.begin(), words.end()}});
      }
      all.push_back(std::move(command));
    }
    return all;
  }

 private:
  void add_options(Command command, CLI::App& app) {
    switch (command) {
      case Command::New: app.add_option("NAME", options_.path, "Name of the project and its folder")->required(); return;
      case Command::Explain: app.add_option("CODE", options_.path, "A code as messages show it")->required(); return;
      case Command::Completion:
        app.add_option("SHELL", options_.path, "bash, zsh or fish")->required()->check(one_of({std::begin(shell_names), std::end(shell_names)}));
        return;
      default: break;
    }
    if (command == Command::Build || command == Command::Check) {
      app.add_option("PATH", options_.path, "The program's first file (.omega, .mega, .sol), or a project's folder (default: the project around this folder)");
    } else {
      app.add_option("FILE", options_.path, "The program's first file (.omega, .mega, .sol), or a project's folder")->required();
    }
    app.add_option("--message-format", options_.message_format, "How mistakes, loops and artifacts are shown; json: one object a line")
        ->transform(one_of(words_of("--message-format"), true))
        ->option_text("human|json");
    app.add_option("--color", options_.color, "Colours; auto obeys NO_COLOR")->transform(one_of(words_of("--color"), true))->option_text("auto|always|never");
    app.add_option("-j,--jobs", options_.jobs, "Threads of the compiler (default: one for each processor)")
        ->check(count_of_threads(task::Scheduler::max_threads))
        ->option_text("N");
    app.add_flag("-q,--quiet", options_.quiet, "Print errors only");
    app.add_flag("-v,--verbose", options_.verbose, "Show how long each phase took");
    if (command == Command::Check) {
      return;
    }
    app.add_flag("-O,--release", options_.release, "Optimise");
    app.add_flag("--no-auto-parallel", options_.no_auto_parallel, "Run plain loops in sequence even where they could run in parallel");
    app.add_option("--disable-pass", options_.disabled_passes, "Leave out passes of --release: " + listed(pass_names()))
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(one_of(pass_names()))
        ->option_text("PASS,...");
    if (command == Command::Emit) {
      add_stages(app);
      return;
    }
    app.add_flag("--explain", options_.explain, "Say for each loop what was done, and why");
    if (command == Command::Run) {
      app.add_option("--threads", options_.threads, "Threads of `@@` loops (default: one for each processor)")
          ->check(count_of_threads(most_program_threads))
          ->option_text("N");
      app.add_flag("--interpret", options_.interpret, "Run in the reference interpreter");
      app.add_option("ARGS", options_.arguments, "Arguments of the program, after --");
      app.positionals_at_end(false);
    } else {
      app.add_option("--target", options_.targets, "What to make, several with commas (default: native)")
          ->delimiter(',')
          ->allow_extra_args(false)
          ->check(one_of(words_of("--target")))
          ->option_text("native|c|evm|solana|cosmos|move,...");
      app.add_option("--move-address", options_.move_address, "Account that will publish the Move modules (default: 0xc0de)")
          ->check(address_of_account())
          ->option_text("0x...");
      app.add_option("--cosmos-denom", options_.cosmos_denomination, "Coin that value is counted in on CosmWasm, in its smallest unit (default: stake)")
          ->check(denomination())
          ->option_text("NAME");
      app.add_option("-o,--output", options_.output, "Folder for what is made (default: out)");
    }
  }

  void add_stages(CLI::App& app) {
    static constexpr std::pair<const char*, Stage> stages[] = {
        {"--tokens", Stage::Tokens}, {"--tree", Stage::Tree}, {"--ir", Stage::Ir}, {"--asm", Stage::Asm}, {"--graph", Stage::Graph}};
    static constexpr const char* texts[] = {"Tokens", "The parse tree", "The IR that back ends read (default)", "Machine code",
                                            "The IR's control flow, as a DOT drawing"};
    std::vector<CLI::Option*> flags;
    for (size_t i = 0; i < std::size(stages); ++i) {
      CLI::Option* flag = app.add_flag_callback(stages[i].first, [this, stage = stages[i].second] { options_.stage = stage; }, texts[i]);
      for (CLI::Option* other : flags) {
        flag->excludes(other);
      }
      flags.push_back(flag->group("Stages, one of")->option_text(" "));  // else help would list what each excludes
    }
  }

  /// What was meant by the value of an option that takes one of a few words; empty when it is one of them or none is near.
  static std::string meant_value(const std::string& word, const std::string& next) {
    const size_t equal = word.find('=');
    const std::string option = word.substr(0, equal);
    const std::string values = equal == std::string::npos ? next : word.substr(equal + 1);
    const std::vector<std::string_view> known = words_of(option);
    for (size_t begin = 0; !known.empty() && begin <= values.size();) {
      const size_t end = std::min(values.find(',', begin), values.size());
      const std::string value = values.substr(begin, end - begin);
      if (std::find(known.begin(), known.end(), value) == known.end()) {
        return std::string(diag::nearest_name(value, known));
      }
      begin = end + 1;
    }
    return "";
  }

  /// What was meant by a word that is no command or option.
  std::string suggestion(int argc, const char* const* argv) {
    if (argc > 1 && is_source(argv[1])) {
      return "help: a program is run by `omega run " + std::string(argv[1]) + "`\n";
    }
    CLI::App* app = &app_;
    std::vector<std::string> names;
    for (const CommandText& text : command_texts) {
      names.emplace_back(text.name);
    }
    for (int i = 1; i < argc; ++i) {
      const std::string word = argv[i];
      if (word == "--") {
        break;
      }
      if (app == &app_ && !word.starts_with('-')) {
        if (std::find(names.begin(), names.end(), word) != names.end()) {
          app = app_.get_subcommand(word);
          names.clear();
          for (const CLI::Option* option : app->get_options([](const CLI::Option* given) { return given->nonpositional(); })) {
            names.push_back("--" + option->get_lnames().front());
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
    std::string help = "omega --help";
    for (const CommandText& text : command_texts) {
      if (argc > 1 && std::strcmp(argv[1], text.name) == 0) {
        help = "omega " + std::string(text.name) + " --help";
      }
    }
    line.error = "error: " + unknown_command(argc, argv).value_or(error.what()) + "\n" + suggestion(argc, argv) + "Run `" + help + "` for what there is.\n";
    return line;
  }

  /// What to say of a first word that is no command.
  static std::optional<std::string> unknown_command(int argc, const char* const* argv) {
    const std::string_view word = argc > 1 ? argv[1] : "-";
    if (word.starts_with('-') || std::ranges::any_of(command_texts, [&](const CommandText& text) { return word == text.name; })) {
      return std::nullopt;
    }
    return "there is no command `" + std::string(word) + "`";
  }

  static bool is_source(std::string_view word) {
    return std::ranges::any_of(std::initializer_list<std::string_view>{".omega", ".mega", ".sol"},
                               [&](std::string_view ending) { return word.ends_with(ending); });
  }

  CLI::App app_;
  Options options_;
  std::vector<std::pair<Command, CLI::App*>> commands_;
};

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) { return Grammar(argc > 1 ? argv[1] : "").parse(argc, argv); }

std::vector<CommandSyntax> command_syntax() { return Grammar(nullptr).syntax(); }

}  // namespace omega::driver
