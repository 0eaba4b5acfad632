// libFuzzer over every type of the API that is read from a stranger's JSON, a host's listing among
// them: what is read, written and read again is the same. The first byte chooses the type.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "api/types.hpp"
#include "base/check.hpp"

namespace obelisk::api {
namespace {

template <class Read>
void check(const Read& read, std::string_view text) {
  const auto first = read(text);
  if (!first) {
    CHECK(!first.error().message.empty());
    return;
  }
  const auto again = read(to_json(*first));
  CHECK(again.ok() && *again == *first);
}

using Check = void (*)(std::string_view);

constexpr Check kChecks[] = {
    [](std::string_view text) { check(quote_request_from_json, text); },
    [](std::string_view text) { check(transaction_request_from_json, text); },
    [](std::string_view text) { check(extend_request_from_json, text); },
    [](std::string_view text) { check(quote_from_json, text); },
    [](std::string_view text) { check(lease_from_json, text); },
    [](std::string_view text) { check(lease_event_from_json, text); },
    [](std::string_view text) { check(offer_list_from_json, text); },
    [](std::string_view text) { check(card_list_from_json, text); },
    [](std::string_view text) { check(trail_from_json, text); },
    [](std::string_view text) { check(history_from_json, text); },
    [](std::string_view text) { check(market_info_from_json, text); },
    [](std::string_view text) { check(listing_from_json, text); },
    [](std::string_view text) { check(host_hello_from_json, text); },
    [](std::string_view text) { check(host_listing_from_json, text); },
    [](std::string_view text) { check(host_lease_from_json, text); },
    [](std::string_view text) { check(market_challenge_from_json, text); },
    [](std::string_view text) { check(market_welcome_from_json, text); },
    [](std::string_view text) { check(market_lease_from_json, text); },
    [](std::string_view text) { check(market_attestation_from_json, text); },
    [](std::string_view text) { check(message_head_from_json, text); },
    [](std::string_view text) { check(market_notice_from_json, text); },
    [](std::string_view text) { check(host_card_proof_from_json, text); },
    [](std::string_view text) { check(market_prove_from_json, text); },
    [](std::string_view text) { check(market_proven_from_json, text); },
};

}  // namespace
}  // namespace obelisk::api

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk::api;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  kChecks[data[0] % std::size(kChecks)](text);
  return 0;
}
