// FakeTerminal: a terminal without a machine, for tests of what stands before one. Its shell knows
// a few words (echo, stty size, exit, sleep, seq, pwd), echoes as a terminal does, and reads
// nothing while it sleeps.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "ports/terminal.hpp"

namespace obelisk::fake {

class FakeTerminal final : public ports::Terminal {
 public:
  explicit FakeTerminal(const ports::TerminalWish& wish);

  ports::TerminalOutput read(std::chrono::milliseconds timeout) override;
  std::size_t write(std::string_view bytes) override;
  void resize(std::uint16_t columns, std::uint16_t rows) override;
  void end() override;
  std::optional<int> exit_code() const override;

  // What its program writes by itself.
  void say(std::string_view bytes);
  void exit(int code);
  // Every size that it was told, the first included.
  std::vector<std::pair<std::uint16_t, std::uint16_t>> sizes() const;
  // What it has written and nobody has read.
  std::size_t unread() const;
  // What was typed so far, echo apart.
  std::string typed() const;

 private:
  void obey(const std::string& line);  // under the lock, as the two below
  void put(std::string_view bytes);
  void finish(int code);

  const ports::TerminalWish wish_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string output_;  // guarded by mutex_, as all below
  std::string line_;
  std::string typed_;
  std::vector<std::pair<std::uint16_t, std::uint16_t>> sizes_;
  bool sleeps_ = false;
  std::size_t held_ = 0;  // typed while it sleeps
  std::optional<int> exit_code_;
};

}  // namespace obelisk::fake
