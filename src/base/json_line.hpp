// JsonLine: the one line of JSON that --json promises, written field by field. Amounts go in as
// Lamports and come out as decimal strings. It must never be used to read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/lamports.hpp"
#include "base/public_key.hpp"

namespace obelisk::base {

class JsonLine {
 public:
  JsonLine& text(std::string_view name, std::string_view value);
  JsonLine& flag(std::string_view name, bool value);
  JsonLine& number(std::string_view name, std::int64_t value);
  JsonLine& lamports(std::string_view name, Lamports value);
  JsonLine& key(std::string_view name, const PublicKey& value);
  JsonLine& signature(std::string_view name, const Signature& value);
  // null where there is none: the name is always there.
  JsonLine& lamports(std::string_view name, const std::optional<Lamports>& value);
  JsonLine& signature(std::string_view name, const std::optional<Signature>& value);
  JsonLine& number(std::string_view name, const std::optional<std::int64_t>& value);
  JsonLine& text_or_null(std::string_view name, const std::optional<std::string>& value);
  JsonLine& null(std::string_view name);
  // JSON text as it is: another JsonLine's done(), or what the API's writers gave.
  JsonLine& raw(std::string_view name, std::string_view json);

  std::string done() const { return "{" + fields_ + "}"; }

 private:
  void name(std::string_view name);
  std::string fields_;
};

// A list of JSON texts.
std::string json_array(const std::vector<std::string>& items);
std::string json_string(std::string_view text);

}  // namespace obelisk::base
