// LocalnetProcess: a localnet of a test's own, on free ports with a state folder of its own, ended
// and removed with the object. For tests only.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace obelisk::solana_rpc {

class LocalnetProcess {
 public:
  // Runs `node localnet/bin/localnet.mjs` (OBELISK_NODE says another node) from the current folder,
  // which must be the repository, and waits until it answers. With short slots a blockhash is over
  // soon: 150 of them.
  static base::Result<LocalnetProcess> start(int slot_ms = 200);
  LocalnetProcess(LocalnetProcess&& other) noexcept;
  LocalnetProcess& operator=(LocalnetProcess&&) = delete;
  ~LocalnetProcess();

  const std::string& rpc_url() const { return rpc_url_; }
  const std::string& websocket_url() const { return websocket_url_; }

  // Ends the process with SIGKILL, as a crash would; the state stays.
  void kill();
  // Starts it again over the same state and on the same ports.
  base::Result<void> restart();

 private:
  LocalnetProcess() = default;
  base::Result<void> spawn(const std::string& port, const std::string& websocket_port);
  base::Result<void> wait_until_ready(const std::filesystem::path& ready_file);
  void end(int signal);

  std::filesystem::path folder_;
  pid_t pid_ = -1;
  int slot_ms_ = 200;
  std::string rpc_url_;
  std::string websocket_url_;
};

}  // namespace obelisk::solana_rpc
