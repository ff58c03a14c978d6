// SPDX-License-Identifier: GPL-2.0-only
//
// One loaded BPF object file, owned. The life of one: open, set variables and program switches,
// load, attach. Everything is found by name in the object's own BTF; there is no generated
// skeleton. Whatever libbpf and the verifier said on the way is part of the error.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "base/result.h"

struct bpf_link;
struct btf;
struct bpf_map;
struct bpf_object;
struct bpf_program;

namespace scx_pair {

struct BpfLinkCloser {
  void operator()(bpf_link* link) const;
};
// An attached program or struct_ops map. Destroying it detaches.
using BpfLink = std::unique_ptr<bpf_link, BpfLinkCloser>;

// Whether the running kernel has a function of this name that programs can be attached to, as far
// as its type information tells.
bool kernel_has_function(const std::string& name);

// Whether a struct of the running kernel has a member of this name, as far as its type information
// tells.
bool kernel_has_member(const std::string& structure, const std::string& member);

class BpfObject {
 public:
  // Parses `image`, which must outlive the object. `name` appears in the kernel's lists of maps.
  static Result<BpfObject> open(std::span<const std::byte> image, const std::string& name);

  Result<bpf_map*> find_map(const std::string& name) const;
  Result<bpf_program*> find_program(const std::string& name) const;

  // The object's own types.
  Result<const btf*> types() const;

  // The bytes of a global variable: its initial value before load(), the live one after. Variables
  // of .rodata may be written only before load().
  Result<std::span<std::byte>> variable(const std::string& name) const;

  // Sets a global variable, `const volatile` ones included. The size of T must be the variable's.
  // Requires: before load().
  template <typename T>
  Status set_variable(const std::string& name, const T& value) const {
    static_assert(std::is_trivially_copyable_v<T>);
    return set_variable_bytes(name, std::as_bytes(std::span(&value, 1)));
  }

  // The initial bytes of a whole map (".rodata", ".data.x", or a struct_ops map by its name).
  Result<std::span<std::byte>> initial_value(const std::string& map_name) const;

  // How many entries a map has; for a ring buffer its size in bytes. Requires: before load().
  Status set_max_entries(const std::string& map_name, unsigned int entries) const;

  // Whether load() loads the program at all. Requires: before load().
  Status set_autoload(const std::string& program_name, bool autoload) const;

  Status load();

  // Two steps back to what load() left, for attaching again. The first empties every map but those
  // of variables, cancels timers, and waits for every program that still runs with what was there;
  // the second does so once more, for what those wrote, and makes variables initial but for those
  // in sections named .kept. Arenas stay as they are. Programs that run meanwhile find empty maps.
  Status empty() const;
  Status restore() const;

  // Attaches one program where its section name says.
  Result<BpfLink> attach(const std::string& program_name) const;

  // Registers a struct_ops map with the kernel through a link.
  Result<BpfLink> attach_struct_ops(const std::string& map_name) const;

  // The errno of the last call that failed, for a caller that branches on it (EBUSY); 0 if none
  // did.
  [[nodiscard]] int last_errno() const { return last_errno_; }

 private:
  struct Closer {
    void operator()(bpf_object* object) const;
  };
  using Handle = std::unique_ptr<bpf_object, Closer>;

  // What a map of variables held when it was loaded.
  struct MapImage {
    bpf_map* map;
    std::vector<std::byte> bytes;
  };

  explicit BpfObject(Handle object) : object_(std::move(object)) {}
  Status set_variable_bytes(const std::string& name, std::span<const std::byte> value) const;
  void remember_variables();
  Status empty_maps() const;
  Error fail(const std::string& what, int code) const;

  Handle object_;
  std::vector<MapImage> images_;
  mutable int last_errno_ = 0;
};

}  // namespace scx_pair
