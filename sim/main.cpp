// obelisk-sim: simulated worlds, one seed after the other. It prints what was simulated and what
// broke, and ends with 1 if anything did.
#include <charconv>
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "sim/world.hpp"

namespace {

using obelisk::sim::Failure;
using obelisk::sim::Outcome;
using obelisk::sim::Plant;
using obelisk::sim::World;

struct Options {
  std::uint64_t seeds = 100;
  std::uint64_t first = 1;
  bool json = false;
  bool planted = false;
  bool trace = false;
  Plant plant = Plant::none;
};

struct Sum {
  std::uint64_t seeds = 0;
  std::uint64_t served_s = 0;
  std::uint64_t leases = 0;
  std::uint64_t events = 0;
  double core_s = 0;
  std::vector<Failure> failures;
};

double core_seconds() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

int usage() {
  std::fputs(
      "obelisk-sim [--seeds N] [--seed S] [--json] [--plant NAME] [--planted] [--trace]\n"
      "--seed S begins at seed S, alone without --seeds. --planted looks for each planted fault.\n",
      stderr);
  return 2;
}

bool read_number(std::string_view text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_options(int argc, char** argv, Options& out) {
  bool alone = false;
  bool counted = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const std::string_view next = i + 1 < argc ? argv[i + 1] : "";
    if (word == "--json") {
      out.json = true;
    } else if (word == "--planted") {
      out.planted = true;
    } else if (word == "--trace") {
      out.trace = true;
    } else if (word == "--seeds" && read_number(next, out.seeds)) {
      counted = true;
      ++i;
    } else if (word == "--seed" && read_number(next, out.first)) {
      alone = true;
      ++i;
    } else if (const auto plant = obelisk::sim::plant_from(next); word == "--plant" && plant) {
      out.plant = *plant;
      ++i;
    } else {
      return false;
    }
  }
  if (alone && !counted) out.seeds = 1;
  return out.seeds > 0;
}

Sum run(const Options& options) {
  Sum sum;
  const double before = core_seconds();
  for (std::uint64_t i = 0; i < options.seeds; ++i) {
    std::function<void(const std::string&)> trace;
    if (options.trace) {
      trace = [](const std::string& words) { std::fprintf(stderr, "%s\n", words.c_str()); };
    }
    const Outcome outcome = World(options.first + i, options.plant, std::move(trace)).run();
    ++sum.seeds;
    sum.served_s += outcome.totals.served_s;
    sum.leases += outcome.totals.leases;
    sum.events += outcome.totals.events;
    if (outcome.failure) sum.failures.push_back(*outcome.failure);
  }
  sum.core_s = core_seconds() - before;
  return sum;
}

// Everything in it was written by us, or is base58 or a number.
std::string quoted(const std::string& text) { return "\"" + text + "\""; }

std::string json_of(const Failure& failure) {
  return "{\"seed\":" + std::to_string(failure.seed) + ",\"step\":" + std::to_string(failure.step) +
         ",\"at_s\":" + std::to_string(failure.at_s) + ",\"promise\":" + quoted(failure.promise) +
         ",\"what\":" + quoted(failure.what) + "}";
}

std::string fixed(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

void print(const Options& options, const Sum& sum) {
  const double days = static_cast<double>(sum.served_s) / 86'400;
  const double rate = sum.core_s > 0 ? days * 60 / sum.core_s : 0;
  if (!options.json) {
    std::printf(
        "%llu worlds, %llu leases, %s lease-days, %llu events, %s core-seconds: %s "
        "lease-days a core-minute. %zu broke.\n",
        static_cast<unsigned long long>(sum.seeds), static_cast<unsigned long long>(sum.leases),
        fixed(days).c_str(), static_cast<unsigned long long>(sum.events), fixed(sum.core_s).c_str(),
        fixed(rate).c_str(), sum.failures.size());
    for (const Failure& failure : sum.failures) {
      std::printf(
          "seed %llu, after %lld s: %s: %s\n", static_cast<unsigned long long>(failure.seed),
          static_cast<long long>(failure.at_s), failure.promise.c_str(), failure.what.c_str());
    }
    return;
  }
  std::string failures;
  for (const Failure& failure : sum.failures) {
    failures += (failures.empty() ? "" : ",") + json_of(failure);
  }
  std::printf(
      "{\"seeds\":%llu,\"lease_days\":%s,\"leases\":%llu,\"events\":%llu,"
      "\"core_seconds\":%s,\"lease_days_per_core_minute\":%s,\"failures\":[%s]}\n",
      static_cast<unsigned long long>(sum.seeds), fixed(days).c_str(),
      static_cast<unsigned long long>(sum.leases), static_cast<unsigned long long>(sum.events),
      fixed(sum.core_s).c_str(), fixed(rate).c_str(), failures.c_str());
}

struct Search {
  std::uint64_t worlds = 0;
  std::optional<Failure> found;
};

// A fault is found in a world that breaks by it as it has to, and holds all without it. A world
// that breaks otherwise proves nothing.
Search search(const Options& options, Plant plant, std::uint64_t within) {
  Search out;
  while (out.worlds < within && !out.found) {
    const std::uint64_t seed = options.first + out.worlds++;
    const Outcome outcome = World(seed, plant, {}).run();
    if (!outcome.failure || !about(plant).is_found_by(outcome.failure->promise)) continue;
    if (!World(seed, Plant::none, {}).run().failure) out.found = outcome.failure;
  }
  return out;
}

// Every planted fault has to be found.
int run_planted(const Options& options) {
  constexpr std::uint64_t kWithin = 200;
  int missed = 0;
  std::string all;
  for (int i = 1; i < obelisk::sim::kPlants; ++i) {
    const Plant plant = static_cast<Plant>(i);
    const std::string name(about(plant).name);
    const Search done = search(options, plant, kWithin);
    missed += done.found ? 0 : 1;
    const std::string seeds = std::to_string(done.worlds);
    if (options.json) {
      all += (all.empty() ? "" : ",") + std::string("{\"name\":") + quoted(name) +
             ",\"found\":" + (done.found ? "true" : "false") + ",\"seeds\":" + seeds +
             (done.found ? ",\"failure\":" + json_of(*done.found) : "") + "}";
    } else if (done.found) {
      std::printf("%-20s found at world %s: %s: %s\n", name.c_str(), seeds.c_str(),
                  done.found->promise.c_str(), done.found->what.c_str());
    } else {
      std::printf("%-20s NOT found in %s worlds\n", name.c_str(), seeds.c_str());
    }
    std::fflush(stdout);
  }
  if (options.json) std::printf("{\"planted\":[%s],\"missed\":%d}\n", all.c_str(), missed);
  return missed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read_options(argc, argv, options)) return usage();
  if (options.planted) return run_planted(options);
  const Sum sum = run(options);
  print(options, sum);
  return sum.failures.empty() ? 0 : 1;
}
