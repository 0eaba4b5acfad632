#include "apps/market/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>

#include "base/canonical_json.hpp"
#include "base/time.hpp"

namespace obelisk::market_app {
namespace {

constexpr std::size_t kMaxText = 1000;

std::string plain(std::string_view text) {
  std::string out(text.substr(0, kMaxText));
  for (char& c : out) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return out;
}

base::CanonicalJson value_of(const Field& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field)) return {*number};
  return {plain(std::get<std::string>(field))};
}

}  // namespace

const char* name_of(Level level) {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warning: return "warning";
    case Level::error: return "error";
  }
  return "error";
}

base::Result<Level> level_from(std::string_view name) {
  for (const Level level : {Level::debug, Level::info, Level::warning, Level::error}) {
    if (name == name_of(level)) return level;
  }
  return base::Error{base::Code::usage, "'" + plain(name.substr(0, 40)) + "' is no level.",
                     "Give --log-level debug, info, warning or error."};
}

std::string log_line(std::string_view at, Level level, std::string_view message,
                     const Fields& fields) {
  base::CanonicalJson::Object line;
  for (const auto& [name, value] : fields) line.insert_or_assign(plain(name), value_of(value));
  line.insert_or_assign("at", at);
  line.insert_or_assign("level", name_of(level));
  line.insert_or_assign("message", plain(message));
  return base::CanonicalJson(std::move(line)).text();
}

class Log::Impl {
 public:
  Impl() : logger_("market", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger_.set_pattern("%v");
    logger_.flush_on(spdlog::level::info);
  }
  void write(const std::string& line) { logger_.info(line); }

 private:
  spdlog::logger logger_;
};

Log::Log(Level least) : least_(least), impl_(std::make_unique<Impl>()) {}
Log::~Log() = default;

void Log::write(Level level, std::string_view message, const Fields& fields) {
  lines_[static_cast<std::size_t>(level)].fetch_add(1, std::memory_order_relaxed);
  if (!takes(level)) return;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto at_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  impl_->write(log_line(base::to_rfc3339(at_ms), level, message, fields));
}

}  // namespace obelisk::market_app
