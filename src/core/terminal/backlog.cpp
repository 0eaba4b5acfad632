#include "core/terminal/backlog.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace obelisk::terminal {
namespace {

// What scrolled out of it before is left to the reader.
constexpr std::string_view kClear = "\x1b[H\x1b[2J";

}  // namespace

void Backlog::append(std::string_view bytes) {
  end_ += bytes.size();
  if (bytes.size() > max_bytes_) {
    const std::size_t over = bytes.size() - max_bytes_;
    before_.read(std::string_view(bytes_).substr(start_), nullptr);
    before_.read(bytes.substr(0, over), nullptr);
    bytes_.assign(bytes.substr(over));
    start_ = 0;
    return;
  }
  bytes_ += bytes;
  if (size() > max_bytes_) {
    const std::size_t over = size() - max_bytes_;
    before_.read(std::string_view(bytes_).substr(start_, over), nullptr);
    start_ += over;
  }
  if (start_ >= max_bytes_) {
    bytes_.erase(0, start_);
    start_ = 0;
  }
}

std::string_view Backlog::from(std::uint64_t offset, std::size_t most) const {
  CHECK(has(offset));
  const auto skipped = static_cast<std::size_t>(offset - begin());
  return std::string_view(bytes_).substr(start_ + skipped, most);
}

std::string Backlog::for_fresh_screen() const {
  EscapeReader reader = before_;
  std::string out(kCalm);
  out += kClear;
  out += before_.modes();
  reader.read(std::string_view(bytes_).substr(start_), &out);
  return out + reader.unfinished();
}

}  // namespace obelisk::terminal
