// What a market says to its watch and back, one line of canonical JSON each way: an object with one
// field that names the kind. Pure. Both ends read it with the same strict reader; whatever is not
// exactly that is nothing. It must never carry bytes to sign that say not what they are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"
#include "core/escrow/codec.hpp"
#include "core/lease/record.hpp"
#include "core/watch/login.hpp"

namespace obelisk::watch {

// A line, with its end: terms at their longest, every sign of them escaped, and the rest.
inline constexpr std::size_t kMostLineBytes = 40'000;

// --- asks ---

// What the watch signed earlier, and what only the market knows beside it.
struct QuoteWords {
  std::string terms;
  base::Signature signature;
  std::string driver_name;  // what a processor calls itself; cards go by their UUIDs
  bool operator==(const QuoteWords&) const = default;
};

QuoteWords words_of(const lease::Quote& quote);

struct AskKeys {
  bool operator==(const AskKeys&) const = default;
};
struct AskQuote {
  std::string terms;
  bool operator==(const AskQuote&) const = default;
};
struct AskReady {
  base::Bytes message;
  QuoteWords quote;
  bool operator==(const AskReady&) const = default;
};
struct AskDark {
  base::Bytes message;
  bool operator==(const AskDark&) const = default;
};
struct AskAttestation {
  base::PublicKey key;
  escrow::AttestationFields fields;
  bool operator==(const AskAttestation&) const = default;
};
struct AskSettlement {
  base::Bytes message;
  bool operator==(const AskSettlement&) const = default;
};
struct AskLogin {
  QuoteWords quote;
  lease::SshAccess ssh;
  bool check_card = false;
  bool operator==(const AskLogin&) const = default;
};
using Ask =
    std::variant<AskKeys, AskQuote, AskReady, AskDark, AskAttestation, AskSettlement, AskLogin>;

// --- answers ---

struct Keys {
  std::vector<base::PublicKey> attestors;  // the current one first
  std::string login_key;                   // the public key line that lets the watch in
  bool operator==(const Keys&) const = default;
};
using Answer = std::variant<base::Error, Keys, base::Signature, LoginAnswer>;

// Without the end of the line.
std::string to_line(const Ask& ask);
std::string to_line(const Answer& answer);
// invalid_input names the field where it failed.
base::Result<Ask> ask_from(std::string_view line);
base::Result<Answer> answer_from(std::string_view line);

}  // namespace obelisk::watch
