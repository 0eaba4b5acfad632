#include "apps/market/quote_words.hpp"

namespace obelisk::market_app {

using base::Code;
using base::Error;

Error no_such_quote() {
  return {Code::not_found, "This market has no such quote.", "Ask for a new one."};
}

Error not_signed(const Error& why) {
  if (why.code == Code::unreachable || why.code == Code::timeout) {
    return {Code::unreachable,
            "This market's watch does not answer, and without it nothing is sold.",
            "Ask again in a moment. Running leases go on."};
  }
  return {why.code == Code::rate_limited ? why.code : Code::unreachable,
          "This market's watch did not sign the quote. " + why.message, "Ask again in a moment."};
}

Error paid_already(const base::PublicKey& lease) {
  return {Code::conflict, "This quote is paid. Its lease is " + lease.to_string() + ".",
          "Look at /v1/leases/" + lease.to_string() + "."};
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

}  // namespace obelisk::market_app
