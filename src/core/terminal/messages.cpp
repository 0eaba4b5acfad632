#include "core/terminal/messages.hpp"

#include <algorithm>
#include <charconv>

#include "core/terminal/small_json.hpp"

namespace obelisk::terminal {
namespace {

constexpr std::uint64_t kMaxReplay = 16 << 20;

template <class T>
const T* get(const SmallObject& object, const char* name) {
  const auto at = object.find(name);
  return at == object.end() ? nullptr : std::get_if<T>(&at->second);
}

// The object, if it says that it is of that type.
std::optional<SmallObject> read_as(std::string_view text, std::string_view type) {
  if (text.size() > kMaxMessageBytes) return std::nullopt;
  auto object = read_object(text);
  const std::string* said = object ? get<std::string>(*object, "type") : nullptr;
  if (said == nullptr || *said != type) return std::nullopt;
  return object;
}

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
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
  return R"({"type":"resize","columns":)" + std::to_string(size.columns) + R"(,"rows":)" +
         std::to_string(size.rows) + "}";
}

std::optional<Size> read_resize(std::string_view text) {
  const auto object = read_as(text, "resize");
  if (!object) return std::nullopt;
  const auto* columns = get<std::int64_t>(*object, "columns");
  const auto* rows = get<std::int64_t>(*object, "rows");
  if (columns == nullptr || rows == nullptr || !is_size(*columns, *rows)) return std::nullopt;
  return Size{static_cast<std::uint16_t>(*columns), static_cast<std::uint16_t>(*rows)};
}

std::string to_message(const Begin& begin) {
  return R"({"type":"begin","session":)" + write_text(begin.session) + R"(,"offset":")" +
         std::to_string(begin.offset) + R"(","is_new":)" + (begin.is_new ? "true" : "false") +
         R"(,"replay_bytes":)" + std::to_string(begin.replay_bytes) + "}";
}

std::string to_message(const End& end) {
  std::string out = R"({"type":"end")";
  if (end.exit_code) out += R"(,"exit_code":)" + std::to_string(*end.exit_code);
  if (!end.code.empty()) out += R"(,"code":)" + write_text(end.code);
  return out + R"(,"why":)" + write_text(end.why) + "}";
}

std::optional<Begin> read_begin(std::string_view text) {
  const auto object = read_as(text, "begin");
  if (!object) return std::nullopt;
  const auto* session = get<std::string>(*object, "session");
  const auto* offset = get<std::string>(*object, "offset");
  const auto* is_new = get<bool>(*object, "is_new");
  const auto* replay = get<std::int64_t>(*object, "replay_bytes");
  if (session == nullptr || !is_session_id(*session) || offset == nullptr || is_new == nullptr) {
    return std::nullopt;
  }
  const auto number = read_number(*offset);
  const std::int64_t bytes = replay == nullptr ? 0 : *replay;
  if (!number || bytes < 0 || static_cast<std::uint64_t>(bytes) > kMaxReplay) return std::nullopt;
  return Begin{*session, *number, *is_new, static_cast<std::uint64_t>(bytes)};
}

std::optional<End> read_end(std::string_view text) {
  const auto object = read_as(text, "end");
  if (!object) return std::nullopt;
  End out;
  if (const auto* exit_code = get<std::int64_t>(*object, "exit_code")) {
    if (*exit_code < 0 || *exit_code > 255) return std::nullopt;
    out.exit_code = static_cast<int>(*exit_code);
  }
  if (const auto* code = get<std::string>(*object, "code")) out.code = code->substr(0, 64);
  if (const auto* why = get<std::string>(*object, "why")) out.why = why->substr(0, kMaxWhyBytes);
  return out;
}

}  // namespace obelisk::terminal
