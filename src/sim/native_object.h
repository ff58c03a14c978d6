// SPDX-License-Identifier: GPL-2.0-only
//
// A scheduler that was compiled natively (cmake/NativeObject.cmake), loaded into this process: its
// programs, and all that it keeps between calls, which can be put back as it was.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "sim/native/border.h"

namespace scx_pair {

class NativeObject {
 public:
  // Each object is a copy of its own: two of them share no state.
  static Result<NativeObject> from_bytes(std::span<const std::byte> library);
  static Result<NativeObject> open(const std::filesystem::path& library);

  NativeObject(NativeObject&& other) noexcept;
  NativeObject& operator=(NativeObject&& other) = delete;
  ~NativeObject();

  // The programs; valid while the object lives.
  [[nodiscard]] const sim_programs& programs() const { return programs_; }

  // Every variable as it is in the file. Requires: nobody is inside a program.
  void reset();

  // From now on the programs call this kernel.
  void attach(sim_kernel* kernel);

  // The address of a global variable or map; nullptr if there is none of this name.
  [[nodiscard]] void* find(const char* name) const;

  // The variable that holds the address, with how far into it that is: "idle_pairs+8". Where none
  // does, "nowhere named".
  [[nodiscard]] std::string name_of(const void* address) const;

  // Writes a constant, as a loader does before loading. Requires: it has one of this name and size.
  void set_constant(const char* name, const void* value, size_t size);

  // The memory that the programs keep between calls: .data and .bss.
  [[nodiscard]] std::vector<std::span<std::byte>> state() const;

 private:
  NativeObject() = default;
  Status link();

  mutable std::map<std::string, void*, std::less<>> found_;  // what find() has been asked for
  int file_ = -1;  // which holds the library, if it came as bytes
  void* library_ = nullptr;
  sim_programs programs_{};
  sim_attach_function attach_ = nullptr;
  std::array<sim_state, SIM_STATE_KINDS> states_{};
  std::array<std::vector<std::byte>, SIM_STATE_KINDS> initial_;
};

}  // namespace scx_pair
