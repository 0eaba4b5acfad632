// obelisk open: a link to a port of a lease, for whoever has it or for everybody.
#include "apps/cli/verbs/verbs.hpp"
#include "apps/cli/web_way.hpp"
#include "apps/cli/which_lease.hpp"
#include "base/json_line.hpp"
#include "base/time.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;
using tunnel::Audience;

struct Opened {
  base::PublicKey lease;
  std::uint16_t port = 0;
  std::string url;
  base::UnixSeconds now_s = 0;
  base::UnixSeconds until_s = 0;
  Audience audience = Audience::holder;
  WebAnswer seen;
};

base::Result<Audience> audience_of(const OpenOptions& options) {
  if (options.is_public && options.is_private) {
    return Error{Code::usage, "A port is public or private.", "Leave one of them out."};
  }
  if (options.is_private && options.time) {
    return Error{Code::usage, "--private is until it is said otherwise.", "Leave out --for."};
  }
  if (options.is_public) return Audience::everybody;
  return options.is_private ? Audience::nobody : Audience::holder;
}

// Every gateway has to hear it: one that has not would go on as before.
base::Result<void> tell_all(const std::vector<std::string>& ways, const tunnel::Pass& pass) {
  base::Result<void> out;
  for (const std::string& way : ways) {
    if (auto told = tell_gateway(way, pass); !told) out = std::move(told);
  }
  return out;
}

// The first way whose gateway has the lease, and what is seen there.
std::string choose_way(const std::vector<std::string>& ways, const tunnel::Pass* pass,
                       WebAnswer& seen) {
  for (const std::string& way : ways) {
    seen = ask_web(way, pass);
    const bool is_elsewhere = seen.kind == WebAnswer::Kind::away || seen.trouble == "nobody_here";
    if (!is_elsewhere) return way;
  }
  return ways.front();
}

std::string good_for(const Opened& what) {
  const std::string until = base::to_rfc3339_seconds(what.until_s) + " (" +
                            base::to_duration_text(what.until_s - what.now_s) + ").";
  switch (what.audience) {
    case Audience::holder: return "Whoever has this link gets in until " + until;
    case Audience::everybody: return "Everybody gets in until " + until;
    case Audience::nobody: break;
  }
  return "Not everybody gets in any more. Links that were given out work until their time is over.";
}

std::string what_is_seen(const Opened& what) {
  const std::string port = std::to_string(what.port);
  switch (what.seen.kind) {
    case WebAnswer::Kind::server: return "It answers.";
    case WebAnswer::Kind::silent:
      return "Something listens on port " + port + " in the lease, and has not answered yet.";
    case WebAnswer::Kind::away: return "Its gateway does not answer right now: " + what.seen.words;
    case WebAnswer::Kind::gateway: break;
  }
  if (what.seen.trouble == "not_listening") {
    return "Nothing listens on port " + port + " in the lease yet: start the server, then load it.";
  }
  if (what.seen.trouble == "host_away") return "Its host cannot be reached right now.";
  return "The gateway says: " + what.seen.trouble + ".";
}

void print(Session& session, const Opened& what, bool is_link_alone) {
  Output& out = session.out();
  out.line(what.url);
  if (!is_link_alone) {
    out.line(good_for(what));
    if (what.audience != Audience::nobody) out.line(what_is_seen(what));
  }
  const bool is_public = what.audience == Audience::everybody;
  base::JsonLine line;
  line.key("lease", what.lease).number("port", what.port).text("url", what.url);
  const auto until = what.audience == Audience::nobody
                         ? std::nullopt
                         : std::optional(base::to_rfc3339_seconds(what.until_s));
  line.text_or_null("until", until).flag("public", is_public);
  line.flag("answers", what.seen.kind == WebAnswer::Kind::server);
  out.result(line.done());
}

}  // namespace

base::Result<void> open_port(Session& session, const OpenOptions& options) {
  TRY(const std::uint16_t port, read_port(options.port));
  TRY(const Audience audience, audience_of(options));
  std::uint32_t for_s = 0;
  if (options.time) {
    TRY(for_s, read_time({{}, {}, {}, options.time}));
  }
  TRY(const base::PublicKey address, which_lease(session, options.lease));
  TRY(MarketClient * market, session.market());
  TRY(const api::Lease lease, market->lease(address));
  TRY(ports::Signer * wallet, session.wallet());
  if (wallet->public_key() != lease.renter) {
    return Error{Code::forbidden, "Another wallet pays this lease: only its passes count.",
                 "Name its key: --keypair FILE"};
  }
  TRY(const auto ways, web_ways(lease, port));
  Opened out{address, port, {}, session.clock().now_ms() / 1'000, 0, audience, {}};
  out.until_s = pass_end(lease, out.now_s, for_s);
  if (audience != Audience::holder && for_s == 0) {
    out.until_s = pass_end(lease, out.now_s, tunnel::kLongestPassS);
  }
  const auto pass = sign_pass(*wallet, address, port, audience, out.now_s, out.until_s);
  if (audience != Audience::holder) TRY_VOID(tell_all(ways, pass));
  const bool is_holder = audience == Audience::holder;
  const std::string way = audience == Audience::nobody
                              ? ways.front()
                              : choose_way(ways, is_holder ? &pass : nullptr, out.seen);
  if (out.seen.trouble == "bad_pass") {
    return Error{Code::refused, "The gateway does not take the pass that was just signed.",
                 "Check this machine's clock, and its host's."};
  }
  if (out.seen.trouble == "nobody_here") {
    return Error{Code::unreachable,
                 "No gateway leads to this lease right now: it may just have ended.",
                 "Look again: obelisk show " + address.to_string()};
  }
  out.url = way + (is_holder ? "/?obelisk-pass=" + tunnel::to_text(pass) : "/");
  print(session, out, options.print);
  return {};
}

}  // namespace obelisk::cli
