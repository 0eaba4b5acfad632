// Canonical JSON (RFC 8785) for what is hashed and signed: one text for one value, whatever program
// writes it. Only strings, 64-bit integers within 2^53, booleans, arrays and objects: amounts are
// decimal strings, and there are no floats to disagree about. It must never be used to parse.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace obelisk::base {

class CanonicalJson {
 public:
  using Array = std::vector<CanonicalJson>;
  using Object = std::map<std::string, CanonicalJson>;  // sorted; keys are ASCII

  CanonicalJson(std::string value) : value_(std::move(value)) {}
  CanonicalJson(std::string_view value) : value_(std::string(value)) {}
  CanonicalJson(const char* value) : value_(std::string(value)) {}
  CanonicalJson(bool value) : value_(value) {}
  CanonicalJson(std::int64_t value) : value_(value) {}
  CanonicalJson(int value) : value_(std::int64_t{value}) {}
  CanonicalJson(std::uint32_t value) : value_(std::int64_t{value}) {}
  CanonicalJson(Array value) : value_(std::move(value)) {}
  CanonicalJson(Object value) : value_(std::move(value)) {}

  // The one text of this value. Strings must be valid UTF-8, keys ASCII, integers within
  // +-(2^53-1).
  std::string text() const;

 private:
  void write(std::string& out) const;
  std::variant<std::string, bool, std::int64_t, Array, Object> value_;
};

}  // namespace obelisk::base
