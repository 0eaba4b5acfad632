#include "adapters/fake/fake_terminal.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace obelisk::fake {
namespace {

constexpr std::size_t kPieceBytes = 64 << 10;
constexpr std::size_t kRoom = 4096;  // for what is typed and not read
constexpr int kInterrupted = 130;

// What follows `word` and a space in `line`.
std::optional<std::string> after(const std::string& line, std::string_view word) {
  if (line == word) return "";
  if (!line.starts_with(std::string(word) + " ")) return std::nullopt;
  return line.substr(word.size() + 1);
}

int number_of(const std::string& text) {
  int out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace

FakeTerminal::FakeTerminal(const ports::TerminalWish& wish) : wish_(wish) {
  sizes_.emplace_back(wish.columns, wish.rows);
  // As `sh -c SCRIPT` would.
  if (wish.words.size() == 3) {
    obey(wish.words[2]);
    if (!sleeps_) finish(0);
  }
}

ports::TerminalOutput FakeTerminal::read(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [this] { return !output_.empty() || exit_code_; });
  if (output_.empty()) return {{}, exit_code_.has_value()};
  ports::TerminalOutput out{output_.substr(0, kPieceBytes)};
  output_.erase(0, kPieceBytes);
  return out;
}

std::size_t FakeTerminal::write(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (exit_code_) return bytes.size();
  std::size_t taken = 0;
  for (const char c : bytes) {
    if (c == '\x03') {
      sleeps_ = false;
      held_ = 0;
      put("^C\r\n");
      if (!wish_.words.empty()) finish(kInterrupted);
    } else if (sleeps_) {
      if (held_ >= kRoom) break;
      ++held_;
    } else if (c == '\r' || c == '\n') {
      put("\r\n");
      obey(std::exchange(line_, {}));
    } else {
      put({&c, 1});
      line_.push_back(c);
    }
    typed_.push_back(c);
    ++taken;
  }
  return taken;
}

void FakeTerminal::resize(std::uint16_t columns, std::uint16_t rows) {
  const std::lock_guard lock(mutex_);
  sizes_.emplace_back(columns, rows);
}

void FakeTerminal::end() {
  const std::lock_guard lock(mutex_);
  finish(137);
}

std::optional<int> FakeTerminal::exit_code() const {
  const std::lock_guard lock(mutex_);
  return exit_code_;
}

void FakeTerminal::say(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  put(bytes);
}

void FakeTerminal::exit(int code) {
  const std::lock_guard lock(mutex_);
  finish(code);
}

std::vector<std::pair<std::uint16_t, std::uint16_t>> FakeTerminal::sizes() const {
  const std::lock_guard lock(mutex_);
  return sizes_;
}

std::size_t FakeTerminal::unread() const {
  const std::lock_guard lock(mutex_);
  return output_.size();
}

std::string FakeTerminal::typed() const {
  const std::lock_guard lock(mutex_);
  return typed_;
}

void FakeTerminal::obey(const std::string& line) {
  if (const auto words = after(line, "echo")) {
    put(*words == "$TERM" ? wish_.term : *words);
    put("\r\n");
  } else if (line == "stty size") {
    const auto [columns, rows] = sizes_.back();
    put(std::to_string(rows) + " " + std::to_string(columns) + "\r\n");
  } else if (const auto code = after(line, "exit")) {
    finish(number_of(*code));
  } else if (after(line, "sleep")) {
    sleeps_ = true;
  } else if (const auto last = after(line, "seq")) {
    for (int i = 1; i <= number_of(*last); ++i) put(std::to_string(i) + "\r\n");
  } else if (line == "pwd") {
    put("/workspace\r\n");
  }
}

void FakeTerminal::put(std::string_view bytes) {
  output_ += bytes;
  changed_.notify_all();
}

void FakeTerminal::finish(int code) {
  if (!exit_code_) exit_code_ = code;
  changed_.notify_all();
}

}  // namespace obelisk::fake
