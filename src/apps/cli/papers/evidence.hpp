// Asking a node for everything that a receipt file claims: the only part of checking one that talks
// to anybody. It must never ask more often than the file's bounds allow.
#pragma once

#include "apps/cli/papers/receipt_check.hpp"
#include "apps/cli/session.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

// An error only where the node does not answer; what it does not have is in the evidence.
base::Result<Evidence> evidence_for(Session& session, const papers::ReceiptFile& file);

}  // namespace obelisk::cli
