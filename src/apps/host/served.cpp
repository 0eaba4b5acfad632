#include "apps/host/served.hpp"

#include <sstream>

#include "adapters/files/files.hpp"

namespace obelisk::host {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kMostBytes = 4096;

std::filesystem::path file_of(const Config& config) { return config.state_dir / "served"; }

// Three lines: where it was asked, the program, the market account.
base::Result<void> keep(const Config& config, const Served& served) {
  return files::write_private(file_of(config), config.market_url + "\n" +
                                                   served.program.to_string() + "\n" +
                                                   served.market.to_string() + "\n");
}

}  // namespace

std::optional<Served> said_last(const Config& config) {
  const auto text = files::read_bounded(file_of(config), kMostBytes);
  if (!text) return std::nullopt;
  std::istringstream lines(*text);
  std::string url;
  std::string program;
  std::string market;
  if (!std::getline(lines, url) || !std::getline(lines, program) || !std::getline(lines, market)) {
    return std::nullopt;
  }
  const auto program_key = base::PublicKey::parse(program);
  const auto market_key = base::PublicKey::parse(market);
  const bool is_it = config.market_url.empty() || url == config.market_url;
  if (!is_it || !program_key || !market_key) return std::nullopt;
  return Served{*program_key, *market_key};
}

namespace {

bool is_away(const Error& error) {
  return base::exit_code(error.code) == base::exit_code(Code::unreachable);
}

}  // namespace

base::Result<Served> find_served(const Config& config,
                                 const std::function<base::Result<Served>()>& ask,
                                 const std::function<void(const std::string& words)>& log) {
  const auto market = base::PublicKey::parse(config.market);
  const auto program = base::PublicKey::parse(config.program);
  if (market && program) return Served{*program, *market};
  auto said = ask();
  const bool away = !said && is_away(said.error());
  const auto before = away ? said_last(config) : std::nullopt;
  if (!said && !before) return said;
  const Served served = said ? *said : *before;
  if ((market && *market != served.market) || (program && *program != served.program)) {
    return Error{Code::refused, "The server at " + config.market_url + " is for another market.",
                 "Check --market, --market-account and --program."};
  }
  if (away) {
    log("The market does not answer. Serving what is here by what it said last.");
  } else if (auto done = keep(config, served); !done) {
    log(done.error().message);
  }
  return served;
}

}  // namespace obelisk::host
