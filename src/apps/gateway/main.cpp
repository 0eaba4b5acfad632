// obelisk-gateway: builds the parts, hands each what it needs, and waits for a signal.
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>

#include "adapters/files/files.hpp"
#include "adapters/keyfile/keyfile.hpp"
#include "adapters/process/process.hpp"
#include "apps/gateway/options.hpp"
#include "apps/gateway/status_page.hpp"
#include "core/tunnel/place.hpp"

namespace obelisk::gateway {
namespace {

using process::log_line;

base::Result<base::Keypair> own_key(const Options& options) {
  TRY_VOID(files::make_private_directory(options.state_dir));
  std::error_code ec;
  if (std::filesystem::exists(options.key_file, ec)) return keyfile::load_keypair(options.key_file);
  return keyfile::create_keypair(options.key_file);
}

// Every connection is a descriptor on both of its ends, and each lease listens with one.
void allow_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

base::Result<void> write_ready(const Options& options, const std::string& place,
                               const std::string& status) {
  if (options.ready_file.empty()) return {};
  return files::write_private(options.ready_file,
                              "{\"place\":\"" + place + "\",\"status\":\"" + status +
                                  "\",\"pid\":" + std::to_string(::getpid()) + "}\n");
}

http::ServerOptions status_options(const Options& options) {
  http::ServerOptions out;
  out.address = options.status_address;
  out.port = options.status_port;
  out.threads = 1;
  out.max_connections = 64;
  return out;
}

base::Result<void> serve(const Options& options) {
  const process::Signals signals;
  allow_open_files();
  TRY(const auto key, own_key(options));
  http::IoThreads threads(options.threads);
  tunnel::Gateway gateway(threads, key, options.gateway,
                          [](const std::string& words, const base::PublicKey* lease) {
                            log_line(words + (lease ? " " + lease->to_string() : std::string()));
                          });
  TRY(const std::uint16_t port, gateway.start());
  http::Server status(status_options(options), status_page([&] { return gateway.figures(); }));
  std::string status_url;
  if (!options.status_address.empty()) {
    TRY(const std::uint16_t bound, status.start());
    status_url = "http://" + options.status_address + ":" + std::to_string(bound);
  }
  const std::string place =
      tunnel::to_string({options.gateway.told_address, port, key.public_key()});
  TRY_VOID(write_ready(options, place, status_url));
  log_line("Hosts dial in" + std::string(options.gateway.is_plain ? " without TLS" : "") + ": " +
           place);
  signals.wait();
  log_line("Stopping. What is carried breaks off; hosts dial again.");
  status.stop();
  gateway.stop();
  return {};
}

int run(int count, char** words) {
  const auto command = parse_command_line(count, words);
  if (!command) return process::fail(command.error());
  if (const auto* finished = std::get_if<Finished>(&*command)) return finished->exit_code;
  const auto done = serve(std::get<Options>(*command));
  return done ? 0 : process::fail(done.error());
}

}  // namespace
}  // namespace obelisk::gateway

int main(int count, char** words) { return obelisk::gateway::run(count, words); }
