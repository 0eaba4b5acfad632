// The transfers of one measurement, over one connection to the market. The market's answers are a
// stranger's: bounded, timed, and counted by what came, not by what was said.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "adapters/http/client.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"
#include "ports/clock.hpp"
#include "ports/signer.hpp"

namespace obelisk::host {

class Transfers {
 public:
  // Asks for a ticket, signed by the host's wallet.
  static base::Result<Transfers> begin(const std::string& market_url, const base::PublicKey& market,
                                       ports::Signer& signer, ports::Clock& clock);
  // Bits a second. Down first, then up; each once.
  base::Result<std::uint64_t> down();
  base::Result<std::uint64_t> up();

 private:
  base::Result<std::uint64_t> down_once(std::uint64_t bytes);
  base::Result<std::uint64_t> up_once(std::uint64_t bytes, bool more);

  std::unique_ptr<http::Client> client_;
  std::string ticket_;
};

}  // namespace obelisk::host
