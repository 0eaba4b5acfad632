#include "adapters/http/detail/resolve.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

namespace obelisk::http {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr int kMaxUnderWay = 8;
constexpr std::size_t kMaxAddresses = 8;

struct LookUp {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  int status = 0;
  std::vector<Address> addresses;
};

int look_up(const std::string& host, std::uint16_t port, int flags, std::vector<Address>& found) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int status = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (status != 0) return status;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (found.size() == kMaxAddresses) break;
    Address address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    found.push_back(address);
  }
  freeaddrinfo(list);
  return 0;
}

Address unix_address(const std::string& file) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, file.data(), std::min(file.size(), sizeof name.sun_path - 1));
  Address address;
  std::memcpy(&address.storage, &name, sizeof name);
  address.size = sizeof name;
  return address;
}

// What is known without asking anybody. "localhost" and the names below it are always this machine
// (RFC 6761).
std::vector<Address> known(const Url& url) {
  std::vector<Address> found;
  if (url.scheme == Scheme::unix_socket) {
    found.push_back(unix_address(url.socket_file));
  } else if (url.host == "localhost" || url.host.ends_with(".localhost")) {
    look_up("127.0.0.1", url.port, AI_NUMERICHOST, found);
    look_up("::1", url.port, AI_NUMERICHOST, found);
  } else {
    look_up(url.host, url.port, AI_NUMERICHOST, found);
  }
  return found;
}

Error too_slow(const Url& url) {
  return Error{Code::timeout, "The name " + url.host + " was not found in time.",
               "Check this machine's name servers, or use a numeric address."};
}

}  // namespace

Result<std::vector<Address>> Resolver::resolve(const Url& url,
                                               std::chrono::steady_clock::time_point deadline) {
  if (auto found = known(url); !found.empty()) return found;
  if (under_way_->fetch_add(1) >= kMaxUnderWay) {
    under_way_->fetch_sub(1);
    return too_slow(url);
  }
  auto shared = std::make_shared<LookUp>();
  std::thread([shared, count = under_way_, host = url.host, port = url.port] {
    std::vector<Address> found;
    const int status = look_up(host, port, AI_ADDRCONFIG, found);
    count->fetch_sub(1);
    const std::scoped_lock lock(shared->mutex);
    shared->done = true;
    shared->status = status;
    shared->addresses = std::move(found);
    shared->changed.notify_one();
  }).detach();
  std::unique_lock lock(shared->mutex);
  if (!shared->changed.wait_until(lock, deadline, [&] { return shared->done; })) {
    return too_slow(url);
  }
  if (shared->status != 0 || shared->addresses.empty()) {
    return Error{Code::unreachable,
                 "The name " + url.host + " has no address: " + gai_strerror(shared->status) + ".",
                 "Check the spelling and this machine's name servers."};
  }
  return std::move(shared->addresses);
}

}  // namespace obelisk::http
