// Service: our own `podman system service`, apart from any other podman of the machine: own
// storage, own sockets, own settings, all below RUN/<id>. Started when it is needed, found again
// after a crash of ours, ended with us, and gone by itself when nobody calls it for a while.
// Containers do not depend on it. It must never change podman's settings for anybody else.
#pragma once

#include <sys/types.h>

#include <mutex>
#include <string>

#include "adapters/podman/layout.hpp"
#include "base/result.hpp"

namespace obelisk::podman {

// The two settings files, as text. `max_files` and `max_processes` are this process's own hard
// limits: podman may not raise what we may not raise.
std::string containers_conf(const Layout& layout, std::uint64_t max_files,
                            std::uint64_t max_processes, bool systemd_cgroups);
std::string storage_conf(const Layout& layout);
// True where systemd manages an unmixed cgroup v2 hierarchy.
bool systemd_cgroups();

class Service {
 public:
  explicit Service(Layout layout) : layout_(std::move(layout)) {}
  ~Service() { stop(); }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Returns once the socket accepts connections, whether it ran before or was started now.
  base::Result<void> ensure();
  // Ends it, also one that an earlier process of ours started. Containers stay.
  void stop();

 private:
  base::Result<void> write_settings() const;
  base::Result<void> launch();
  base::Result<void> wait_until_up();
  // The pid in our pid file, if that process still is this very service; else -1.
  pid_t recorded_pid() const;

  Layout layout_;
  std::mutex mutex_;
  pid_t child_ = -1;  // guarded by mutex_
};

}  // namespace obelisk::podman
