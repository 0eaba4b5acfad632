// What ./dev bench relay has behind the gateway: a host's end of the tunnel alone, with leases that
// it quoted itself. Prints {"attestor"} or, once they are reached, {"ports"}; ends with its stdin.
//
//   relay_host attestor
//   relay_host dial PLACE TARGET_PORT LEASES [plain]
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "adapters/tunnel/dialer.hpp"
#include "base/crypto.hpp"
#include "core/market/terms_testing.hpp"
#include "core/settlement/settlement.hpp"

namespace {

using namespace obelisk;

struct HostKey final : ports::Signer {
  const base::PublicKey& public_key() const override { return pair.public_key(); }
  base::Signature sign(base::ByteView message) override { return pair.sign(message); }
  base::Keypair pair = base::Keypair::random();
};

base::Keypair attestor() { return base::Keypair::from_seed({1, 2, 3}); }

ports::Publication lease(std::uint64_t nonce, const base::PublicKey& host, std::uint16_t target) {
  auto terms = market::testing::example();
  terms.expires_at = std::time(nullptr) + 60;
  terms.host = host;
  terms.attestor = attestor().public_key();
  terms.nonce = nonce;
  const std::string text = market::terms_text(terms);
  return {settlement::lease_address(terms.program, terms.renter, nonce).address, text,
          attestor().sign(market::quote_message(market::terms_hash(text))), "127.0.0.1", target};
}

int dial(const tunnel::Place& place, std::uint16_t target, std::uint64_t leases, bool is_plain) {
  HostKey key;
  http::IoThreads threads(1);
  tunnel::DialerOptions options;
  options.is_plain = is_plain;
  options.max_visitors = 100'000;
  options.warm_streams = 8;
  tunnel::Dialer dialer(threads, key, options, {[](const std::string& words) {
                          std::fprintf(stderr, "%s\n", words.c_str());
                        }});
  dialer.use({place});
  std::string ports;
  for (std::uint64_t nonce = 1; nonce <= leases; ++nonce) {
    const auto one = lease(nonce, key.public_key(), target);
    dialer.publish(one);
    const auto ways = dialer.ways(one.lease, std::chrono::milliseconds(10'000));
    if (ways.empty()) return 1;
    ports += (ports.empty() ? "" : ",") + std::to_string(ways.front().port);
  }
  std::printf("{\"ports\":[%s]}\n", ports.c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

}  // namespace

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);
  if (count == 2 && std::strcmp(words[1], "attestor") == 0) {
    std::printf("{\"attestor\":\"%s\"}\n", attestor().public_key().to_string().c_str());
    return 0;
  }
  if (count < 5) return 2;
  const auto place = obelisk::tunnel::parse_place(words[2]);
  if (!place) return 2;
  return dial(*place, static_cast<std::uint16_t>(std::atoi(words[3])),
              static_cast<std::uint64_t>(std::atoi(words[4])), count > 5);
}
