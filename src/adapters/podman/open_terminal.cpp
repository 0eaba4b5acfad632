#include "adapters/podman/open_terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "adapters/podman/login_shell.hpp"
#include "adapters/podman/process.hpp"
#include "adapters/podman/reaper.hpp"

namespace obelisk::podman {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr auto kOpenWithin = 15s;
constexpr auto kLastWords = 500ms;     // for what was written before the end
constexpr auto kHangUpWithin = 300ms;  // for a shell that is told that its terminal is gone
constexpr milliseconds kLook{100};
constexpr std::size_t kPieceBytes = 64 << 10;
constexpr unsigned kPtyMajor = 5;
constexpr unsigned kPtyMinor = 2;

milliseconds left_until(Clock::time_point end) {
  const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
  return std::max(left, milliseconds(0));
}

bool is_readable(int fd, milliseconds timeout) {
  pollfd polled{fd, POLLIN, 0};
  return ::poll(&polled, 1, static_cast<int>(timeout.count())) == 1;
}

// Where runc brings the pty. It is named by way of an open folder of ours, for its whole path may
// be longer than a socket's address, and runc starts in a folder of its own choice.
class Console {
 public:
  static base::Result<Console> make(const std::string& folder) {
    Console out;
    out.folder_ = UniqueFd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    out.listener_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!out.folder_.valid() || !out.listener_.valid()) {
      return system_error("cannot make a socket", errno);
    }
    const std::string path = out.path();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (::bind(out.listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(out.listener_.get(), 1) != 0) {
      return system_error("cannot listen on " + path, errno);
    }
    return out;
  }
  std::string path() const {
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(folder_.get()) +
           "/console";
  }
  int listener() const { return listener_.get(); }

 private:
  UniqueFd folder_;
  UniqueFd listener_;
};

// The one descriptor that comes with a message; not valid where none is there.
UniqueFd receive_descriptor(int socket) {
  std::array<char, 256> name{};
  iovec piece{name.data(), name.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(4 * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) <= 0) return {};
  UniqueFd out;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    for (std::size_t at = 0; CMSG_LEN(at + sizeof(int)) <= part->cmsg_len; at += sizeof(int)) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + at, sizeof fd);
      out = UniqueFd(fd);  // of several the last one stays open
    }
  }
  return out;
}

// The lease's root may have put anything where its ptmx was.
bool is_pty(const UniqueFd& file) {
  struct stat info{};
  int number = 0;
  return file.valid() && ::fstat(file.get(), &info) == 0 && S_ISCHR(info.st_mode) &&
         info.st_rdev == makedev(kPtyMajor, kPtyMinor) &&
         ::ioctl(file.get(), TIOCGPTN, &number) == 0;
}

class PtyTerminal final : public ports::Terminal {
 public:
  PtyTerminal(UniqueFd pty, Reaper reaper, ExecGround ground)
      : ground_(std::move(ground)), reaper_(std::move(reaper)), pty_(std::move(pty)) {}

  // A shell is told first, as by a terminal that is closed; then everything is killed.
  ~PtyTerminal() override {
    pty_.reset();
    const auto deadline = Clock::now() + kHangUpWithin;
    while (!is_ended() && Clock::now() < deadline) {
      if (is_readable(reaper_.news(), left_until(deadline))) reaper_.look();
    }
    ground_.group.end_all();
  }

  ports::TerminalOutput read(milliseconds timeout) override {
    const auto deadline = Clock::now() + timeout;
    do {
      std::string bytes;
      const bool is_gone = !take(bytes);
      if (!bytes.empty()) return {std::move(bytes)};
      reaper_.look();
      if (is_ended()) {
        if (!ended_at_) end_rest();
        if (is_gone || Clock::now() - *ended_at_ > kLastWords) return over();
      }
      wait(is_gone, deadline);
    } while (Clock::now() < deadline);
    return {};
  }

  std::size_t write(std::string_view bytes) override {
    if (is_over_) return bytes.size();
    const ssize_t count = ::write(pty_.get(), bytes.data(), bytes.size());
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }

  void resize(std::uint16_t columns, std::uint16_t rows) override {
    winsize size{};
    size.ws_col = columns;
    size.ws_row = rows;
    ::ioctl(pty_.get(), TIOCSWINSZ, &size);
  }

  void end() override { ground_.group.end_all(); }

  std::optional<int> exit_code() const override {
    return is_over_ ? reaper_.status() : std::nullopt;
  }

 private:
  bool is_ended() const { return reaper_.status().has_value() || reaper_.is_over(); }

