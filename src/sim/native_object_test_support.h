// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "base/check.h"
#include "sim/native_object.h"

namespace scx_pair {

// Requires: the library is one that the build made.
inline NativeObject object_of(std::span<const std::byte> library) {
  auto object = NativeObject::from_bytes(library);
  check(object.has_value(), "a native object can be loaded");
  return std::move(*object);
}

}  // namespace scx_pair
