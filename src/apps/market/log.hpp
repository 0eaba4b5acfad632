// The market's log: one JSON object a line on stderr. What outsiders sent reaches it only as
// bounded plain text. It must never be given a key, a signed transaction or a whole request.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace obelisk::market_app {

enum class Level { debug, info, warning, error };
const char* name_of(Level level);
base::Result<Level> level_from(std::string_view name);

using Field = std::variant<std::string, std::int64_t>;
using Fields = std::vector<std::pair<std::string, Field>>;

class Log {
 public:
  // Lines below `least` are not written.
  explicit Log(Level least = Level::info);
  virtual ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Whether a line of this level would be written: before words are made for nobody.
  bool takes(Level level) const { return level >= least_; }
  // Any thread. Tests override it to listen.
  virtual void write(Level level, std::string_view message, const Fields& fields = {});
  // So many lines of this level there were, written or not.
  std::uint64_t lines(Level level) const {
    return lines_[static_cast<std::size_t>(level)].load(std::memory_order_relaxed);
  }

 private:
  class Impl;
  const Level least_;
  std::array<std::atomic<std::uint64_t>, 4> lines_{};
  std::unique_ptr<Impl> impl_;
};

// The line, without its end: {"at","level","message", fields...}. What is not printable ASCII is
// replaced, each text cut at 1,000 bytes.
std::string log_line(std::string_view at, Level level, std::string_view message,
                     const Fields& fields);

}  // namespace obelisk::market_app
