// obelisk exec -t: a terminal in a lease, through its gateway and by the wallet's own word: the
// market is only asked where that is.
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdlib>

#include "apps/cli/terminal/seat.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "apps/cli/web_way.hpp"
#include "apps/cli/which_lease.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

// A pass is asked for at each connection, so it need not be good for long.
constexpr base::UnixSeconds kPassS = 600;

base::Result<void> check(Session& session, const ExecOptions& options) {
  if (session.out().json()) {
    return Error{Code::usage, "A terminal has no answer that could be JSON.",
                 "Leave out --json, or -t: obelisk exec LEASE --json -- CMD"};
  }
  if (options.input || options.timeout) {
    return Error{Code::usage, "--stdin and --timeout are for a command without a terminal.",
                 "Leave them out, or -t."};
  }
  if (options.session && !terminal::is_session_id(*options.session)) {
    return Error{Code::usage, "A session's ID has 16 digits of hex.",
                 "It is what was said when it was left."};
  }
  if (options.session && !options.command.empty()) {
    return Error{Code::usage, "In a session that runs no command can be begun.",
                 "Leave out --session or the command."};
  }
  if (::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1) return {};
  return Error{Code::usage, "exec -t is for a person at a terminal, and here is none.",
               "Leave out -t: obelisk exec LEASE -- CMD"};
}

// The signals that end us come here instead, so that the terminal is put back first. To be made
// before any thread is.
class HeldSignals {
 public:
  HeldSignals() {
    sigset_t wanted;
    sigemptyset(&wanted);
    for (const int number : {SIGWINCH, SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
      ::sigaddset(&wanted, number);
    }
    ::pthread_sigmask(SIG_BLOCK, &wanted, &before_);
    fd_ = ::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
  }
  ~HeldSignals() {
    if (fd_ >= 0) ::close(fd_);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
  sigset_t before_{};
};

// Where it is now: a host may be reached by another gateway by the next time. Each attempt asks the
// next of them.
class Finder {
 public:
  Finder(MarketClient& market, ports::Signer& wallet, ports::Clock& clock,
         const base::PublicKey& lease)
      : market_(market), wallet_(wallet), clock_(clock), lease_(lease) {}

  base::Result<TerminalAddress> operator()() {
    if (auto told = market_.lease(lease_)) {
      TRY_VOID(look_at(*told));
    } else if (ways_.empty()) {
      return std::move(told).error();
    }
    TRY(http::Url url, http::Url::parse(ways_[attempts_++ % ways_.size()]));
    url.scheme = url.secure() ? http::Scheme::wss : http::Scheme::ws;
    const base::UnixSeconds now_s = clock_.now_ms() / 1000;
    const auto pass = sign_pass(wallet_, lease_, tunnel::kTerminal, tunnel::Audience::holder, now_s,
                                now_s + kPassS);
    return TerminalAddress{url, to_text(pass)};
  }

 private:
  base::Result<void> look_at(const api::Lease& lease) {
    auto found = web_ways(lease, tunnel::kTerminal);
    if (found) {
      ways_ = *std::move(found);
      return {};
    }
    if (!ways_.empty() && lease.state != api::LeaseState::ended) return {};
    if (found.error().code != Code::unsupported) return std::move(found).error();
    return Error{Code::unsupported, "No gateway of this lease serves terminals by https.",
                 "Log in by ssh: obelisk ssh " + lease_.to_string()};
  }

  MarketClient& market_;
  ports::Signer& wallet_;
  ports::Clock& clock_;
  const base::PublicKey lease_;
  std::vector<std::string> ways_;
  std::size_t attempts_ = 0;
};

// What a gateway answers is a page for browsers, of which only its status is left.
Error in_our_words(Error error, const base::PublicKey& lease) {
  if (!error.message.starts_with("The server answered")) return error;
  if (error.code == Code::unauthorized || error.code == Code::forbidden) {
    error.message = "The lease's gateway does not take this wallet's word.";
    error.action =
        "Use the wallet that pays the lease, and see that this machine's clock is right.";
  } else {
    error.message = "The lease's host cannot be reached through its gateway right now.";
    error.action = "Try again in a few seconds, or log in: obelisk ssh " + lease.to_string();
  }
  return error;
}

std::string own_term() {
  const char* term = std::getenv("TERM");
  return term != nullptr && terminal::is_term(term) ? term : terminal::kUsualTerm;
}

}  // namespace

base::Result<void> exec_terminal(Session& session, const ExecOptions& options) {
  TRY_VOID(check(session, options));
  const HeldSignals signals;
  TRY(const base::PublicKey lease, which_lease(session, options.lease));
  TRY(MarketClient * market, session.market());
  TRY(ports::Signer * wallet, session.wallet());
  SeatParts parts;
  parts.in = STDIN_FILENO;
  parts.out = STDOUT_FILENO;
  parts.signals = signals.fd();
  const auto finder = std::make_shared<Finder>(*market, *wallet, session.clock(), lease);
  parts.address = [finder] { return (*finder)(); };
  parts.opening.words = options.command;
  parts.opening.term = own_term();
  parts.opening.session = options.session.value_or("");
  TRY_VOID(terminal::opening_query(parts.opening));
  auto sat = TerminalSeat(std::move(parts)).sit();
  if (!sat) return in_our_words(std::move(sat).error(), lease);
  const SeatEnd& end = *sat;
  if (end.has_left && !end.session.empty()) {
    session.out().line("What ran there runs on. Back to it: obelisk exec -t " + lease.to_string() +
                       " --session " + end.session);
  }
  session.end_with(end.exit_code);
  return {};
}

}  // namespace obelisk::cli
