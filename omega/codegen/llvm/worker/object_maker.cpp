// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/llvm/worker/object_maker.h"

#include <dlfcn.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "omega/codegen/llvm/worker/block_order.h"
#include "omega/codegen/llvm/worker/llvm_functions.h"
#include "omega/codegen/llvm/worker/wide_operations.h"

namespace omega::codegen::llvm {

namespace {

constexpr const char* kLibrary = "libLLVM.so.19.1";
constexpr const char* kPackage = "libllvm19";

// Numbers of LLVM's enumerations.
constexpr int kInternalLinkage = 8, kDefaultVisibility = 0;
constexpr unsigned kFunctionAttributes = ~0u;  // the index of attributes of the function itself
constexpr int kWarning = 1;                    // severities: error 0, warning 1, remark 2, note 3
constexpr int kOptimized = 2;                  // level of code generation
constexpr int kDefaultRelocations = 0, kPositionIndependent = 2;
constexpr int kDefaultCodeModel = 0;
constexpr int kObjectFile = 1;

/// The machine whose blocks LLVM does not place.
constexpr std::string_view kUnplaced = "bpf";

/// What this process has had of processors.
int64_t cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

Library load() {
  Library library;
  void* handle = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* why = dlerror();
    library.error = std::string(kLibrary) + " cannot be loaded; install the package " + kPackage + (why != nullptr ? std::string(" (") + why + ")" : "");
    return library;
  }
#define OMEGA_LLVM(result, name, parameters)                                                                        \
  library.name = reinterpret_cast<result(*) parameters>(dlsym(handle, #name));                                      \
  if (library.name == nullptr) {                                                                                    \
    library.error = std::string(kLibrary) + " has no " #name "; install the package " + kPackage + " of Debian 12"; \
    return library;                                                                                                 \
  }
#include "omega/codegen/llvm/worker/functions.def"
  library.LLVMInitializeBPFTargetInfo();
  library.LLVMInitializeBPFTarget();
  library.LLVMInitializeBPFTargetMC();
  library.LLVMInitializeBPFAsmPrinter();
  library.LLVMInitializeWebAssemblyTargetInfo();
  library.LLVMInitializeWebAssemblyTarget();
  library.LLVMInitializeWebAssemblyTargetMC();
  library.LLVMInitializeWebAssemblyAsmPrinter();
  library.LLVMInitializeX86TargetInfo();
  library.LLVMInitializeX86Target();
  library.LLVMInitializeX86TargetMC();
  library.LLVMInitializeX86AsmPrinter();
  // What expand-large-div-rem takes on: no chain has functions that divide more than 64 bits.
  const char* const arguments[] = {"omega", "-expand-div-rem-bits=64"};
  library.LLVMParseCommandLineOptions(2, arguments, nullptr);
  return library;
}

/// Loaded at the first call, for the rest of the process.
const Library& library() {
  static const Library loaded = load();
  return loaded;
}

/// LLVM's options are global; each is given to it once.
void set_arguments(const Library& llvm, std::span<const std::string_view> arguments) {
  static std::vector<std::string> known;
  for (const std::string_view argument : arguments) {
    if (std::ranges::find(known, argument) == known.end()) {
      const std::string text = known.emplace_back(argument);
      const char* const list[] = {"omega", text.c_str()};
      llvm.LLVMParseCommandLineOptions(2, list, nullptr);
    }
  }
}

/// One module on its way to an object file.
class ObjectMaker {
 public:
  ObjectMaker(const Library& llvm, const ObjectOptions& options)
      : llvm_(llvm), options_(options), triple_(options.triple), context_(llvm.LLVMContextCreate(), llvm.LLVMContextDispose) {
    llvm.LLVMContextSetDiagnosticHandler(context_.get(), &ObjectMaker::take_diagnostic, this);
  }

  ObjectResult make(std::string_view text, std::span<const uint8_t> runtime) {
    ObjectResult result;
    if (open_target() && parse(text) && link(runtime) && optimize()) {
      result.object = emit();
    }
    result.error = std::move(errors_);
    if (!result.error.empty()) {
      result.object.reset();
    }
    return result;
  }

 private:
  using Deleter = void (*)(void*);
  using Handle = std::unique_ptr<void, Deleter>;

  static void take_diagnostic(void* diagnostic, void* self) {
    auto& maker = *static_cast<ObjectMaker*>(self);
    // A warning is a frame that is too large, or parts that do not fit together: mistakes all of them.
    if (maker.llvm_.LLVMGetDiagInfoSeverity(diagnostic) <= kWarning) {
      maker.fail_with(maker.llvm_.LLVMGetDiagInfoDescription(diagnostic));
    }
  }

  bool fail(std::string_view message) {
    errors_ += errors_.empty() ? "" : "\n";
    errors_ += message;
    return false;
  }
  /// The same with a text of LLVM's, which is given back.
  bool fail_with(char* message) {
    if (message != nullptr) {
      fail(message);
      llvm_.LLVMDisposeMessage(message);
    }
    return false;
  }

  bool open_target() {
    void* target = nullptr;
    char* message = nullptr;
    if (llvm_.LLVMGetTargetFromTriple(triple_.c_str(), &target, &message) != 0) {
      return fail_with(message);
    }
    const int relocations = options_.is_position_independent ? kPositionIndependent : kDefaultRelocations;
    machine_ = Handle(llvm_.LLVMCreateTargetMachine(target, triple_.c_str(), std::string(options_.cpu).c_str(), std::string(options_.features).c_str(),
                                                    kOptimized, relocations, kDefaultCodeModel),
                      llvm_.LLVMDisposeTargetMachine);
    return machine_ != nullptr || fail("LLVM has no machine for " + triple_);
  }

  void* buffer(const char* bytes, size_t size, const char* name) { return llvm_.LLVMCreateMemoryBufferWithMemoryRangeCopy(bytes, size, name); }

  bool parse(std::string_view text) {
    void* module = nullptr;
    char* message = nullptr;
    if (llvm_.LLVMParseIRInContext(context_.get(), buffer(text.data(), text.size(), "contract"), &module, &message) != 0) {
      return fail_with(message);
    }
    module_ = Handle(module, llvm_.LLVMDisposeModule);
    set_target(module);
    return true;
  }

  void set_target(void* module) {
    llvm_.LLVMSetTarget(module, triple_.c_str());
    const Handle layout(llvm_.LLVMCreateTargetDataLayout(machine_.get()), llvm_.LLVMDisposeTargetData);
    llvm_.LLVMSetModuleDataLayout(module, layout.get());
  }

  bool link(std::span<const uint8_t> runtime) {
    void* module = nullptr;
    void* bytes = buffer(reinterpret_cast<const char*>(runtime.data()), runtime.size(), "runtime");
    const bool is_bad = llvm_.LLVMParseBitcodeInContext2(context_.get(), bytes, &module) != 0;
    llvm_.LLVMDisposeMemoryBuffer(bytes);
    if (is_bad) {
      return errors_.empty() ? fail("the runtime is no bitcode") : false;
    }
    set_target(module);
    if (llvm_.LLVMLinkModules2(module_.get(), module) != 0) {
      return errors_.empty() ? fail("the runtime does not link") : false;
    }
    for (void* f = llvm_.LLVMGetFirstFunction(module_.get()); f != nullptr; f = llvm_.LLVMGetNextFunction(f)) {
      // Functions are inlined into each other only when they ask for the same processor: they leave that to the machine.
      for (const std::string_view name : {"target-cpu", "target-features", "tune-cpu"}) {
        llvm_.LLVMRemoveStringAttributeAtIndex(f, kFunctionAttributes, name.data(), static_cast<unsigned>(name.size()));
      }
      hide(f);
    }
    for (void* v = llvm_.LLVMGetFirstGlobal(module_.get()); v != nullptr; v = llvm_.LLVMGetNextGlobal(v)) {
      hide(v);
    }
    return true;
  }

  /// Makes what is defined internal, but what is kept visible.
  void hide(void* value) {
    size_t size = 0;
    const char* name = llvm_.LLVMGetValueName2(value, &size);
    if (llvm_.LLVMIsDeclaration(value) != 0) {
      return;
    }
    if (std::ranges::find(options_.kept, std::string_view(name, size)) == options_.kept.end()) {
      llvm_.LLVMSetLinkage(value, kInternalLinkage);
    } else {
      llvm_.LLVMSetVisibility(value, kDefaultVisibility);
    }
  }

  bool optimize() {
    const Handle how(llvm_.LLVMCreatePassBuilderOptions(), llvm_.LLVMDisposePassBuilderOptions);
    // What nobody uses goes before anything is done to it: most of the runtime.
    const std::string passes = "globaldce," + std::string(options_.passes) + ",function(expand-large-div-rem)";
    void* error = llvm_.LLVMRunPasses(module_.get(), passes.c_str(), machine_.get(), how.get());
    if (error != nullptr) {
      char* message = llvm_.LLVMGetErrorMessage(error);
      fail(message);
      llvm_.LLVMDisposeErrorMessage(message);
    }
    if (errors_.empty()) {
      expand_wide_operations(llvm_, context_.get(), module_.get());
      if (triple_.starts_with(kUnplaced)) {
        order_blocks(llvm_, context_.get(), module_.get());
      }
    }
    return errors_.empty();
  }

  std::optional<std::string> emit() {
    void* bytes = nullptr;
    char* message = nullptr;
    if (llvm_.LLVMTargetMachineEmitToMemoryBuffer(machine_.get(), module_.get(), kObjectFile, &message, &bytes) != 0) {
      fail_with(message);
      return std::nullopt;
    }
    std::string object(llvm_.LLVMGetBufferStart(bytes), llvm_.LLVMGetBufferSize(bytes));
    llvm_.LLVMDisposeMemoryBuffer(bytes);
    return object;
  }

  const Library& llvm_;
  const ObjectOptions& options_;
  std::string triple_;
  std::string errors_;
  Handle context_;  // goes last
  Handle machine_{nullptr, nullptr};
  Handle module_{nullptr, nullptr};
};

}  // namespace

ObjectResult make_object_here(std::string_view text, std::span<const uint8_t> runtime, const ObjectOptions& options, void (*on_fatal_error)(const char*)) {
  const Library& llvm = library();
  if (!llvm.error.empty()) {
    return {std::nullopt, llvm.error, 0};
  }
  const int64_t begin = cpu_ns();
  llvm.LLVMInstallFatalErrorHandler(on_fatal_error);
  set_arguments(llvm, options.arguments);
  ObjectResult made = ObjectMaker(llvm, options).make(text, runtime);
  made.cpu_ns = cpu_ns() - begin;
  return made;
}

}  // namespace omega::codegen::llvm
