// `obelisk-market refuse`: the list of addresses that the operator does no new business with. A
// running market reads it again every second.
#include <algorithm>

#include "apps/market/operator/verbs.hpp"
#include "apps/market/refusals.hpp"
#include "base/canonical_json.hpp"

namespace obelisk::market_app::operators {
namespace {

using base::CanonicalJson;
using base::Code;
using base::Error;

constexpr std::size_t kMostWhy = 200;

CanonicalJson::Object json_of(const ports::Refusal& refusal) {
  return {{"address", refusal.address.to_string()},
          {"at", base::to_rfc3339(refusal.at_ms)},
          {"why", refusal.why}};
}

Words list(const RefuseRequest& request, const std::vector<ports::Refusal>& all) {
  if (request.json) {
    CanonicalJson::Array items;
    for (const ports::Refusal& refusal : all) items.emplace_back(json_of(refusal));
    return CanonicalJson(CanonicalJson::Object{{"refused", std::move(items)}}).text() + "\n";
  }
  if (all.empty()) return std::string("Nobody is refused.\n");
  std::string out;
  for (const ports::Refusal& refusal : all) {
    out += base::to_rfc3339_seconds(refusal.at_ms / 1000) + "  " + refusal.address.to_string() +
           "  " + plain_line(refusal.why) + "\n";
  }
  return out;
}

base::Result<void> check_why(const std::string& why) {
  const bool plain = std::ranges::none_of(
      why, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (plain && why.size() <= kMostWhy) return {};
  return Error{Code::usage, "--why is longer than 200 bytes, or no single line.", "Shorten it."};
}

}  // namespace

Words refuse(const RefuseRequest& request, ports::RefusalStore& refusals, ports::AuditStore& audit,
             ports::Clock& clock) {
  TRY(const auto all, refusals.all());
  if (!request.address) return list(request, all);
  TRY_VOID(check_why(request.why));
  const base::PublicKey& address = *request.address;
  const bool stands = std::ranges::find(all, address, &ports::Refusal::address) != all.end();
  if (request.lift && !stands) {
    return Error{Code::not_found, address.to_string() + " is not refused.",
                 "See the list: obelisk-market refuse --list."};
  }
  if (!request.lift && !stands && all.size() >= kMaxRefusals) {
    return Error{Code::refused, "The list is full: 10000 addresses.",
                 "Lift some: obelisk-market refuse ADDRESS --lift."};
  }
  const base::UnixMillis now_ms = clock.now_ms();
  // The trail first: nothing is done that is not in it.
  TRY_VOID(audit.add({0, now_ms, this_user(), request.lift ? "lift" : "refuse", address.to_string(),
                      request.why}));
  if (request.lift) {
    TRY_VOID(refusals.lift(address));
  } else {
    TRY_VOID(refusals.put({address, now_ms, request.why}));
  }
  if (request.json) {
    return CanonicalJson(
               CanonicalJson::Object{{"address", address.to_string()}, {"refused", !request.lift}})
               .text() +
           "\n";
  }
  return request.lift
             ? address.to_string() + " is no longer refused.\n"
             : address.to_string() +
                   " gets no new quotes and is not offered. What runs goes on and is paid.\n";
}

}  // namespace obelisk::market_app::operators
