#include "apps/cli/next_steps.hpp"

#include <algorithm>

#include "apps/cli/settle.hpp"
#include "base/json_line.hpp"

namespace obelisk::cli {
namespace {

using escrow::State;
using escrow::StopHow;
using escrow::Tag;

escrow::Action action(Tag tag, std::optional<StopHow> how = std::nullopt) {
  escrow::Action out{};
  out.tag = tag;
  out.how = how.value_or(StopHow::served);
  return out;
}

class Steps {
 public:
  Steps(const LeaseAccount& lease, base::UnixSeconds now_s) : lease_(lease), now_s_(now_s) {}

  void add(const char* who, const char* verb, const escrow::Action& action, std::string says,
           const std::string& flags, base::UnixSeconds from_s = 0) {
    NextStep step;
    step.who = who;
    step.verb = verb;
    if (action.tag == Tag::stop) step.how = action.how;
    step.says = std::move(says);
    step.command = std::string("obelisk escrow ") + verb + " " + lease_.address.to_string() + flags;
    step.from_s = from_s;
    auto moves = forecast(lease_, {action}, now_s_);
    if (moves) step.moves = *moves;
    // What is refused and has no time of its own is not there at all.
    if (moves || from_s > now_s_) steps_.push_back(std::move(step));
  }
  void stop(const char* who, StopHow how, std::string says) {
    add(who, "stop", action(Tag::stop, how), std::move(says),
        " --how " + std::string(how_name(how)));
  }
  std::vector<NextStep> take() { return std::move(steps_); }

 private:
  const LeaseAccount& lease_;
  base::UnixSeconds now_s_;
  std::vector<NextStep> steps_;
};

void funded(Steps& steps, const LeaseAccount& lease) {
  const base::UnixSeconds deadline =
      lease.data.opened_at + static_cast<base::UnixSeconds>(lease.data.ready_deadline_s);
  escrow::Action own = action(Tag::cancel);
  own.renter_signed = true;
  steps.add("renter", "cancel", own, "All back, at any time before ready.", " --yes");
  steps.add("anyone", "cancel", action(Tag::cancel),
            "All back to the renter, once the host's time to get ready is over.", "", deadline + 1);
}

escrow::Action claim_to(base::UnixSeconds alive_until) {
  escrow::Action out = action(Tag::claim);
  out.alive_until = alive_until;
  return out;
}

void active(Steps& steps, const LeaseAccount& lease, base::UnixSeconds now_s) {
  const base::UnixSeconds end = lease.ends_at();
  steps.stop("renter", StopHow::served, "I was served till now.");
  steps.stop("renter", StopHow::dispute, "I dispute the time since the last proof.");
  escrow::Action attest = claim_to(std::min(now_s, end));
  steps.add("renter", "attest", attest, "I was served till now, and it runs on.", " --yes");
  steps.stop("host", StopHow::waive, "I waive what is not proven.");
  steps.stop("attestor", StopHow::dark, "The host is dark.");
  steps.add("anyone", "claim", attest, "Pays what an attestation proves, at most this.",
            " --attestation FILE");
  steps.add("anyone", "finish", action(Tag::finish), "Settles it once its time is over.", "", end);
}

void closing(Steps& steps, const LeaseAccount& lease) {
  steps.add("anyone", "claim", claim_to(lease.data.stopped_at),
            "Pays what an attestation proves, at most this.", " --attestation FILE");
  steps.stop("renter", StopHow::served, "I was served until the stop.");
  steps.stop("host", StopHow::waive, "I waive what is not proven.");
  steps.stop("attestor", StopHow::dark, "Ends it at the last proof.");
  steps.add("anyone", "finish", action(Tag::finish),
            "What nobody proved goes back to the renter, once the window is over.", "",
            lease.data.window_ends + 1);
}

}  // namespace

std::string_view how_name(StopHow how) {
  switch (how) {
    case StopHow::served: return "served";
    case StopHow::dispute: return "dispute";
    case StopHow::waive: return "waive";
    case StopHow::dark: return "dark";
  }
  return "";
}

std::vector<NextStep> next_steps(const LeaseAccount& lease, base::UnixSeconds now_s) {
  Steps steps(lease, now_s);
  switch (lease.data.state) {
    case State::funded: funded(steps, lease); break;
    case State::active: active(steps, lease, now_s); break;
    case State::closing: closing(steps, lease); break;
    case State::closed: break;
  }
  std::vector<NextStep> out;
  const auto all = steps.take();
  for (const bool now : {true, false}) {
    for (const NextStep& step : all) {
      if (step.moves.has_value() == now) out.push_back(step);
    }
  }
  return out;
}

std::vector<std::string> next_steps_lines(const std::vector<NextStep>& steps) {
  std::vector<std::string> out;
  bool later = false;
  for (const NextStep& step : steps) {
    if (out.empty() && step.moves) out.push_back("What can be done now:");
    if (!step.moves && !later) out.push_back("Later:");
    later = later || !step.moves;
    out.push_back("  " + step.who + ": " + step.command);
    std::string what = "    " + step.says + " ";
    what += step.moves ? forecast_text(*step.moves)
                       : "From " + base::to_rfc3339_seconds(step.from_s) + ".";
    out.push_back(std::move(what));
  }
  return out;
}

std::string next_steps_json(const std::vector<NextStep>& steps) {
  std::vector<std::string> items;
  for (const NextStep& step : steps) {
    const auto& moves = step.moves;
    const auto amount = [&](base::Lamports Forecast::* field) {
      return moves ? std::optional((*moves).*field) : std::nullopt;
    };
    base::JsonLine one;
    one.text("who", step.who)
        .text("verb", step.verb)
        .text_or_null("how",
                      step.how ? std::optional(std::string(how_name(*step.how))) : std::nullopt)
        .flag("now", moves.has_value())
        .number("from_s", step.from_s)
        .lamports("host_lamports", amount(&Forecast::host))
        .lamports("fee_lamports", amount(&Forecast::fee))
        .lamports("refunded_lamports", amount(&Forecast::refunded))
        .lamports("held_lamports", amount(&Forecast::held))
        .flag("closes", moves && moves->closes)
        .text("says", step.says)
        .text("command", step.command);
    items.push_back(one.done());
  }
  return base::json_array(items);
}

}  // namespace obelisk::cli
