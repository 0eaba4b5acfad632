// How fast leases are written so that they survive a crash: what the engine does for each step, a
// guarded update with an event and a piece of work, from so many threads, each with a lease of its
// own. It must never count a write before the database said that it is on disk.
//
//   store_bench DATABASE THREADS SECONDS     DATABASE: a PostgreSQL URI or a file for SQLite
//
// One line of JSON: writes, commits, seconds, and the median and 99th percentile of a write in us.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "adapters/postgres/postgres_store.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "base/crypto.hpp"
#include "core/lease/testing.hpp"

namespace obelisk {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(const base::Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  std::exit(1);
}

// A lease as it is in the middle of its life: the fields that a step writes have their usual size.
lease::Record record_of_its_own() {
  lease::Record out;
  out.quote = lease::testing::make_quote(1);
  base::random_bytes(out.quote.lease.bytes);
  out.quote.id = base::to_hex(out.quote.lease.view());
  out.quote.card_uuids = {"cpu-" + out.quote.id};
  out.quote.terms = std::string(1500, 't');
  out.quote.response = std::string(2500, 'r');
  out.life.state = lease::State::active;
  out.life.message = "Ready. The meter runs.";
  out.life.ssh = lease::SshAccess{"10.1.2.3", 40022, "root", std::string(80, 'k'), {}};
  out.life.attestation.emplace();
  return out;
}

// The same lease again and again until `end`; how long each write took.
std::vector<std::uint32_t> write_until(ports::Store& store, Clock::time_point end) {
  lease::Record record = record_of_its_own();
  if (auto done = store.insert_quote(record.quote); !done) give_up(done.error());
  std::vector<std::uint32_t> took_us;
  while (Clock::now() < end) {
    const auto begun = Clock::now();
    const std::string id = record.quote.id + ":" + std::to_string(record.life.version);
    ++record.life.last_login_s;
    const ports::LeaseWrite write{
        record.quote.lease,
        record.life.version,
        record.life,
        {{0, record.quote.lease, 1, "attested", "Served until now: proven to both sides."}},
        {{id, record.quote.lease, "give_attestation", "1 0 1795000000", 1, 0}}};
    const auto written = store.apply(write);
    if (!written) give_up(written.error());
    if (!*written) give_up({base::Code::internal, "A write was refused as stale.", ""});
    ++record.life.version;
    took_us.push_back(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun).count()));
  }
  return took_us;
}

int run(const std::string& database, int threads, double seconds) {
  auto stores = postgres::is_conninfo(database) ? postgres::open_stores(database)
                                                : sqlite::open_stores(database);
  if (!stores) give_up(stores.error());
  std::vector<std::vector<std::uint32_t>> took(static_cast<std::size_t>(threads));
  // Each has its connection, its lease and its statements before anybody counts.
  const auto warm = Clock::now() + std::chrono::milliseconds(500);
  const auto measure = [&](Clock::time_point end) {
    std::vector<std::thread> all;
    for (auto& times : took) {
      all.emplace_back([&] { times = write_until(*stores->leases, end); });
    }
    for (std::thread& one : all) one.join();
  };
  measure(warm);
  const auto before = stores->figures();
  const auto begun = Clock::now();
  measure(begun + std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6)));
  const double lasted = std::chrono::duration<double>(Clock::now() - begun).count();
  const auto after = stores->figures();
  std::vector<std::uint32_t> every;
  for (const auto& times : took) every.insert(every.end(), times.begin(), times.end());
  if (every.empty()) give_up({base::Code::internal, "Nothing was written.", ""});
  std::ranges::sort(every);
  std::printf("{\"writes\":%zu,\"commits\":%llu,\"seconds\":%.3f,\"p50_us\":%u,\"p99_us\":%u}\n",
              every.size(), static_cast<unsigned long long>(after.commits - before.commits), lasted,
              every[every.size() / 2], every[every.size() * 99 / 100]);
  return 0;
}

}  // namespace
}  // namespace obelisk

int main(int count, char** words) {
  if (count != 4) {
    std::fprintf(stderr, "store_bench DATABASE THREADS SECONDS\n");
    return 2;
  }
  return obelisk::run(words[1], std::atoi(words[2]), std::atof(words[3]));
}
