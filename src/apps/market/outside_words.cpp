#include "apps/market/outside_words.hpp"

namespace obelisk::market_app {

using base::Code;
using base::Error;

bool is_inside(const Error& error) {
  return error.code == Code::internal || error.code == Code::missing_dependency ||
         error.message.starts_with("The database ") || error.message.starts_with("PostgreSQL ");
}

Error outside(const Error& error) {
  if (!is_inside(error)) return error;
  return {error.code, "Something inside this market does not work right now.",
          "Try again in a few seconds; if it lasts, tell its operator the request id.",
          error.charged_lamports};
}

}  // namespace obelisk::market_app
