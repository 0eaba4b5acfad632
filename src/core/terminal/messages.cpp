#include "core/terminal/messages.hpp"

#include <algorithm>

#include "base/canonical_json.hpp"
#include "core/market/canonical_reader.hpp"

namespace obelisk::terminal {
namespace {

using Json = base::CanonicalJson;
using market::CanonicalReader;

constexpr std::uint64_t kMaxReplay = 16 << 20;
constexpr std::size_t kMaxType = 20;
constexpr std::size_t kMaxCode = 64;

// Error words may quote what a person typed: canonical texts are ASCII alone.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, kMaxWhyBytes));
  std::ranges::replace_if(out, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

void expect_type(CanonicalReader& in, std::string_view type) {
  in.field("type");
  in.require(in.text(kMaxType) == type);
}

}  // namespace

bool is_size(std::int64_t columns, std::int64_t rows) {
  return columns >= 1 && columns <= kMaxColumns && rows >= 1 && rows <= kMaxRows;
}

bool is_session_id(std::string_view text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == kSessionDigits && std::ranges::all_of(text, is_digit);
}

std::string resize_message(const Size& size) {
  return Json(Json::Object{{"columns", std::uint32_t{size.columns}},
                           {"rows", std::uint32_t{size.rows}},
                           {"type", "resize"}})
      .text();
}

std::optional<Size> read_resize(std::string_view text) {
  CanonicalReader in(text);
  Size out;
  in.begin_object();
  in.field("columns");
  out.columns = static_cast<std::uint16_t>(in.integer(1, kMaxColumns));
  in.field("rows");
  out.rows = static_cast<std::uint16_t>(in.integer(1, kMaxRows));
  expect_type(in, "resize");
  in.end_object();
  return in.at_end() ? std::optional(out) : std::nullopt;
}

std::string to_message(const Begin& begin) {
  return Json(Json::Object{{"is_new", begin.is_new},
                           {"offset", std::to_string(begin.offset)},
                           {"replay_bytes", static_cast<std::int64_t>(begin.replay_bytes)},
                           {"session", begin.session},
                           {"type", "begin"}})
      .text();
}

std::string to_message(const End& end) {
  Json::Object out{{"type", "end"}, {"why", printable(end.why)}};
  if (!end.code.empty()) out.emplace("code", end.code);
  if (end.exit_code) out.emplace("exit_code", *end.exit_code);
  return Json(std::move(out)).text();
}

std::optional<Begin> read_begin(std::string_view text) {
  CanonicalReader in(text);
  Begin out;
  in.begin_object();
  in.field("is_new");
  out.is_new = in.boolean();
  in.field("offset");
  out.offset = in.decimal();
  in.field("replay_bytes");
  out.replay_bytes = in.integer(0, kMaxReplay);
  in.field("session");
  out.session = in.text(kSessionDigits);
  in.require(is_session_id(out.session));
  expect_type(in, "begin");
  in.end_object();
  return in.at_end() ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<End> read_end(std::string_view text) {
  CanonicalReader in(text);
  End out;
  in.begin_object();
  if (in.has_field("code")) out.code = in.text(kMaxCode);
  if (in.has_field("exit_code")) out.exit_code = static_cast<int>(in.integer(0, 255));
  expect_type(in, "end");
  in.field("why");
  out.why = in.text(kMaxWhyBytes);
  in.end_object();
  return in.at_end() ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace obelisk::terminal
