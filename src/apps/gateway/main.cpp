// obelisk-gateway: builds the parts, hands each what it needs, and waits for a signal.
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "adapters/clock/system_clock.hpp"
#include "adapters/files/files.hpp"
#include "adapters/keyfile/keyfile.hpp"
#include "apps/gateway/options.hpp"
#include "apps/gateway/status_page.hpp"
#include "base/time.hpp"
#include "core/tunnel/place.hpp"

namespace obelisk::gateway {
namespace {

// One line, whatever is in it: parts of it may be an outsider's words.
void log_line(std::string words) {
  std::ranges::replace_if(words, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  clock::SystemClock clock;
  std::fprintf(stderr, "%s %s\n", base::to_rfc3339(clock.now_ms()).c_str(), words.c_str());
}

int fail(const base::Error& error) {
  std::fprintf(stderr, "%s\n%s\nCharged: 0.\n", error.message.c_str(), error.action.c_str());
  return base::exit_code(error.code);
}

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

sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
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
  const sigset_t signals = block_signals();
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
  int received = 0;
  sigwait(&signals, &received);
  log_line("Stopping. What is carried breaks off; hosts dial again.");
  status.stop();
  gateway.stop();
  return {};
}

int run(int count, char** words) {
  const auto command = parse_command_line(count, words);
  if (!command) return fail(command.error());
  if (const auto* finished = std::get_if<Finished>(&*command)) return finished->exit_code;
  const auto done = serve(std::get<Options>(*command));
  return done ? 0 : fail(done.error());
}

}  // namespace
}  // namespace obelisk::gateway

int main(int count, char** words) { return obelisk::gateway::run(count, words); }
