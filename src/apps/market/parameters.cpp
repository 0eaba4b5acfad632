#include "apps/market/parameters.hpp"

#include <charconv>

#include "base/bytes.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr std::uint8_t kVersion = 2;  // 1 is that of a search
constexpr std::size_t kMostCursor = 200;

std::optional<ports::ListPlace> read_cursor(std::string_view text) {
  if (text.size() > kMostCursor) return std::nullopt;
  const auto bytes = base::from_hex(text);
  if (!bytes) return std::nullopt;
  base::Reader in(*bytes);
  if (in.u8() != kVersion) return std::nullopt;
  ports::ListPlace out;
  out.at_ms = in.i64();
  const base::ByteView name = in.take(in.left());
  out.name.assign(name.begin(), name.end());
  return in.ok() && !out.name.empty() && out.at_ms >= 0 ? std::optional(out) : std::nullopt;
}

}  // namespace

base::Result<std::optional<std::string>> parameter(const http::Request& request,
                                                   const std::string& name) {
  auto value = request.query_value(name);
  const std::string start = name + "=";
  const bool is_there =
      request.query.starts_with(start) || request.query.find("&" + start) != std::string::npos;
  if (!value && is_there) {
    return Error{Code::invalid_input, "'" + name + "' cannot be decoded.",
                 "Percent-encode it, 4096 bytes at most."};
  }
  return value;
}

base::Result<std::optional<std::size_t>> number_from(const http::Request& request,
                                                     const std::string& name, std::size_t most) {
  TRY(const auto text, parameter(request, name));
  if (!text) return std::optional<std::size_t>{};
  std::size_t number = 0;
  const char* const end = text->data() + text->size();
  const auto [stopped, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc{} || stopped != end || number < 1 || number > most) {
    return Error{Code::invalid_input,
                 "'" + name + "' is not a number from 1 to " + std::to_string(most) + ".",
                 "Send " + name + "=1, or leave it out."};
  }
  return std::optional(number);
}

base::Result<PageAsked> page_from(const http::Request& request) {
  PageAsked out;
  TRY(const auto limit, number_from(request, "limit", kMostPage));
  out.limit = limit.value_or(kUsualPage);
  TRY(const auto cursor, parameter(request, "cursor"));
  if (!cursor) return out;
  out.after = read_cursor(*cursor);
  if (out.after) return out;
  return Error{Code::invalid_input, "This cursor is not of this list.",
               "Send `next` of the page before as it was."};
}

std::string cursor_of(const ports::ListPlace& place) {
  base::Writer out;
  out.u8(kVersion);
  out.i64(place.at_ms);
  out.put(place.name);
  return base::to_hex(out.bytes());
}

}  // namespace obelisk::market_app
