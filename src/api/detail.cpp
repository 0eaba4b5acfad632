#include "api/detail.hpp"

#include <cstdio>

namespace obelisk::api::detail {
namespace {

constexpr std::size_t kMaxText = std::size_t{1} << 20;
constexpr std::size_t kMaxDepth = 16;

// Numbers arrive as signed or unsigned; anything negative or with a fraction is none of ours.
bool as_u64(const boost::json::value& json, std::uint64_t& out) {
  if (const auto* value = json.if_uint64()) {
    out = *value;
    return true;
  }
  if (const auto* value = json.if_int64(); value != nullptr && *value >= 0) {
    out = static_cast<std::uint64_t>(*value);
    return true;
  }
  return false;
}

template <class T>
base::Result<void> read_key(const boost::json::value& json, T& out, const char* where,
                            const char* what) {
  const auto* text = json.if_string();
  const auto value = text == nullptr ? std::nullopt : T::parse(*text);
  if (!value) return bad(where, what);
  out = *value;
  return {};
}

}  // namespace

base::Error bad(const char* where, const char* what) {
  return {base::Code::invalid_input, std::string("The field '") + where + "' " + what + ".",
          "Send what /openapi.json describes."};
}

base::Result<boost::json::value> parse(std::string_view text) {
  if (text.size() > kMaxText) return bad("body", "is longer than 1 MiB");
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::json::error_code error;
  auto value = boost::json::parse(text, error, {}, options);
  if (error) {
    return base::Error{base::Code::usage, "This is not JSON: " + error.message() + ".",
                       "Send one JSON object."};
  }
  return value;
}

base::Result<const boost::json::value*> member(const boost::json::object& object,
                                               const char* name) {
  const auto* item = object.if_contains(name);
  if (item == nullptr || item->is_null()) return bad(name, "is missing");
  return item;
}

const boost::json::value* optional_member(const boost::json::object& object, const char* name) {
  const auto* item = object.if_contains(name);
  return item == nullptr || item->is_null() ? nullptr : item;
}

base::Result<void> read(const boost::json::value& json, std::string& out, const char* where,
                        std::size_t max_length) {
  const auto* text = json.if_string();
  if (text == nullptr) return bad(where, "is not text");
  if (text->size() > max_length) return bad(where, "is too long");
  out.assign(text->data(), text->size());
  return {};
}

base::Result<void> read(const boost::json::value& json, bool& out, const char* where) {
  const auto* value = json.if_bool();
  if (value == nullptr) return bad(where, "is neither true nor false");
  out = *value;
  return {};
}

base::Result<void> read(const boost::json::value& json, std::uint64_t& out, const char* where,
                        std::uint64_t low, std::uint64_t high) {
  if (!as_u64(json, out)) return bad(where, "is not a whole number");
  if (out < low || out > high) {
    const std::string range =
        "is not between " + std::to_string(low) + " and " + std::to_string(high);
    return bad(where, range.c_str());
  }
  return {};
}

base::Result<void> read(const boost::json::value& json, std::uint32_t& out, const char* where,
                        std::uint64_t low, std::uint64_t high) {
  std::uint64_t wide = 0;
  TRY_VOID(read(json, wide, where, low, std::min<std::uint64_t>(high, UINT32_MAX)));
  out = static_cast<std::uint32_t>(wide);
  return {};
}

base::Result<void> read(const boost::json::value& json, base::PublicKey& out, const char* where) {
  return read_key(json, out, where, "is not an address (base58 of 32 bytes)");
}

base::Result<void> read(const boost::json::value& json, base::Signature& out, const char* where) {
  return read_key(json, out, where, "is not a signature (base58 of 64 bytes)");
}

base::Result<void> read(const boost::json::value& json, base::Lamports& out, const char* where) {
  const auto* text = json.if_string();
  const auto value = text == nullptr ? std::nullopt : base::lamports_from_decimal(*text);
  if (!value) return bad(where, "is not an amount (lamports as decimal text)");
  out = *value;
  return {};
}

void write(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", byte);
      out += escape;
    } else {
      out += c;
    }
  }
  out += '"';
}

void write(std::string& out, bool value) { out += value ? "true" : "false"; }
void write(std::string& out, std::uint64_t value) { out += std::to_string(value); }

}  // namespace obelisk::api::detail
