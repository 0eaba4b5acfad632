// The watch's unix socket: a connection brings one line and takes one. Who connects is told by the
// kernel. Everything is bounded: connections at once, the line, the time to say it and to take the
// answer. It must never let a caller that says nothing hold up one that does.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "adapters/watch/line_socket.hpp"

namespace obelisk::watch_link {

struct ServerOptions {
  std::string path;
  std::size_t most_bytes = 40'000;       // of a line
  std::size_t most_at_once = 128;        // more are turned away
  int line_ms = 2'000;                   // to say it, and to take the answer
  std::optional<uid_t> other_user = {};  // who may ask beside our own user and root
};

// The answer to one line; any thread.
using Handle = std::function<std::string(const std::string& line)>;

class Server {
 public:
  // Takes the place of a socket that nobody serves any more. missing_dependency: it cannot be made.
  static base::Result<std::unique_ptr<Server>> start(ServerOptions options, Handle handle);
  // Waits for the answers that are owed.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

 private:
  Server(ServerOptions options, Handle handle, Socket listening)
      : options_(std::move(options)),
        handle_(std::move(handle)),
        listening_(std::move(listening)) {}
  void run();
  void serve(Socket caller);
  bool may_ask(const Socket& caller) const;
  bool take_place();

  const ServerOptions options_;
  const Handle handle_;
  const Socket listening_;
  std::mutex mutex_;
  std::condition_variable left_;
  std::size_t at_once_ = 0;  // guarded by mutex_
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace obelisk::watch_link
