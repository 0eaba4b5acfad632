#include "apps/market/program_words.hpp"

#include "adapters/solana/transaction_error.hpp"
#include "core/escrow/error_text.hpp"

namespace obelisk::market_app {

base::Error in_words(const base::Error& error) {
  const auto number = solana_rpc::program_error_in(error);
  const auto* text = number ? escrow::error_text(*number) : nullptr;
  if (text == nullptr) return error;
  return {error.code,
          std::string(text->meaning) + " (" + std::string(text->name) + ") Nothing was charged.",
          std::string(text->action), error.charged_lamports};
}

}  // namespace obelisk::market_app
