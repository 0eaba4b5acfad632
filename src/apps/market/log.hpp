// The market's log: one JSON object a line on stderr. What outsiders sent reaches it only as
// bounded plain text. It must never be given a key, a signed transaction or a whole request.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace obelisk::market_app {

enum class Level { info, warning, error };
using Fields = std::vector<std::pair<std::string, std::string>>;

class Log {
 public:
  Log();
  virtual ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Any thread. Tests override it to listen.
  virtual void write(Level level, std::string_view message, const Fields& fields = {});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The line, without its end: {"at","level","message", fields...}. What is not printable ASCII is
// replaced, each text cut at 1,000 bytes.
std::string log_line(std::string_view at, Level level, std::string_view message,
                     const Fields& fields);

}  // namespace obelisk::market_app
