// What the operator's verbs are told, checked, before anything is opened. It must never hold a key:
// keys are named by their files.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "apps/market/config.hpp"

namespace obelisk::market_app::operators {

// A file of its own for everything a new operator needs.
struct InitRequest {
  std::string folder;
  std::string rpc_url;  // as it was given
  std::optional<base::PublicKey> program;
  bool local = false;
  bool json = false;
};

// Which terms of future leases are to be others; nothing: only shown.
struct NewTerms {
  std::optional<bool> paused = {};
  std::optional<std::uint16_t> fee_bps = {};
  std::optional<std::uint32_t> ready_deadline_s = {};
  std::optional<std::uint32_t> gap_limit_s = {};
  std::optional<std::uint32_t> claim_window_s = {};
  std::optional<base::PublicKey> treasury = {};
  std::optional<base::PublicKey> attestor = {};

  bool any() const {
    return paused || fee_bps || ready_deadline_s || gap_limit_s || claim_window_s || treasury ||
           attestor;
  }
};

// terms, pause and rotate-attestor: one account, changed in one way.
struct TermsRequest {
  std::string verb;
  Ground ground;                 // its program is there
  std::string operator_keypair;  // empty: only shown
  std::string new_keypair;       // of rotate-attestor
  NewTerms news;
  bool json = false;
};

struct RefuseRequest {
  Ground ground;
  std::optional<base::PublicKey> address;  // nothing: the list
  std::string why;
  bool lift = false;
  bool json = false;
};

// audit and reports.
struct TrailRequest {
  Ground ground;
  bool reports = false;
  std::size_t limit = 0;
  std::uint64_t before = 0;  // a number; 0: from the newest on
  bool json = false;
};

struct BackupRequest {
  Ground ground;
  std::string to;
  bool json = false;
};

struct RestoreRequest {
  Ground ground;
  std::string from;
  bool force = false;
  bool json = false;
};

using Request = std::variant<InitRequest, TermsRequest, RefuseRequest, TrailRequest, BackupRequest,
                             RestoreRequest>;

bool wants_json(const Request& request);

}  // namespace obelisk::market_app::operators
