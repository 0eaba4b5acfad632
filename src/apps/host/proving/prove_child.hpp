// One proof in a process of its own: this very program again, as `measure` does it.
#pragma once

#include "apps/host/options.hpp"
#include "apps/host/proving/card_answer.hpp"
#include "core/cards/card_proof.hpp"

namespace obelisk::host {

// In the child: proves the asked card and prints the answer's line.
base::Result<void> prove(const Asked& asked);

// In the host: starts the child and reads its line. Blocks until it ends, at most two and a half
// minutes.
base::Result<CardAnswer> prove_in_child(const Config& config, const std::string& uuid,
                                        const cards::Nonce& nonce, bool whole);

}  // namespace obelisk::host
