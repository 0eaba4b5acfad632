// The nodes that the settings name, asked once before anything else: which network each is of, and
// which slot it has reached. It must never let nodes of two networks pass for one, nor let money
// move on the word of one of several.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/solana/node_questions.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

using solana_rpc::NodeReport;

enum class NodeState {
  fit,     // of the network, and as new as the others
  behind,  // of the network, and too old, or too new to be believed
  silent,  // it did not say of which network it is
};

struct NodesFound {
  base::Hash network;
  std::vector<NodeState> states;  // as the reports are
  std::vector<std::uint64_t> slots;

  std::size_t fit() const;
};

// Code::usage: they are not of one network. Where all are silent: why the first is.
base::Result<NodesFound> compare_nodes(const std::vector<NodeReport>& reports);
// Whether what is signed may go through them: two have to agree that it landed.
base::Result<void> enough_to_sign(const NodesFound& found, const std::vector<NodeReport>& reports);

}  // namespace obelisk::cli
