// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/parallel/device_pool.h"

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <dlfcn.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "omega/compute/kernels/execution.h"
#include "omega/compute/parallel/load_balancer.h"
#include "omega/compute/parallel/trial.h"

namespace omega::compute {
namespace {

/// The functions of libOpenCL, found when it is loaded.
struct Library {
  // clang-format off
#define OMEGA_OPENCL_FUNCTIONS(F)                                              \
  F(GetPlatformIDs) F(GetDeviceIDs) F(GetDeviceInfo)                           \
  F(CreateSubDevices) F(ReleaseDevice) F(CreateContext) F(ReleaseContext)      \
  F(CreateCommandQueue) F(ReleaseCommandQueue) F(Flush) F(Finish)              \
  F(CreateProgramWithSource) F(BuildProgram) F(GetProgramBuildInfo)            \
  F(ReleaseProgram) F(CreateKernel) F(ReleaseKernel) F(SetKernelArg)           \
  F(CreateBuffer) F(ReleaseMemObject)                                          \
  F(EnqueueNDRangeKernel) F(EnqueueMapBuffer) F(EnqueueUnmapMemObject)
  // clang-format on
#define OMEGA_DECLARE(name) decltype(&::cl##name) name = nullptr;
  OMEGA_OPENCL_FUNCTIONS(OMEGA_DECLARE)
#undef OMEGA_DECLARE

  Library() {
    void* const library = ::dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      throw DeviceError("no OpenCL library (libOpenCL.so.1): install ocl-icd-libopencl1 and a driver, for the processor itself pocl-opencl-icd");
    }
#define OMEGA_FIND(name)                                                            \
  name = reinterpret_cast<decltype(name)>(::dlsym(library, "cl" #name));            \
  if (name == nullptr) {                                                            \
    throw DeviceError("libOpenCL.so.1 has no function cl" #name "; 1.2 is needed"); \
  }
    OMEGA_OPENCL_FUNCTIONS(OMEGA_FIND)
#undef OMEGA_FIND
#undef OMEGA_OPENCL_FUNCTIONS
  }
};

const Library& library() {
  static const Library loaded;
  return loaded;
}

void require(cl_int status, const char* what) {
  if (status != CL_SUCCESS) {
    throw DeviceError(std::string("OpenCL: ") + what + " failed with " + std::to_string(status));
  }
}

std::string text_of(cl_device_id device, cl_device_info what) {
  size_t size = 0;
  library().GetDeviceInfo(device, what, 0, nullptr, &size);
  std::string text(size, '\0');
  library().GetDeviceInfo(device, what, size, text.data(), nullptr);
  text.resize(text.find('\0') == std::string::npos ? size : text.find('\0'));
  return text;
}

cl_uint units_of(cl_device_id device) {
  cl_uint units = 1;
  library().GetDeviceInfo(device, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof units, &units, nullptr);
  return units;
}

std::vector<cl_device_id> found_devices() {
  cl_uint platform_count = 0;
  if (library().GetPlatformIDs(0, nullptr, &platform_count) != CL_SUCCESS || platform_count == 0) {
    throw DeviceError("no OpenCL device: libOpenCL.so.1 finds no driver; install one, for the processor itself pocl-opencl-icd");
  }
  std::vector<cl_platform_id> platforms(platform_count);
  library().GetPlatformIDs(platform_count, platforms.data(), nullptr);
  std::vector<cl_device_id> devices;
  for (cl_platform_id platform : platforms) {
    cl_uint count = 0;
    if (library().GetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &count) == CL_SUCCESS && count > 0) {
      const size_t before = devices.size();
      devices.resize(before + count);
      library().GetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, count, devices.data() + before, nullptr);
    }
  }
  if (devices.empty()) {
    throw DeviceError("no OpenCL device: the drivers that libOpenCL.so.1 finds have none");
  }
  return devices;
}

/// A driver may end the process that asks it for devices, as PoCL does where /sys is not mounted. So a process of its own asks first, until one has come back.
std::vector<cl_device_id> all_devices() {
  static std::mutex mutex;
  static bool harmless = false;
  const std::lock_guard lock(mutex);
  if (!harmless) {
    library();
    if (const std::string failure = failure_of_trial([] { found_devices(); }); !failure.empty()) {
      throw DeviceError("no OpenCL device: looking for devices ends the process, in a driver that libOpenCL.so.1 finds (" + failure +
                        "); PoCL does so where /sys is not mounted");
    }
    harmless = true;
  }
  return found_devices();
}

/// A device, or a part of one, with a context and a queue of its own.
struct Device {
  cl_device_id id = nullptr;
  bool is_part = false;
  cl_context context = nullptr;
  cl_command_queue queue = nullptr;
  std::map<std::string, cl_program> programs;  ///< by source

