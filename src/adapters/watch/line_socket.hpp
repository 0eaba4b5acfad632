// One unix socket, one line each way, in time: what client and server of the watch share. It must
// never read more than one bounded line, nor wait longer than it was told.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace obelisk::watch_link {

using Deadline = std::chrono::steady_clock::time_point;
inline Deadline in_ms(int ms) {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
}

// A descriptor that is closed with it; -1 is none.
class Socket {
 public:
  explicit Socket(int file = -1) : file_(file) {}
  Socket(Socket&& other) noexcept : file_(other.release()) {}
  Socket& operator=(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();
  int file() const { return file_; }
  int release();

 private:
  int file_;
};

base::Result<Socket> connect_to(const std::string& path);

// The line without its end. unreachable: the other side ended first; timeout; refused: too long.
base::Result<std::string> read_line(const Socket& socket, std::size_t most, Deadline deadline);
base::Result<void> write_line(const Socket& socket, std::string_view line, Deadline deadline);

}  // namespace obelisk::watch_link
