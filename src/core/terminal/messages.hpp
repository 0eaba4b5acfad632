// What a terminal's two ends say to each other in text frames, as canonical JSON
// (docs/terminal.md); what is typed and what is shown goes in binary ones. Each end is a stranger
// to the other: what is read is bounded, and a message that is not understood is none. Pure, never
// throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace obelisk::terminal {

// The WebSocket's sub-protocol. Browsers offer it beside the pass, and want one of theirs chosen.
inline constexpr const char* kProtocol = "obelisk-terminal";
inline constexpr std::size_t kMaxMessageBytes = 64 << 10;  // of either kind
inline constexpr std::uint16_t kMaxColumns = 1000;
inline constexpr std::uint16_t kMaxRows = 1000;
inline constexpr std::size_t kSessionDigits = 16;
inline constexpr std::size_t kMaxWhyBytes = 500;

struct Size {
  std::uint16_t columns = 80;
  std::uint16_t rows = 24;

  bool operator==(const Size&) const = default;
};
bool is_size(std::int64_t columns, std::int64_t rows);
bool is_session_id(std::string_view text);  // 16 digits of hex, small letters

// The client's only one.
std::string resize_message(const Size& size);
std::optional<Size> read_resize(std::string_view text);

// What follows belongs to that session. First come `replay_bytes`, which draw a fresh screen and
// are not counted; then what the programs write, from byte `offset` on. It may come again, where a
// client was too slow.
struct Begin {
  std::string session;
  std::uint64_t offset = 0;
  bool is_new = false;
  std::uint64_t replay_bytes = 0;

  bool operator==(const Begin&) const = default;
};
// Nothing more comes.
struct End {
  std::optional<int> exit_code;  // of what ran; absent where it runs on, or never did
  std::string code;              // of base::Error, where something went wrong; else empty
  std::string why;               // for people; arrives as printable ASCII, 500 of it at most

  bool operator==(const End&) const = default;
};

std::string to_message(const Begin& begin);
std::string to_message(const End& end);
std::optional<Begin> read_begin(std::string_view text);
std::optional<End> read_end(std::string_view text);

}  // namespace obelisk::terminal
