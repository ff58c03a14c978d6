// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

namespace scx_pair {

// Exit codes of the program, documented in docs/exit-codes.md. A new one is added only if a script
// would branch on it.
enum class ExitCode : int {
  kOk = 0,
  kBroken = 1,  // the promise was broken, or a run could not be judged; explore: a counterexample
  kUsage = 2,   // a wrong option or value; nothing was changed
  kEnvironment = 3,  // this machine cannot run it as it is; the message says what to do
  kEjected = 4,      // the kernel ended the scheduler; its reason was printed
  kInternal = 5,     // anything else: a failing system call, a bug
  kNothing = 6,      // nothing was there that could have broken the promise
};

// An operating error: one sentence for a person, and the code the program ends with.
struct Error {
  ExitCode code = ExitCode::kInternal;
  std::string what;

  // The same error with the step that met it in front: "attach: <what>".
  [[nodiscard]] Error in(const std::string& context) && {
    return Error{code, context + ": " + what};
  }
};

// A value or an Error. Member names are a subset of std::expected's, so that it can be replaced by
// it with C++23. Requires: value() only if has_value(), error() only if not.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT: implicit, as std::expected
  Result(Error error) : state_(std::move(error)) {}  // NOLINT: implicit, for `return Error{...}`

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    check(has_value(), "value() of a Result that holds an error");
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    check(has_value(), "value() of a Result that holds an error");
    return *std::get_if<0>(&state_);
  }
  T&& value() && { return std::move(value()); }
  T& operator*() { return value(); }
  T* operator->() { return &value(); }

  Error& error() {
    check(!has_value(), "error() of a Result that holds a value");
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

// The value of an operation that only succeeds or fails.
struct Done {};
using Status = Result<Done>;

}  // namespace scx_pair
