// SPDX-License-Identifier: GPL-2.0-only
#include "sim/native_object.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace scx_pair {
namespace {

std::span<std::byte> bytes_of(const sim_state& state) {
  auto* begin = static_cast<std::byte*>(state.begin);
  return {begin, static_cast<size_t>(static_cast<std::byte*>(state.end) - begin)};
}

// Makes constants writable, for the one who loads the program.
void make_writable(std::span<std::byte> bytes) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t before = reinterpret_cast<size_t>(bytes.data()) & (page - 1);  // on the first page
  const int error = mprotect(bytes.data() - before, before + bytes.size(), PROT_READ | PROT_WRITE);
  check(error == 0, "the constants of a native object can be written");
}

Error system_error(const char* what) {
  return Error{ExitCode::kInternal, fmt::format("{}: {}", what, std::strerror(errno))};
}

}  // namespace

NativeObject::NativeObject(NativeObject&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      library_(std::exchange(other.library_, nullptr)),
      programs_(other.programs_),
      attach_(other.attach_),
      states_(other.states_),
      initial_(std::move(other.initial_)) {}

NativeObject::~NativeObject() {
  if (library_ != nullptr) dlclose(library_);
  if (file_ >= 0) close(file_);
}

Result<NativeObject> NativeObject::from_bytes(std::span<const std::byte> library) {
  // A file of its own, which stays open: the dynamic linker knows libraries by their names, and
  // would hand out the same copy again.
  const int file = memfd_create("native_object", MFD_CLOEXEC);
  if (file < 0) return system_error("make room for a native scheduler");
  for (size_t done = 0; done < library.size();) {
    const ssize_t written = write(file, library.data() + done, library.size() - done);
    if (written <= 0) {
      Error error = system_error("write a native scheduler");
      close(file);
      return error;
    }
    done += static_cast<size_t>(written);
  }
  auto object = open(fmt::format("/proc/self/fd/{}", file));
  if (object) {
    object->file_ = file;
  } else {
    close(file);
  }
  return object;
}

Result<NativeObject> NativeObject::open(const std::filesystem::path& library) {
  NativeObject object;
  object.library_ = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (object.library_ == nullptr) {
    return Error{ExitCode::kUsage, fmt::format("{} is no natively compiled scheduler: {}",
                                               library.string(), dlerror())};
  }
  Status status = object.link();
  if (!status) return std::move(status.error());
  return object;
}

Status NativeObject::link() {
  attach_ = reinterpret_cast<sim_attach_function>(find("sim_attach"));
  const auto describe = reinterpret_cast<sim_describe_function>(find("sim_describe"));
  if (attach_ == nullptr || describe == nullptr) {
    return Error{ExitCode::kUsage, "this library was not built by add_native_object()"};
  }
  describe(&programs_, states_.data());
  make_writable(bytes_of(states_[SIM_STATE_RODATA]));
  for (size_t i = 0; i < SIM_STATE_KINDS; i++) {
    const std::span<std::byte> bytes = bytes_of(states_.at(i));
    initial_.at(i).assign(bytes.begin(), bytes.end());
  }
  return Done{};
}

void NativeObject::reset() {
  for (size_t i = 0; i < SIM_STATE_KINDS; i++) {
    if (!initial_.at(i).empty()) {
      std::memcpy(states_.at(i).begin, initial_.at(i).data(), initial_.at(i).size());
    }
  }
}

void NativeObject::attach(sim_kernel* kernel) {
  attach_(kernel);
}

void* NativeObject::find(const char* name) const {
  const auto known = found_.find(std::string_view(name));
  if (known != found_.end()) return known->second;
  return found_.emplace(name, dlsym(library_, name)).first->second;
}

std::string NativeObject::name_of(const void* address) const {
  Dl_info info{};
  Dl_info ours{};
  const bool known = dladdr(address, &info) != 0 && info.dli_sname != nullptr &&
                     dladdr(reinterpret_cast<const void*>(attach_), &ours) != 0 &&
                     info.dli_fbase == ours.dli_fbase;
  if (!known) return "nowhere named";
  const auto offset =
      static_cast<const std::byte*>(address) - static_cast<const std::byte*>(info.dli_saddr);
  return offset == 0 ? info.dli_sname : fmt::format("{}+{}", info.dli_sname, offset);
}

void NativeObject::set_constant(const char* name, const void* value, size_t size) {
  void* address = find(name);
  check(address != nullptr, "the constant that is set exists");
  std::memcpy(address, value, size);
}

std::vector<std::span<std::byte>> NativeObject::state() const {
  return {bytes_of(states_[SIM_STATE_DATA]), bytes_of(states_[SIM_STATE_BSS])};
}

}  // namespace scx_pair
