// The little of JSON that the interface description needs: text is put together, never parsed. It
// escapes nothing but quotes and backslashes, because our own tables are all that goes in.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace obelisk::idl {

using Json = std::string;

inline Json quote(std::string_view text) {
  Json out = "\"";
  for (const char one : text) {
    if (one == '"' || one == '\\') out += '\\';
    out += one;
  }
  return out + '"';
}

inline Json boolean(bool value) { return value ? "true" : "false"; }

inline Json list(const std::vector<Json>& items) {
  Json out = "[";
  for (const Json& item : items) out += (out.size() > 1 ? "," : "") + item;
  return out + "]";
}

using Member = std::pair<std::string_view, Json>;

// {"kind": kind, members...}
inline Json node(std::string_view kind, std::initializer_list<Member> members) {
  Json out = "{\"kind\":" + quote(kind);
  for (const auto& [name, value] : members) out += "," + quote(name) + ":" + value;
  return out + "}";
}

}  // namespace obelisk::idl
