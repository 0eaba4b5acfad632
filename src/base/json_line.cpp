#include "base/json_line.hpp"

#include <cstdio>

namespace obelisk::base {

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string json_array(const std::vector<std::string>& items) {
  std::string out = "[";
  for (std::size_t i = 0; i < items.size(); ++i) out += (i == 0 ? "" : ",") + items[i];
  return out + "]";
}

void JsonLine::name(std::string_view name) {
  if (!fields_.empty()) fields_ += ',';
  fields_ += json_string(name) + ":";
}

JsonLine& JsonLine::raw(std::string_view field, std::string_view json) {
  name(field);
  fields_ += json;
  return *this;
}

JsonLine& JsonLine::null(std::string_view field) { return raw(field, "null"); }

JsonLine& JsonLine::text(std::string_view field, std::string_view value) {
  return raw(field, json_string(value));
}

JsonLine& JsonLine::flag(std::string_view field, bool value) {
  return raw(field, value ? "true" : "false");
}

JsonLine& JsonLine::number(std::string_view field, std::int64_t value) {
  return raw(field, std::to_string(value));
}

JsonLine& JsonLine::lamports(std::string_view field, Lamports value) {
  return text(field, to_decimal(value));
}

JsonLine& JsonLine::key(std::string_view field, const PublicKey& value) {
  return text(field, value.to_string());
}

JsonLine& JsonLine::signature(std::string_view field, const Signature& value) {
  return text(field, value.to_string());
}

JsonLine& JsonLine::lamports(std::string_view field, const std::optional<Lamports>& value) {
  return value ? lamports(field, *value) : null(field);
}

JsonLine& JsonLine::signature(std::string_view field, const std::optional<Signature>& value) {
  return value ? signature(field, *value) : null(field);
}

JsonLine& JsonLine::number(std::string_view field, const std::optional<std::int64_t>& value) {
  return value ? number(field, *value) : null(field);
}

JsonLine& JsonLine::text_or_null(std::string_view field, const std::optional<std::string>& value) {
  return value ? text(field, *value) : null(field);
}

}  // namespace obelisk::base