  // What is there now. False: nobody has the other end open.
  bool take(std::string& bytes) {
    const ssize_t count = ::read(pty_.get(), buffer_.data(), buffer_.size());
    if (count > 0) bytes.assign(buffer_.data(), static_cast<std::size_t>(count));
    return count > 0 || (count < 0 && errno != EIO);
  }

  void wait(bool is_gone, Clock::time_point deadline) {
    const bool is_late = is_ended();
    auto time = left_until(deadline);
    if (is_gone || is_late) time = std::min(time, is_late ? 5ms : kLook);
    // A pty that nobody has open is readable all the time, and so is a pipe at its end.
    std::array<pollfd, 2> polled{pollfd{is_late ? -1 : reaper_.news(), POLLIN, 0},
                                 pollfd{is_gone ? -1 : pty_.get(), POLLIN, 0}};
    ::poll(polled.data(), polled.size(), static_cast<int>(time.count()));
  }

  // What the program left in the background would keep the terminal open for ever.
  void end_rest() {
    ended_at_ = Clock::now();
    ground_.group.end_all();
  }

  ports::TerminalOutput over() {
    is_over_ = true;
    return {{}, true};
  }

  // They go from the last to the first: by then all that the reaper waits for was killed.
  ExecGround ground_;
  Reaper reaper_;
  UniqueFd pty_;
  std::string buffer_ = std::string(kPieceBytes, '\0');  // of the thread that reads
  std::optional<Clock::time_point> ended_at_;
  std::atomic<bool> is_over_ = false;
};

UniqueFd accept_console(const Console& console) {
  return UniqueFd(::accept4(console.listener(), nullptr, nullptr, SOCK_CLOEXEC));
}

// Both come from runc: the pty over the socket, and that it has ended.
base::Result<UniqueFd> receive_pty(const Console& console, Reaper& reaper) {
  const auto deadline = Clock::now() + kOpenWithin;
  UniqueFd pty;
  UniqueFd connection;
  while (Clock::now() < deadline) {
    reaper.look();
    if (reaper.starter_status() || reaper.is_over()) break;
    const int socket = connection.valid() ? connection.get() : console.listener();
    std::array<pollfd, 2> polled{pollfd{reaper.news(), POLLIN, 0},
                                 pollfd{pty.valid() ? -1 : socket, POLLIN, 0}};
    ::poll(polled.data(), polled.size(), static_cast<int>(left_until(deadline).count()));
    if (polled[1].revents == 0) continue;
    if (!connection.valid()) {
      connection = accept_console(console);
      continue;
    }
    pty = receive_descriptor(connection.get());
    if (!is_pty(pty)) break;
  }
  // On a busy machine runc's end may be heard of first; what it sent before is there by then.
  if (!connection.valid()) connection = accept_console(console);
  if (!pty.valid() && connection.valid()) pty = receive_descriptor(connection.get());
  if (reaper.starter_status() == 0 && is_pty(pty)) return pty;
  if (!reaper.starter_status() && Clock::now() >= deadline) {
    return base::Error{base::Code::timeout, "The terminal was not there in time.",
                       "Look at the machine's load, then try again."};
  }
  return base::Error{base::Code::not_found, "", ""};
}

}  // namespace

base::Result<std::unique_ptr<ports::Terminal>> open_terminal(ExecutePlace place,
                                                             const ports::TerminalWish& wish) {
  std::vector<std::string> words = wish.words;
  if (words.empty()) words = {login_shell(place.pid), "-l"};
  TRY_VOID(check_command(words));
  place.environment["TERM"] = wish.term;
  TRY(const std::string program, find_program("nsenter"));
  TRY(ExecGround ground, ExecGround::make(place));
  TRY(const Console console, Console::make(ground.scratch.root()));
  const auto argv =
      exec_words(place, ground, {"--tty", "--detach", "--console-socket", console.path()}, words);
  TRY(Reaper reaper, Reaper::start({program, argv, ground.scratch.root()}));
  auto pty = receive_pty(console, reaper);
  if (!pty) {
    const bool began = exists(ground.scratch.pid_file());
    ground.group.end_all();
    if (!pty.error().message.empty()) return std::move(pty).error();
    if (!began) return no_program(words.front());
    return base::Error{base::Code::not_found, "The lease gave no terminal.",
                       "Its /dev/ptmx must be the one it was made with."};
  }
  ::fcntl(pty->get(), F_SETFL, O_RDWR | O_NONBLOCK);
  auto out = std::make_unique<PtyTerminal>(*std::move(pty), std::move(reaper), std::move(ground));
  out->resize(wish.columns, wish.rows);
  return std::unique_ptr<ports::Terminal>(std::move(out));
}

}  // namespace obelisk::podman
