// Plays sequences in the model and writes them out, for the VM to play the same:
//
//   obelisk_differential --program ID --payer ID --seed N --count N [--steps N] [--drop I,J]
//
// Sequence i has seed N + i. --steps ends each after so many, --drop leaves some out: a sequence
// that went wrong is made as short as it can be.
#include <charconv>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "program/differential/wire.hpp"

namespace {

using namespace obelisk;

struct Options {
  base::PublicKey program;
  base::PublicKey payer;
  std::uint64_t seed = 0;
  std::uint64_t count = 0;
  std::uint64_t steps = UINT64_MAX;
  std::set<std::uint64_t> drop;
};

bool read_number(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

bool read_list(std::string_view text, std::set<std::uint64_t>& numbers) {
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    std::uint64_t number = 0;
    if (!read_number(one, number)) return false;
    numbers.insert(number);
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
  return true;
}

bool read_key(std::string_view text, base::PublicKey& key) {
  const auto parsed = base::PublicKey::parse(text);
  if (parsed) key = *parsed;
  return parsed.has_value();
}

bool read_option(std::string_view name, std::string_view value, Options& options) {
  if (name == "--program") return read_key(value, options.program);
  if (name == "--payer") return read_key(value, options.payer);
  if (name == "--seed") return read_number(value, options.seed);
  if (name == "--count") return read_number(value, options.count);
  if (name == "--steps") return read_number(value, options.steps);
  if (name == "--drop") return read_list(value, options.drop);
  return false;
}

// False once nobody reads any more.
bool write(const base::Bytes& frame) {
  return std::fwrite(frame.data(), 1, frame.size(), stdout) == frame.size();
}

bool play(const Options& options, std::uint64_t seed) {
  differential::Story story(options.program, seed);
  if (!write(differential::start_frame(story.ledger(), seed))) return false;
  for (std::uint64_t i = 0; i < story.length() && i < options.steps; ++i) {
    if (options.drop.contains(i)) continue;
    const differential::Step step = story.run(i);
    if (step.transaction.empty()) continue;
    if (!write(differential::step_frame(story.ledger(), options.payer, i, step))) return false;
  }
  return write(differential::end_frame(story.ledger()));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  bool understood = argc % 2 == 1;
  for (int i = 1; understood && i + 1 < argc; i += 2) {
    understood = read_option(argv[i], argv[i + 1], options);
  }
  if (!understood || options.program.is_zero() || options.payer.is_zero()) {
    std::fputs(
        "usage: obelisk_differential --program ID --payer ID --seed N --count N "
        "[--steps N] [--drop I,J]\n",
        stderr);
    return 2;
  }
  for (std::uint64_t i = 0; i < options.count; ++i) {
    if (!play(options, options.seed + i)) return 1;
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}