  Device(cl_device_id device, bool part) : id(device), is_part(part) {
    cl_int status = CL_SUCCESS;
    context = library().CreateContext(nullptr, 1, &id, nullptr, nullptr, &status);
    require(status, "clCreateContext");
    queue = library().CreateCommandQueue(context, id, 0, &status);
    require(status, "clCreateCommandQueue");
  }
  Device(Device&& other) noexcept
      : id(std::exchange(other.id, nullptr)),
        is_part(other.is_part),
        context(std::exchange(other.context, nullptr)),
        queue(std::exchange(other.queue, nullptr)),
        programs(std::move(other.programs)) {}
  Device& operator=(Device&&) = delete;
  ~Device() {
    for (const auto& [source, program] : programs) {
      library().ReleaseProgram(program);
    }
    if (queue != nullptr) {
      library().ReleaseCommandQueue(queue);
    }
    if (context != nullptr) {
      library().ReleaseContext(context);
    }
    if (id != nullptr && is_part) {
      library().ReleaseDevice(id);
    }
  }

  cl_program program(const std::string& source) {
    const auto found = programs.find(source);
    if (found != programs.end()) {
      return found->second;
    }
    const char* text = source.data();
    const size_t size = source.size();
    cl_int status = CL_SUCCESS;
    const cl_program built = library().CreateProgramWithSource(context, 1, &text, &size, &status);
    require(status, "clCreateProgramWithSource");
    if (library().BuildProgram(built, 1, &id, "", nullptr, nullptr) != CL_SUCCESS) {
      size_t log_size = 0;
      library().GetProgramBuildInfo(built, id, CL_PROGRAM_BUILD_LOG, 0, nullptr, &log_size);
      std::string log(log_size, '\0');
      library().GetProgramBuildInfo(built, id, CL_PROGRAM_BUILD_LOG, log_size, log.data(), nullptr);
      library().ReleaseProgram(built);
      throw DeviceError("OpenCL: the kernel does not compile: " + log);
    }
    constexpr size_t kMostPrograms = 64;
    if (programs.size() == kMostPrograms) {
      library().ReleaseProgram(programs.begin()->second);
      programs.erase(programs.begin());
    }
    return programs[source] = built;
  }
};

/// What one task holds while it runs.
class Running {
 public:
  Running(Device& device, const std::string& source, const std::string& name, const DeviceTask& task) : device_(device), task_(task) {
    try {
      begin(source, name);
    } catch (...) {
      release();
      throw;
    }
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    library().Finish(device_.queue);
    release();
  }
  /// Waits, and makes the output's memory what the device wrote.
  void finish() {
    const size_t size = static_cast<size_t>(task_.output.count()) * size_of(task_.output.type);
    cl_int status = CL_SUCCESS;
    void* const mapped = library().EnqueueMapBuffer(device_.queue, buffers_.back(), CL_TRUE, CL_MAP_READ, 0, size, 0, nullptr, nullptr, &status);
    require(status, "the kernel, or reading its output,");
    require(library().EnqueueUnmapMemObject(device_.queue, buffers_.back(), mapped, 0, nullptr, nullptr), "clEnqueueUnmapMemObject");
  }

 private:
  void begin(const std::string& source, const std::string& name) {
    cl_int status = CL_SUCCESS;
    kernel_ = library().CreateKernel(device_.program(source), name.c_str(), &status);
    require(status, "clCreateKernel");
    cl_uint argument = 0;
    for (const ArrayView& input : task_.inputs) {
      add_buffer(argument++, const_cast<std::byte*>(input.data), static_cast<size_t>(input.count()) * size_of(input.type), CL_MEM_READ_ONLY);
    }
    add_buffer(argument++, task_.output.data, static_cast<size_t>(task_.output.count()) * size_of(task_.output.type), CL_MEM_WRITE_ONLY);
    for (const int64_t number : task_.numbers) {
      const cl_long value = number;
      require(library().SetKernelArg(kernel_, argument++, sizeof value, &value), "clSetKernelArg");
    }
    constexpr size_t kGroup = 64;
    const size_t items = (static_cast<size_t>(task_.output.count()) + kGroup - 1) / kGroup * kGroup;
    require(library().EnqueueNDRangeKernel(device_.queue, kernel_, 1, nullptr, &items, &kGroup, 0, nullptr, nullptr), "clEnqueueNDRangeKernel");
    require(library().Flush(device_.queue), "clFlush");
  }

  void add_buffer(cl_uint argument, void* data, size_t size, cl_mem_flags access) {
    static std::byte nothing[64];
    cl_int status = CL_SUCCESS;
    const cl_mem buffer = library().CreateBuffer(device_.context, access | CL_MEM_USE_HOST_PTR, std::max<size_t>(size, 1), size == 0 ? nothing : data, &status);
    require(status, "clCreateBuffer");
    buffers_.push_back(buffer);
    require(library().SetKernelArg(kernel_, argument, sizeof buffer, static_cast<const void*>(&buffer)), "clSetKernelArg");
  }

  void release() {
    for (const cl_mem buffer : buffers_) {
      library().ReleaseMemObject(buffer);
    }
    if (kernel_ != nullptr) {
      library().ReleaseKernel(kernel_);
    }
  }

