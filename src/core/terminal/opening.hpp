// What a client wants of a terminal, as the query of its opening request says it: a new session or
// one that is there, how large its screen is, what it saw already, what shall run. Everything is
// bounded; parameters of other names are somebody else's. Pure, never throws.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/terminal/messages.hpp"

namespace obelisk::terminal {

inline constexpr std::size_t kMaxCommandBytes = 8 << 10;  // as it stands in the query
inline constexpr std::size_t kMaxTermBytes = 40;
inline constexpr const char* kUsualTerm = "xterm-256color";

struct Opening {
  std::string session;  // empty: a new one
  Size size;
  std::uint64_t from = 0;  // of its bytes: those before it were seen
  std::string term = kUsualTerm;
  std::vector<std::string> words;  // a program and its arguments; empty: the login shell

  bool operator==(const Opening&) const = default;
};

bool is_term(std::string_view text);  // 1 to 40 letters, digits and -
// usage where a parameter cannot be read.
base::Result<Opening> read_opening(std::string_view query);
// usage where the words are too long to be sent.
base::Result<std::string> opening_query(const Opening& opening);

}  // namespace obelisk::terminal
