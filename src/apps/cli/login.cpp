#include "apps/cli/login.hpp"

#include <chrono>
#include <thread>

#include "apps/cli/child.hpp"
#include "apps/cli/ssh_access.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;
using std::chrono::milliseconds;

constexpr std::int64_t kAddressPatienceMs = 60'000;
constexpr std::int64_t kLoginPatienceMs = 30'000;
constexpr milliseconds kAskAgain{250};
constexpr milliseconds kTryAgain{20};
constexpr milliseconds kOneTry{10'000};
constexpr int kSshRefused = 255;  // ssh's own failure, not the command's

std::string what_next(const LeaseAccount& lease) {
  const std::string address = lease.address.to_string();
  return "Try again: obelisk ssh " + address + ". Or end it: obelisk stop " + address;
}

// The market tells where the machine is: by its stream, or asked again.
base::Result<api::SshAccess> await_access(Session& session, LeaseFollower& follower,
                                          const LeaseAccount& lease) {
  TRY(MarketClient * market, session.market());
  const std::int64_t began_ms = session.clock().steady_ms();
  std::uint64_t version = 0;
  for (;;) {
    const auto news = follower.wait(version, milliseconds(0));
    version = news.version;
    if (news.ssh) return *news.ssh;
    if (const auto told = market->lease(lease.address); told && told->ssh) return *told->ssh;
    if (session.clock().steady_ms() - began_ms > kAddressPatienceMs) {
      return Error{Code::unreachable,
                   "The lease is ready, and the market does not say where its machine is.",
                   what_next(lease)};
    }
    follower.wait(version, kAskAgain);
  }
}

}  // namespace

base::Result<Login> log_in(Session& session, LeaseFollower& follower, const LeaseAccount& lease,
                           const std::string& folder, const std::string& identity_file) {
  TRY(const api::SshAccess access, await_access(session, follower, lease));
  TRY_VOID(verify_ssh_access(lease.address, lease.host(), access));
  TRY_VOID(save_ssh_access(folder, lease.address, access, identity_file));
  const std::int64_t began_ms = session.clock().steady_ms();
  const auto command = ssh_command(folder, true, {"true"});
  for (;;) {
    const auto tried = run_quietly(command, kOneTry);
    const std::int64_t now_ms = session.clock().steady_ms();
    if (tried && *tried == 0) return Login{access, now_ms};
    if (!tried && tried.error().code == Code::missing_dependency) return tried.error();
    const bool got_in = tried && *tried != kSshRefused;
    if (got_in || now_ms - began_ms > kLoginPatienceMs) {
      return Error{Code::unreachable,
                   "The lease is ready, and a login with " + identity_file + " does not work.",
                   what_next(lease)};
    }
    std::this_thread::sleep_for(kTryAgain);
  }
}

}  // namespace obelisk::cli