  Device& device_;
  const DeviceTask& task_;
  cl_kernel kernel_ = nullptr;
  std::vector<cl_mem> buffers_;
};

}  // namespace

struct DevicePool::State {
  std::vector<Device> devices;
  std::mutex mutex;
};

/// The devices of pools that have ended, for those that begin. They stay as long as the process: a driver's thread may still look at a command's queue and
/// device after clFinish has said that the command is over (PoCL 3.1 calls clReleaseEvent there), so that releasing them would end under its feet.
struct DevicePool::Kept {
  std::mutex mutex;
  std::vector<std::unique_ptr<State>> states;

  static Kept& instance() {
    static Kept* const kept = new Kept();
    return *kept;
  }
  /// Devices as many as wanted, or null.
  std::unique_ptr<State> take(size_t count) {
    const std::lock_guard lock(mutex);
    const auto found = std::ranges::find(states, count, [](const auto& state) { return state->devices.size(); });
    if (found == states.end()) {
      return nullptr;
    }
    std::unique_ptr<State> taken = std::move(*found);
    states.erase(found);
    return taken;
  }
  void give(std::unique_ptr<State> state) {
    const std::lock_guard lock(mutex);
    states.push_back(std::move(state));
  }
};

DevicePool::DevicePool(std::optional<unsigned> wanted) {
  std::vector<cl_device_id> found = all_devices();
  std::ranges::stable_sort(found, std::greater(), units_of);
  const unsigned count = wanted.value_or(static_cast<unsigned>(found.size()));
  state_ = Kept::instance().take(count);
  if (state_ != nullptr) {
    return;
  }
  state_ = std::make_unique<State>();
  if (count > found.size()) {
    const cl_uint units = units_of(found[0]);
    const unsigned parts = count - static_cast<unsigned>(found.size()) + 1;
    if (units < parts) {
      throw DeviceError("num_threads = " + std::to_string(count) + " devices: there are " + std::to_string(found.size()) + ", and '" +
                        text_of(found[0], CL_DEVICE_NAME) + "' can be split into " + std::to_string(units) + " parts at most");
    }
    std::vector<cl_device_partition_property> properties{CL_DEVICE_PARTITION_BY_COUNTS};
    properties.insert(properties.end(), parts, static_cast<cl_device_partition_property>(units / parts));
    properties.insert(properties.end(), {CL_DEVICE_PARTITION_BY_COUNTS_LIST_END, 0});
    std::vector<cl_device_id> split(parts);
    cl_uint made = 0;
    if (library().CreateSubDevices(found[0], properties.data(), parts, split.data(), &made) != CL_SUCCESS || made != parts) {
      throw DeviceError("num_threads = " + std::to_string(count) + " devices: there are " + std::to_string(found.size()) + ", and '" +
                        text_of(found[0], CL_DEVICE_NAME) + "' cannot be split");
    }
    for (cl_device_id part : split) {
      state_->devices.emplace_back(part, true);
    }
    found.erase(found.begin());
  }
  for (cl_device_id device : found) {
    if (state_->devices.size() < count) {
      state_->devices.emplace_back(device, false);
    }
  }
}

DevicePool::~DevicePool() { Kept::instance().give(std::move(state_)); }

std::vector<std::string> DevicePool::names() const {
  std::vector<std::string> names;
  for (const Device& device : state_->devices) {
    names.push_back(text_of(device.id, CL_DEVICE_NAME) + " (" + std::to_string(units_of(device.id)) + " units)");
  }
  return names;
}

unsigned DevicePool::count() const { return static_cast<unsigned>(state_->devices.size()); }

bool DevicePool::has_float64() const {
  return std::ranges::all_of(state_->devices,
                             [](const Device& device) { return text_of(device.id, CL_DEVICE_EXTENSIONS).find("cl_khr_fp64") != std::string::npos; });
}

std::vector<unsigned> DevicePool::run(const std::string& source, const std::string& kernel, std::span<const DeviceTask> tasks,
                                      const task::Cancellation* cancellation) {
  const std::lock_guard lock(state_->mutex);
  std::vector<double> loads;
  for (const DeviceTask& each : tasks) {
    loads.push_back(std::max(each.load, 1e-12));
  }
  const std::vector<std::vector<uint32_t>> lists = assign_heaviest_first(loads, count());
  std::vector<unsigned> device_of(tasks.size());
  size_t longest = 0;
  for (unsigned device = 0; device < lists.size(); ++device) {
    longest = std::max(longest, lists[device].size());
    for (const uint32_t each : lists[device]) {
      device_of[each] = device;
    }
  }
  // One task a device at a time, two deep, so that a device has its next one when it ends one.
  std::vector<std::unique_ptr<Running>> before;
  for (size_t round = 0; round <= longest; ++round) {
    if (cancellation != nullptr && cancellation->requested()) {
      throw Stopped{cancellation->state()};
    }
    std::vector<std::unique_ptr<Running>> now;
    for (unsigned device = 0; device < lists.size(); ++device) {
      if (round < lists[device].size() && tasks[lists[device][round]].output.count() > 0) {
        now.push_back(std::make_unique<Running>(state_->devices[device], source, kernel, tasks[lists[device][round]]));
      }
    }
    for (const auto& running : before) {
      running->finish();
    }
    before = std::move(now);
  }
  return device_of;
}

}  // namespace omega::compute
