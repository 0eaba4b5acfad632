// Libpod: the few calls we make to podman's own REST API (not its Docker-like one, which drops GPU
// requests silently). Every call may be repeated: creating replaces, removing what is gone is fine.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "adapters/http/client.hpp"
#include "adapters/podman/layout.hpp"
#include "adapters/podman/record.hpp"
#include "adapters/podman/service.hpp"
#include "base/result.hpp"

namespace obelisk::podman {

struct PodmanContainer {
  std::string id;
  std::string lease;
  bool running = false;
  int pid = 0;
  std::int64_t started_at = 0;
  // Another start of the same lease has another one.
  std::string boot_id() const;
};

// What a lease's container is made with besides its record.
struct Making {
  std::string cgroup_parent;
  std::vector<std::string> masked;  // what it must not read of /proc and /sys
  std::vector<std::string> command;
  std::map<std::string, std::string> environment;
  bool has_tools = false;           // our sshd is shown to it
  std::vector<std::string> caches;  // by name
};

// The body of the create call for a lease.
std::string create_body(const LeaseRecord& record, const LeasePaths& paths, const Making& making);
// The answer of the list call.
base::Result<std::vector<PodmanContainer>> parse_containers(std::string_view json);
std::string container_name(const std::string& lease);

class Libpod {
 public:
  Libpod(const Layout& layout, Service& service);

  // Replaces any container of that name.
  base::Result<void> create_and_start(const std::string& lease, const std::string& body);
  base::Result<std::vector<PodmanContainer>> list();
  // Ends and removes it at once; returns when podman says that it is not there.
  base::Result<void> remove(const std::string& lease);
  // What its first process printed last, as it was printed.
  base::Result<std::string> last_output(const std::string& lease, std::size_t lines);
  // The same, little of it and cleaned, for messages to people.
  std::string last_words(const std::string& lease);

 private:
  // Starts the service where nothing answers, and tries once more.
  base::Result<http::Response> call(const http::Request& request,
                                    std::chrono::milliseconds timeout);
  // Asks for a sign of life from time to time, so that the service does not think itself unneeded:
  // a payment after an idle hour must not wait for its start. A bare connection would not count.
  void keep_warm(const std::stop_token& stopped);

  Service& service_;
  http::Client client_;
  std::atomic<bool> called_ = false;
  std::mutex warming_;
  std::condition_variable_any wake_;
  std::jthread warmer_;  // last: it uses the others
};

}  // namespace obelisk::podman
