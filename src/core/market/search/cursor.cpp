#include "core/market/search/cursor.hpp"

#include <algorithm>

#include "base/crypto.hpp"

namespace obelisk::market::search {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMarkBytes = 4;
constexpr std::size_t kMaxTextBytes = 96;

// A cursor of one order means nothing in another.
base::Hash mark_of(const std::vector<SortKey>& sort) {
  return base::sha256(base::view_of(to_text(sort)));
}

void put_text(base::Writer& out, std::string_view text) {
  const std::string_view cut = text.substr(0, kMaxTextBytes);
  out.u8(static_cast<std::uint8_t>(cut.size()));
  out.put(cut);
}

std::string take_text(base::Reader& in) {
  const base::ByteView bytes = in.take(in.u8());
  return {bytes.begin(), bytes.end()};
}

}  // namespace

std::string cursor_text(const Place& place, const std::vector<SortKey>& sort) {
  base::Writer out;
  out.u8(kVersion);
  out.put(mark_of(sort).view().first(kMarkBytes));
  for (std::size_t i = 0; i < sort.size(); ++i) {
    if (info(sort[i].field).kind == Kind::text) {
      put_text(out, place.parts[i].text);
    } else {
      out.u64(place.parts[i].number);
    }
  }
  put_text(out, place.id);
  return base::to_hex(out.bytes());
}

std::optional<Place> read_cursor(std::string_view text, const std::vector<SortKey>& sort) {
  if (text.size() > kMaxCursorBytes) return std::nullopt;
  const auto bytes = base::from_hex(text);
  if (!bytes) return std::nullopt;
  base::Reader in(*bytes);
  if (in.u8() != kVersion) return std::nullopt;
  const base::ByteView mark = in.take(kMarkBytes);
  if (!std::ranges::equal(mark, mark_of(sort).view().first(kMarkBytes))) return std::nullopt;
  Place out;
  for (const SortKey& key : sort) {
    Place::Part part;
    if (info(key.field).kind == Kind::text) {
      part.text = take_text(in);
    } else {
      part.number = in.u64();
    }
    out.parts.push_back(std::move(part));
  }
  out.id = take_text(in);
  if (!in.ok() || in.left() != 0 || out.id.empty()) return std::nullopt;
  return out;
}

}  // namespace obelisk::market::search
