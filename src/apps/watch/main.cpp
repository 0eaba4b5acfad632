// obelisk-watch: builds the parts, hands each what it needs, and waits for a signal. It must never
// open a way in but its unix socket; the mirror on loopback listens to nobody.
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "adapters/clock/system_clock.hpp"
#include "adapters/files/file_lock.hpp"
#include "adapters/files/files.hpp"
#include "adapters/keyfile/keyfile_signer.hpp"
#include "adapters/process/process.hpp"
#include "adapters/solana/check_cluster.hpp"
#include "adapters/ssh/ssh_logins.hpp"
#include "adapters/watch/server.hpp"
#include "apps/watch/answers.hpp"
#include "apps/watch/mirror.hpp"
#include "apps/watch/options.hpp"
#include "base/canonical_json.hpp"

namespace obelisk::watch_app {
namespace {

// One JSON object a line on stderr, as the market's log is.
class Log {
 public:
  explicit Log(ports::Clock& clock) : clock_(clock) {}
  void write(const char* level, std::string message, const base::PublicKey* lease = nullptr) {
    for (char& c : message) {
      if (c < 0x20 || c > 0x7e) c = '?';
    }
    base::CanonicalJson::Object line{{"at", base::to_rfc3339(clock_.now_ms())},
                                     {"level", level},
                                     {"message", message.substr(0, 1000)}};
    if (lease != nullptr) line.emplace("lease", lease->to_string());
    std::fprintf(stderr, "%s\n", base::CanonicalJson(std::move(line)).text().c_str());
  }

 private:
  ports::Clock& clock_;
};

// Calls what has to be done again and again, until it is destroyed.
class Again {
 public:
  Again(std::chrono::milliseconds pause, std::function<void()> work)
      : thread_([this, pause, work = std::move(work)](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          while (!stop.stop_requested()) {
            work();
            changed_.wait_for(lock, stop, pause, [] { return false; });
          }
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;
};

base::Result<void> write_ready_file(const Options& options) {
  if (options.ready_file.empty()) return {};
  const base::CanonicalJson ready(
      base::CanonicalJson::Object{{"pid", std::int64_t{getpid()}}, {"socket", options.socket}});
  return files::write_private(options.ready_file, ready.text() + "\n");
}

base::Result<void> serve(const Options& options) {
  const process::Signals signals;
  // No debugger and no core file of ours, for others of the same user.
  ::prctl(PR_SET_DUMPABLE, 0);
  clock::SystemClock clock;
  Log log(clock);
  TRY_VOID(files::make_private_directory(options.state_dir));
  TRY(const auto lock,
      files::FileLock::take(options.state_dir + "/watch.lock", "watches a market on"));
  std::vector<std::unique_ptr<keyfile::KeyfileSigner>> signers;
  std::vector<ports::Signer*> keys;
  for (const std::string& file : options.attestor_keypairs) {
    TRY(auto signer, keyfile::KeyfileSigner::open(file));
    keys.push_back(signer.get());
    signers.push_back(std::move(signer));
  }
  TRY(const auto chain,
      solana_rpc::open_checked_chain(options.rpc_url, options.ws_url, options.mainnet, clock));
  ssh::SshOptions ssh;
  ssh.state_dir = options.state_dir + "/login";
  TRY(const auto logins, ssh::make_logins(ssh));
  TRY(const auto memory, Memory::open(options.state_dir + "/leases"));
  const auto say = [&log](const std::string& words, const base::PublicKey* lease) {
    log.write("info", words, lease);
  };
  constexpr std::uint64_t kTwoSignatures = 10'000;
  http::IoThreads io;
  TRY(const auto mirror,
      start_mirror(io, *keys.front(), {options.program, options.market}, options.gateways, clock,
                   [&log](const std::string& words) { log.write("info", words); }));
  Desk desk({*chain,
             clock,
             *logins,
             keys,
             {options.program, options.market},
             *memory,
             say,
             mirror ? [&mirror](const std::string& address) { return mirror->reflects(address); }
                    : std::function<bool(const std::string&)>(),
             kTwoSignatures + options.fee_most_lamports});
  desk.look();
  watch_link::ServerOptions listen;
  listen.path = options.socket;
  listen.other_user = options.market_user;
  const Again looking(std::chrono::milliseconds(300), [&desk] { desk.look(); });
  const Again sweeping(std::chrono::minutes(1), [&desk] { desk.sweep(); });
  TRY(const auto server, watch_link::Server::start(listen, [&desk](const std::string& line) {
        return answer_to(desk, line);
      }));
  TRY_VOID(write_ready_file(options));
  log.write("info", "The watch answers at " + options.socket + ".");
  signals.wait();
  log.write("info", "Stopping. Leases run on; what is not seen meanwhile is seen later.");
  return {};
}

std::optional<std::string> process_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

int run(int count, char** words) {
  const auto options = parse_options(count, words, process_environment);
  if (!options) return process::fail(options.error());
  if (const auto* finished = std::get_if<Finished>(&*options)) return finished->exit_code;
  const auto done = serve(std::get<Options>(*options));
  return done ? 0 : process::fail(done.error());
}

}  // namespace
}  // namespace obelisk::watch_app

int main(int count, char** words) { return obelisk::watch_app::run(count, words); }
