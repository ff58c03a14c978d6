// SPDX-License-Identifier: GPL-2.0-only
#include "host/bpf_object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/types.h"
#include "host/empty_map.h"

namespace scx_pair {
namespace {

// libbpf's print callback has no context argument, so what it says is collected here until the
// next call of ours takes it. Only the tail is kept: the verifier ends with the reason.
constexpr size_t kLogTail = 16'384;
thread_local std::string libbpf_log;

__attribute__((format(printf, 2, 0))) int collect_log(libbpf_print_level level, const char* format,
                                                      va_list args) {
  if (level == LIBBPF_DEBUG || level == LIBBPF_INFO) return 0;
  va_list again;
  va_copy(again, args);
  const int length = std::vsnprintf(nullptr, 0, format, args);
  if (length > 0) {
    std::string line(static_cast<size_t>(length) + 1, '\0');
    std::vsnprintf(line.data(), line.size(), format, again);
    line.pop_back();
    libbpf_log += line;
    if (libbpf_log.size() > kLogTail) libbpf_log.erase(0, libbpf_log.size() - kLogTail);
  }
  va_end(again);
  return length;
}

void start_log() {
  libbpf_set_print(collect_log);
  libbpf_log.clear();
}

Error make_error(const std::string& what, int code) {
  const bool denied = code == EPERM || code == EACCES;
  std::string text = fmt::format("{}: {}", what, std::strerror(code));
  if (code == EPERM) {
    text += ::geteuid() != 0 ? " (loading BPF programs needs root)"
                             : " (the kernel refuses this to root too, as under lockdown)";
  }
  if (!libbpf_log.empty()) text += "\n" + libbpf_log;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return Error{denied ? ExitCode::kEnvironment : ExitCode::kInternal, std::move(text)};
}

// Where the BTF of an object says a global variable lies.
struct Place {
  std::string section;
  size_t offset;
  size_t size;
};

std::optional<Place> find_place(const btf* types, const std::string& variable) {
  for (u32 id = 1; id < btf__type_cnt(types); ++id) {
    const btf_type* section = btf__type_by_id(types, id);
    if (!btf_is_datasec(section)) continue;
    const btf_var_secinfo* entries = btf_var_secinfos(section);
    for (u32 i = 0; i < btf_vlen(section); ++i) {
      const btf_type* entry = btf__type_by_id(types, entries[i].type);
      if (!btf_is_var(entry) || variable != btf__name_by_offset(types, entry->name_off)) continue;
      return Place{btf__name_by_offset(types, section->name_off), entries[i].offset,
                   entries[i].size};
    }
  }
  return std::nullopt;
}

struct FreeTypes {
  void operator()(btf* types) const { btf__free(types); }
};
using KernelTypes = std::unique_ptr<btf, FreeTypes>;

// Nothing if the kernel has none.
KernelTypes kernel_types() {
  start_log();
  return KernelTypes(btf__load_vmlinux_btf());
}

}  // namespace

bool kernel_has_function(const std::string& name) {
  const KernelTypes kernel = kernel_types();
  return kernel && btf__find_by_name_kind(kernel.get(), name.c_str(), BTF_KIND_FUNC) >= 0;
}

bool kernel_has_member(const std::string& structure, const std::string& member) {
  const KernelTypes kernel = kernel_types();
  if (!kernel) return false;
  const int id = btf__find_by_name_kind(kernel.get(), structure.c_str(), BTF_KIND_STRUCT);
  if (id < 0) return false;
  const btf_type* type = btf__type_by_id(kernel.get(), static_cast<u32>(id));
  for (u32 i = 0; i < btf_vlen(type); ++i) {
    if (member == btf__name_by_offset(kernel.get(), btf_members(type)[i].name_off)) return true;
  }
  return false;
}

void BpfLinkCloser::operator()(bpf_link* link) const {
  bpf_link__destroy(link);
}
void BpfObject::Closer::operator()(bpf_object* object) const {
  bpf_object__close(object);
}

Error BpfObject::fail(const std::string& what, int code) const {
  last_errno_ = code;
  return make_error(what, code);
}

Result<BpfObject> BpfObject::open(std::span<const std::byte> image, const std::string& name) {
  start_log();
  bpf_object_open_opts options{};
  options.sz = sizeof options;
  options.object_name = name.c_str();
  bpf_object* object = bpf_object__open_mem(image.data(), image.size(), &options);
  if (object == nullptr) return make_error("open BPF object " + name, errno);
  return BpfObject(Handle(object));
}

Result<bpf_map*> BpfObject::find_map(const std::string& name) const {
  start_log();
  bpf_map* map = bpf_object__find_map_by_name(object_.get(), name.c_str());
  if (map == nullptr) return fail("find BPF map " + name, ENOENT);
  return map;
}

Result<bpf_program*> BpfObject::find_program(const std::string& name) const {
  start_log();
  bpf_program* program = bpf_object__find_program_by_name(object_.get(), name.c_str());
  if (program == nullptr) return fail("find BPF program " + name, ENOENT);
  return program;
}

Result<const btf*> BpfObject::types() const {
  start_log();
  const btf* types = bpf_object__btf(object_.get());
  if (types == nullptr) return fail("read the types of a BPF object", ENODATA);
  return types;
}

Result<std::span<std::byte>> BpfObject::variable(const std::string& name) const {
  start_log();
  const btf* types = bpf_object__btf(object_.get());
  const std::optional<Place> place =
      types != nullptr ? find_place(types, name) : std::optional<Place>();
  if (!place) return fail("find BPF variable " + name, ENOENT);
  auto bytes = initial_value(place->section);
  if (!bytes) return std::move(bytes.error()).in("BPF variable " + name);
  if (place->offset + place->size > bytes->size())
    return fail("place BPF variable " + name, ERANGE);
  return bytes->subspan(place->offset, place->size);
}

Status BpfObject::set_variable_bytes(const std::string& name,
                                     std::span<const std::byte> value) const {
  auto bytes = variable(name);
  if (!bytes) return std::move(bytes.error());
  if (bytes->size() != value.size()) {
    return fail(fmt::format("set BPF variable {}: it has {} bytes, the value {}", name,
                            bytes->size(), value.size()),
                EINVAL);
  }
  std::ranges::copy(value, bytes->begin());
  return Done{};
}

Result<std::span<std::byte>> BpfObject::initial_value(const std::string& map_name) const {
  auto map = find_map(map_name);
  if (!map) return std::move(map.error());
  size_t size = 0;
  void* data = bpf_map__initial_value(*map, &size);
  if (data == nullptr) return fail("read the value of BPF map " + map_name, ENODATA);
  return std::span(static_cast<std::byte*>(data), size);
}

Status BpfObject::set_max_entries(const std::string& map_name, unsigned int entries) const {
  auto map = find_map(map_name);
  if (!map) return std::move(map.error());
  const int error = bpf_map__set_max_entries(*map, entries);
  if (error != 0) return fail("set the size of BPF map " + map_name, -error);
  return Done{};
}

Status BpfObject::set_autoload(const std::string& program_name, bool autoload) const {
  auto program = find_program(program_name);
  if (!program) return std::move(program.error());
  const int error = bpf_program__set_autoload(*program, autoload);
  if (error != 0) return fail("switch BPF program " + program_name, -error);
  return Done{};
}

Status BpfObject::load() {
  start_log();
  const int error = bpf_object__load(object_.get());
  if (error != 0) {
    return fail(fmt::format("load BPF object {}", bpf_object__name(object_.get())), -error);
  }
  remember_variables();
  return Done{};
}

void BpfObject::remember_variables() {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object_.get()) {
    const bool kept = std::string_view(bpf_map__name(map)).ends_with(".kept");
    const bool constant = (bpf_map__map_flags(map) & BPF_F_RDONLY_PROG) != 0;
    if (!bpf_map__is_internal(map) || kept || constant) continue;
    size_t size = 0;
    const auto* bytes = static_cast<const std::byte*>(bpf_map__initial_value(map, &size));
    if (bytes != nullptr) images_.push_back({map, std::vector<std::byte>(bytes, bytes + size)});
  }
}

