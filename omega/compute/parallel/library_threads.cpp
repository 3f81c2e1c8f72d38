// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/parallel/library_threads.h"

#include <dlfcn.h>
#include <link.h>

#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

namespace omega::compute {
namespace {

using SetThreads = void (*)(int);
using GetThreads = int (*)();

/// The two functions by which a library's threads are counted.
struct ThreadControl {
  SetThreads set = nullptr;
  GetThreads get = nullptr;
};

template <class Function>
Function symbol(void* library, const char* name) {
  return reinterpret_cast<Function>(::dlsym(library, name));
}

int note_library(dl_phdr_info* info, size_t /*size*/, void* names) {
  const std::string_view path = info->dlpi_name;
  const std::string_view file = path.substr(path.rfind('/') + 1);
  for (const std::string_view wanted : {"openblas", "gomp", "libomp", "iomp", "mkl_rt"}) {
    if (file.find(wanted) != std::string_view::npos) {
      static_cast<std::vector<std::string>*>(names)->emplace_back(path);
      return 0;
    }
  }
  return 0;
}

/// Controls of those libraries that have the first of these pairs of functions.
std::vector<ThreadControl> controls(const std::vector<std::string>& libraries, std::initializer_list<std::pair<const char*, const char*>> names) {
  std::vector<ThreadControl> found;
  for (const std::string& path : libraries) {
    void* const library = ::dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (library == nullptr) {
      continue;
    }
    for (const auto& [set, get] : names) {
      const ThreadControl control{symbol<SetThreads>(library, set), symbol<GetThreads>(library, get)};
      if (control.set != nullptr && control.get != nullptr) {
        found.push_back(control);
        break;
      }
    }
    ::dlclose(library);  // it stays: whoever loaded it holds it
  }
  return found;
}

/// How often libraries were loaded and unloaded in this process.
struct LoadCounts {
  unsigned long long loads = 0;
  unsigned long long unloads = 0;
  bool operator==(const LoadCounts&) const = default;
};

int note_counts(dl_phdr_info* info, size_t /*size*/, void* counts) {
  *static_cast<LoadCounts*>(counts) = {info->dlpi_adds, info->dlpi_subs};
  return 1;  // the first library tells all
}

struct LibraryControls {
  LoadCounts counts;
  std::vector<ThreadControl> openmp;
  std::vector<ThreadControl> blas;
};

/// Those of the libraries that are loaded now, looked for again only when libraries came or went. Holds until the thread asks again; each thread has its own,
/// since a lock might be held by another one when the process forks.
const LibraryControls& library_controls() {
  static thread_local std::optional<LibraryControls> known;
  LoadCounts now;
  ::dl_iterate_phdr(note_counts, &now);
  if (!known || known->counts != now) {
    const std::vector<std::string> libraries = threaded_libraries();
    known.emplace();
    known->counts = now;
    known->openmp = controls(libraries, {{"omp_set_num_threads", "omp_get_max_threads"}});
    known->blas = controls(libraries, {{"openblas_set_num_threads", "openblas_get_num_threads"},
                                       {"openblas_set_num_threads64_", "openblas_get_num_threads64_"},
                                       {"MKL_Set_Num_Threads", "MKL_Get_Max_Threads"}});
  }
  return *known;
}

/// What the process's BLAS libraries had before the first OneLibraryThread.
struct BlasThreads {
  std::mutex mutex;
  unsigned users = 0;
  std::vector<std::pair<ThreadControl, int>> before;
};
BlasThreads& blas_threads() {
  static BlasThreads threads;
  return threads;
}

}  // namespace

bool openmp_available() {
  for (const char* const name : {"libgomp.so.1", "libomp.so.5", "libomp.so", "libiomp5.so"}) {
    if (void* const library = ::dlopen(name, RTLD_LAZY | RTLD_LOCAL)) {
      const bool has = ::dlsym(library, "omp_set_num_threads") != nullptr;
      ::dlclose(library);
      if (has) {
        return true;
      }
    }
  }
  return !library_controls().openmp.empty();
}

std::vector<std::string> threaded_libraries() {
  std::vector<std::string> names;
  ::dl_iterate_phdr(note_library, &names);
  return names;
}

OneLibraryThread::OneLibraryThread() {
  const LibraryControls& controls = library_controls();
  for (const ThreadControl& control : controls.openmp) {
    openmp_threads_.push_back(control.get());
    control.set(1);
  }
  BlasThreads& blas = blas_threads();
  const std::lock_guard lock(blas.mutex);
  if (blas.users++ == 0) {
    for (const ThreadControl& control : controls.blas) {
      blas.before.emplace_back(control, control.get());
      control.set(1);
    }
  }
}

OneLibraryThread::~OneLibraryThread() {
  const LibraryControls& controls = library_controls();
  for (size_t i = 0; i < controls.openmp.size() && i < openmp_threads_.size(); ++i) {
    controls.openmp[i].set(openmp_threads_[i]);
  }
  BlasThreads& blas = blas_threads();
  const std::lock_guard lock(blas.mutex);
  if (--blas.users == 0) {
    for (const auto& [control, threads] : blas.before) {
      control.set(threads);
    }
    blas.before.clear();
  }
}

}  // namespace omega::compute
