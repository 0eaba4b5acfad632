#include "adapters/crash/crash_point.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>

namespace obelisk::crash {
namespace {

// write(2), since nothing that buffers would get it out any more.
void write_line(int file, const std::string& line) {
  if (::write(file, line.data(), line.size()) < 0) return;
}

base::Error unreadable(std::string_view text) {
  return {base::Code::usage, "OBELISK_CRASH_AT is \"" + std::string(text) + "\".",
          "Give a number from 1, or NAME:NUMBER as OBELISK_CRASH_LOG shows names."};
}

}  // namespace

base::Result<CrashAt> parse_crash_at(std::string_view text) {
  CrashAt out;
  if (text.empty()) return out;
  std::string_view number = text;
  if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    out.name = text.substr(0, colon);
    number = text.substr(colon + 1);
    if (out.name.empty()) return unreadable(text);
  }
  const char* const end = number.data() + number.size();
  const auto [stopped, error] = std::from_chars(number.data(), end, out.at);
  if (error != std::errc() || stopped != end || out.at == 0) return unreadable(text);
  return out;
}

base::Result<std::unique_ptr<CrashPoint>> CrashPoint::open(CrashAt where, const std::string& log) {
  int file = -1;
  if (!log.empty()) {
    file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) {
      return base::Error{base::Code::usage, "The file " + log + " cannot be written.",
                         "Give OBELISK_CRASH_LOG another path."};
    }
  }
  return std::unique_ptr<CrashPoint>(new CrashPoint(std::move(where), file));
}

CrashPoint::~CrashPoint() {
  if (log_ >= 0) ::close(log_);
}

bool CrashPoint::is_chosen(std::string_view name, std::uint64_t of_this_name) const {
  if (where_.at == 0) return false;
  if (where_.name.empty()) return where_.at == count_;
  return where_.name == name && where_.at == of_this_name;
}

// The lock is never given back at the chosen one: no other thread gets past it.
void CrashPoint::hit(std::string_view name) {
  const std::lock_guard lock(mutex_);
  ++count_;
  const auto [at, is_new] = by_name_.try_emplace(std::string(name), 0);
  ++at->second;
  const std::string words = std::to_string(count_) + " " + at->first + "\n";
  if (log_ >= 0) write_line(log_, words);
  if (!is_chosen(name, at->second)) return;
  write_line(STDERR_FILENO, "crash point " + std::to_string(count_) + ": " + at->first + "\n");
  // A core file of each would fill the disk.
  const rlimit none{0, 0};
  (void)setrlimit(RLIMIT_CORE, &none);
  std::abort();
}

std::uint64_t CrashPoint::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

base::Result<std::unique_ptr<CrashPoint>> from_environment() {
  const char* at = std::getenv("OBELISK_CRASH_AT");
  const char* log = std::getenv("OBELISK_CRASH_LOG");
  TRY(CrashAt where, parse_crash_at(at == nullptr ? "" : at));
  return CrashPoint::open(std::move(where), log == nullptr ? "" : log);
}

}  // namespace obelisk::crash
