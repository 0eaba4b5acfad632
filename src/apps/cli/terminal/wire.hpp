// Wire: the connections of one terminal, one after the other: each is made on a thread of its own,
// and what comes of it waits here for the thread that draws. It must never give anything of a
// connection after the next was begun, nor keep more than a megabyte waiting.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "adapters/http/websocket_client.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

// Where a terminal is, and what opens it.
struct TerminalAddress {
  http::Url url;     // ws or wss, without a query
  std::string pass;  // as X-Obelisk-Pass has it; may be empty
};

struct WireNews {
  enum class Kind { text, bytes, lost };
  Kind kind = Kind::lost;
  std::string bytes = {};
  std::optional<base::Error> error = {};  // lost: what was answered, where it was never there
};

class Wire {
 public:
  // Asked on a thread of its own, each time anew: a pass has its time.
  using Address = std::function<base::Result<TerminalAddress>()>;

  explicit Wire(Address address);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // Begins to connect, and drops what was connected before.
  void connect(const std::string& query);
  // What came next; nothing where nothing waits.
  std::optional<WireNews> next();
  // Readable while something waits.
  int wake_fd() const { return wake_fd_; }

  void send_text(const std::string& text);
  void send_bytes(const std::string& bytes);
  // How much of what was sent has not left yet.
  std::size_t queued_bytes() const;

 private:
  void attempt(std::uint64_t number, const std::string& query);
  base::Result<std::unique_ptr<http::WebSocketClient>> open(std::uint64_t number,
                                                            const std::string& query);
  void put(std::uint64_t number, WireNews news);
  void drop();

  const Address address_;
  int wake_fd_ = -1;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::condition_variable taken_;
  std::uint64_t number_ = 0;  // of the connection that counts; guarded by mutex_, as all below
  std::unique_ptr<http::WebSocketClient> socket_;
  std::deque<WireNews> news_;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace obelisk::cli
