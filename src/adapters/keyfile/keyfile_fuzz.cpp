// libFuzzer over the Solana CLI's files: a key file, a configuration, and the URL in one. The first
// byte chooses which.
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/keyfile/cli_config.hpp"
#include "adapters/keyfile/keyfile.hpp"
#include "base/check.hpp"
#include "core/solana/cluster_url.hpp"

namespace obelisk::keyfile {
namespace {

// Read from a file in memory, which is a file like any other.
void read_keypair(std::string_view text) {
  const int fd = ::memfd_create("key", MFD_CLOEXEC);
  CHECK(fd >= 0 && ::fchmod(fd, 0600) == 0);
  CHECK(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  const auto key = load_keypair("/proc/self/fd/" + std::to_string(fd));
  ::close(fd);
  if (!key.ok()) {
    CHECK(!key.error().message.empty() && key.error().message.size() < 200);
    return;
  }
  const auto again = base::Keypair::from_bytes(key->secret_bytes());
  CHECK(again.ok() && again->public_key() == key->public_key());
}

void read_config(std::string_view text) {
  const auto config = parse_cli_config(text, "config.yml");
  if (!config.ok()) return;
  for (const auto& value : {config->rpc_url, config->websocket_url, config->keypair_file}) {
    CHECK(!value || (!value->empty() && value->find('\n') == std::string::npos));
  }
}

void read_url(std::string_view text) {
  const std::string url = solana::cluster_url(text);
  const auto socket = solana::derived_websocket_url(url);
  if (!socket) return;
  CHECK(url.starts_with("https://") ? socket->starts_with("wss://") : socket->starts_with("ws://"));
}

}  // namespace
}  // namespace obelisk::keyfile

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0: obelisk::keyfile::read_keypair(text); break;
    case 1: obelisk::keyfile::read_config(text); break;
    default: obelisk::keyfile::read_url(text); break;
  }
  return 0;
}