Status BpfObject::empty_maps() const {
  start_log();
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object_.get()) {
    const int error = bpf_map__is_internal(map) ? 0 : empty_map(map);
    if (error != 0) return fail(fmt::format("empty BPF map {}", bpf_map__name(map)), error);
  }
  return Done{};
}

Status BpfObject::empty() const {
  Status status = empty_maps();
  if (status && !wait_for_programs()) return fail("wait for BPF programs to end", errno);
  return status;
}

Status BpfObject::restore() const {
  Status status = empty_maps();
  if (!status) return status;
  for (const MapImage& image : images_) {
    size_t size = 0;
    auto* bytes = static_cast<std::byte*>(bpf_map__initial_value(image.map, &size));
    std::ranges::copy(image.bytes, bytes);
  }
  return Done{};
}

Result<BpfLink> BpfObject::attach(const std::string& program_name) const {
  auto program = find_program(program_name);
  if (!program) return std::move(program.error());
  BpfLink link(bpf_program__attach(*program));
  if (!link) return fail("attach BPF program " + program_name, errno);
  return link;
}

Result<BpfLink> BpfObject::attach_struct_ops(const std::string& map_name) const {
  auto map = find_map(map_name);
  if (!map) return std::move(map.error());
  BpfLink link(bpf_map__attach_struct_ops(*map));
  if (!link) return fail("attach struct_ops map " + map_name, errno);
  return link;
}

}  // namespace scx_pair
