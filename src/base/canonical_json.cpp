#include "base/canonical_json.hpp"

#include <cstdio>

#include "base/check.hpp"

namespace obelisk::base {
namespace {

constexpr std::int64_t kMaxExactInteger = (std::int64_t{1} << 53) - 1;

void write_string(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\f': out += "\\f"; break;
      case '\r': out += "\\r"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          char escape[8];
          std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned char>(c));
          out += escape;
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace

std::string CanonicalJson::text() const {
  std::string out;
  write(out);
  return out;
}

void CanonicalJson::write(std::string& out) const {
  std::visit(Overloaded{
                 [&](const std::string& value) { write_string(out, value); },
                 [&](bool value) { out += value ? "true" : "false"; },
                 [&](std::int64_t value) {
                   CHECK(value >= -kMaxExactInteger && value <= kMaxExactInteger);
                   out += std::to_string(value);
                 },
                 [&](const Array& value) {
                   const char* separator = "[";
                   for (const CanonicalJson& item : value) {
                     out += separator;
                     item.write(out);
                     separator = ",";
                   }
                   out += value.empty() ? "[]" : "]";
                 },
                 [&](const Object& value) {
                   const char* separator = "{";
                   for (const auto& [key, item] : value) {
                     out += separator;
                     write_string(out, key);
                     out += ':';
                     item.write(out);
                     separator = ",";
                   }
                   out += value.empty() ? "{}" : "}";
                 },
             },
             value_);
}

}  // namespace obelisk::base
