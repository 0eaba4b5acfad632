// chaos_payer PLAN DATABASE RPC_URLS WS_URLS RENTER_KEY ATTESTOR_KEY: pays what PLAN says and ends.
// Each line it prints is {"ms","id","what","detail"}; killed, it carries on where it was.
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <string>

#include "adapters/clock/system_clock.hpp"
#include "adapters/keyfile/keyfile_signer.hpp"
#include "adapters/solana/open_chain.hpp"
#include "payer.hpp"

namespace obelisk::chaos {
namespace {

constexpr int kThreads = 6;

base::Result<void> run(char** words) {
  clock::SystemClock clock;
  TRY(const Plan plan, read_plan(words[1]));
  TRY(Intents intents, Intents::open(words[2], plan));
  TRY(const auto chain, solana_rpc::open_chain(words[3], words[4], clock));
  TRY(const auto renter, keyfile::KeyfileSigner::open(words[5]));
  TRY(const auto attestor, keyfile::KeyfileSigner::open(words[6]));
  std::mutex mutex;
  const auto say = [&](const Intent& intent, const char* what, const std::string& detail) {
    const boost::json::object line{
        {"ms", clock.now_ms()}, {"id", intent.id}, {"what", what}, {"detail", detail}};
    const std::lock_guard lock(mutex);
    std::puts(boost::json::serialize(line).c_str());
    std::fflush(stdout);
  };
  Payer({plan, intents, *chain, clock, *renter, *attestor, say}).run(kThreads);
  return {};
}

}  // namespace
}  // namespace obelisk::chaos

int main(int count, char** words) {
  if (count != 7) {
    std::fputs("chaos_payer PLAN DATABASE RPC_URLS WS_URLS RENTER_KEY ATTESTOR_KEY\n", stderr);
    return 2;
  }
  const auto done = obelisk::chaos::run(words);
  if (done) return 0;
  std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return 1;
}
