#include "apps/market/watching.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/check.hpp"

namespace obelisk::market_app {
namespace {

constexpr std::array kLaneNames{"quick", "check", "login", "ready", "chain", "history"};
static_assert(kLaneNames.size() == engine::kLanes);

// A line of /proc/self/status: "VmRSS:     1234 kB".
std::uint64_t status_number(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(name)) continue;
    const auto from = line.find_first_of("0123456789");
    std::uint64_t out = 0;
    if (from == std::string::npos) return 0;
    (void)std::from_chars(line.data() + from, line.data() + line.size(), out);
    return out;
  }
  return 0;
}

std::uint64_t open_files() {
  std::error_code ignored;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", ignored), end; at != end;
       at.increment(ignored)) {
    ++count;
  }
  return count == 0 ? 0 : count - 1;  // the one that looks
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// The kernel counts it in ticks since the machine started: field 22 of /proc/self/stat, of which
// the second may have blanks in it and ends with ')'.
double started_at_s() {
  std::string stat;
  std::getline(std::ifstream("/proc/self/stat"), stat);
  std::istringstream fields(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  double ticks = 0;
  double up_s = 0;
  fields >> ticks;
  std::ifstream("/proc/uptime") >> up_s;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const double ran_s = up_s - ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
  return std::chrono::duration<double>(now).count() - ran_s;
}

}  // namespace

void count_step(Metrics& metrics, const ports::LeaseWrite& write) {
  for (const ports::LeaseEventRow& event : write.events) {
    metrics.count(Metric::lease_events, event.kind);
    const lease::Life& life = write.life;
    if (event.kind == "login_worked" && life.confirmed_ms != 0 &&
        life.first_login_ms >= life.confirmed_ms) {
      const auto took_ms = static_cast<std::uint64_t>(life.first_login_ms - life.confirmed_ms);
      metrics.took(Metric::time_to_login, took_ms * 1000);
    }
  }
  if (write.life.state == lease::State::ended) {
    metrics.count(Metric::leases_ended, lease::to_string(write.life.outcome));
  }
}

void show_engine(Samples& samples, const engine::EngineFigures& figures, base::UnixMillis now_ms) {
  for (auto state = lease::State::quoted; state != lease::State::ended;
       state = static_cast<lease::State>(static_cast<int>(state) + 1)) {
    const auto found = figures.leases.find(state);
    samples.set(Metric::leases, found == figures.leases.end() ? 0 : found->second,
                {lease::to_string(state)});
  }
  for (std::size_t i = 0; i < kLaneNames.size(); ++i) {
    samples.set(Metric::outbox_rows, figures.outbox.rows[i], {kLaneNames[i]});
  }
  samples.set_seconds(Metric::outbox_late_seconds,
                      static_cast<double>(figures.outbox.late_ms) / 1e3);
  samples.set(Metric::outbox_most_attempts, figures.outbox.most_attempts);
  samples.set(Metric::strays, figures.strays);
  samples.set(Metric::chain_slot, figures.chain.slot);
  if (figures.chain.slot == 0) return;
  samples.set_seconds(Metric::chain_behind_seconds, static_cast<double>(now_ms) / 1e3 -
                                                        static_cast<double>(figures.chain.unix_s));
}

void show_store(Samples& samples, const ports::StoreFigures& figures) {
  samples.set(Metric::store_writes, figures.writes);
  samples.set(Metric::store_commits, figures.commits);
  samples.set(Metric::store_errors, figures.errors);
  samples.set(Metric::store_write_seconds, figures.write_times);
}

void show_nodes(Samples& samples, const solana_rpc::NodeWatch& nodes, bool answers) {
  const auto figures = nodes ? nodes() : solana_rpc::NodeFigures{1, answers ? 1U : 0U};
  samples.set(Metric::chain_nodes, figures.told);
  samples.set(Metric::chain_nodes_at_work, figures.at_work);
}

void show_log(Samples& samples, const Log& log) {
  for (const Level level : {Level::debug, Level::info, Level::warning, Level::error}) {
    samples.set(Metric::log_lines, log.lines(level), {name_of(level)});
  }
}

void show_process(Samples& samples) {
  samples.set(Metric::build_info, 1, {OBELISK_VERSION});
  samples.set(Metric::resident_bytes, status_number("VmRSS:") * 1024);
  samples.set(Metric::threads, status_number("Threads:"));
  samples.set(Metric::open_fds, open_files());
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) samples.set(Metric::max_fds, files.rlim_cur);
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) == 0) {
    samples.set_seconds(Metric::cpu_seconds, seconds_of(used.ru_utime) + seconds_of(used.ru_stime));
  }
  samples.set_seconds(Metric::start_time, started_at_s());
}

}  // namespace obelisk::market_app
