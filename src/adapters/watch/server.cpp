#include "adapters/watch/server.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace obelisk::watch_link {
namespace {

constexpr int kBacklog = 256;
constexpr int kLookMs = 100;

base::Error cannot(const std::string& path) {
  return {base::Code::missing_dependency,
          "The watch's socket " + path + " cannot be made: " + std::strerror(errno) + ".",
          "Name a path of at most 107 characters in a folder that can be written.", 0};
}

}  // namespace

base::Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Handle handle) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  errno = ENAMETOOLONG;
  if (options.path.size() >= sizeof(address.sun_path)) return cannot(options.path);
  std::copy(options.path.begin(), options.path.end(), address.sun_path);
  Socket listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (listening.file() < 0) return cannot(options.path);
  ::unlink(options.path.c_str());  // of a process that was killed; who serves holds the lock
  // Nobody may connect before the mode is what it should be.
  const mode_t before = ::umask(0177);
  const int bound =
      ::bind(listening.file(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  ::umask(before);
  const mode_t mode = options.other_user ? 0666 : 0600;
  if (bound != 0 || ::chmod(options.path.c_str(), mode) != 0 ||
      ::listen(listening.file(), kBacklog) != 0) {
    return cannot(options.path);
  }
  std::unique_ptr<Server> out(
      new Server(std::move(options), std::move(handle), std::move(listening)));
  out->thread_ = std::thread([server = out.get()] { server->run(); });
  return out;
}

Server::~Server() {
  ending_ = true;
  thread_.join();
  std::unique_lock lock(mutex_);
  left_.wait(lock, [this] { return at_once_ == 0; });
  ::unlink(options_.path.c_str());
}

bool Server::may_ask(const Socket& caller) const {
  ucred who{};
  socklen_t size = sizeof(who);
  if (::getsockopt(caller.file(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return false;
  return who.uid == 0 || who.uid == ::geteuid() ||
         (options_.other_user && who.uid == *options_.other_user);
}

bool Server::take_place() {
  const std::lock_guard lock(mutex_);
  if (at_once_ >= options_.most_at_once) return false;
  ++at_once_;
  return true;
}

void Server::run() {
  while (!ending_) {
    pollfd waiting{listening_.file(), POLLIN, 0};
    if (::poll(&waiting, 1, kLookMs) <= 0) continue;
    Socket caller(::accept4(listening_.file(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (caller.file() < 0) {
      // Mostly "too many open files": it passes when somebody leaves.
      std::this_thread::sleep_for(std::chrono::milliseconds(kLookMs));
      continue;
    }
    if (!may_ask(caller) || !take_place()) continue;
    std::thread([this, file = caller.release()] {
      serve(Socket(file));
      const std::lock_guard lock(mutex_);
      --at_once_;
      left_.notify_all();
    }).detach();
  }
}

void Server::serve(Socket caller) {
  const auto line = read_line(caller, options_.most_bytes, in_ms(options_.line_ms));
  if (!line) return;  // nobody is owed an answer to nothing
  (void)write_line(caller, handle_(*line), in_ms(options_.line_ms));
}

}  // namespace obelisk::watch_link
