// Result<T>: a value or the Error that explains why there is none. The shape of std::expected,
// which the compiler of record does not have in C++20. It must never hold neither, or both.
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "base/check.hpp"
#include "base/error.hpp"

namespace obelisk::base {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    CHECK(ok());
    return std::get<0>(state_);
  }
  const T& value() const& {
    CHECK(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    CHECK(ok());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    CHECK(!ok());
    return std::get<1>(state_);
  }
  Error&& error() && {
    CHECK(!ok());
    return std::get<1>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const& {
    CHECK(!ok());
    return *error_;
  }
  Error&& error() && {
    CHECK(!ok());
    return *std::move(error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace obelisk::base

// TRY(auto x, f()): x from f's Result, or return its error from this function. TRY_VOID for no
// value.
#define OBELISK_CONCAT_(a, b) a##b
#define OBELISK_CONCAT(a, b) OBELISK_CONCAT_(a, b)
// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot stand in parentheses.
#define TRY(declaration, expression)                          \
  auto OBELISK_CONCAT(try_, __LINE__) = (expression);         \
  if (!OBELISK_CONCAT(try_, __LINE__)) {                      \
    return std::move(OBELISK_CONCAT(try_, __LINE__)).error(); \
  }                                                           \
  declaration = std::move(OBELISK_CONCAT(try_, __LINE__)).value()
// NOLINTEND(bugprone-macro-parentheses)
#define TRY_VOID(expression)                           \
  do {                                                 \
    if (auto try_result = (expression); !try_result) { \
      return std::move(try_result).error();            \
    }                                                  \
  } while (false)
