// A binary tree of SHA-256 digests: its root binds all leaves, a path shows that one of them
// belongs to it. A level of odd length hands its last node up unchanged. The number of leaves is
// part of what both sides know: it must never come from who made the tree.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/public_key.hpp"

namespace obelisk::cards {

// SHA-256 of the two side by side.
base::Hash tree_node(const base::Hash& left, const base::Hash& right);

// Of at least one leaf.
base::Hash tree_root(std::vector<base::Hash> level);

// The neighbours from leaf `index` to the root, lowest first; index below leaves.size().
std::vector<base::Hash> tree_path(std::vector<base::Hash> level, std::uint64_t index);

// How many neighbours the path of leaf `index` of `count` has.
std::size_t tree_path_length(std::uint64_t index, std::uint64_t count);

// The root that this path leads to from `leaf`; nothing if the path is of another length.
std::optional<base::Hash> tree_climb(base::Hash leaf, std::uint64_t index, std::uint64_t count,
                                     std::span<const base::Hash> path);

}  // namespace obelisk::cards
