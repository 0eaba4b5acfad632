#include "core/cards/hash_tree.hpp"

#include "base/check.hpp"
#include "base/crypto.hpp"

namespace obelisk::cards {

namespace {

// The level above; the digests move to the front.
void rise(std::vector<base::Hash>& level) {
  for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
    level[i / 2] = tree_node(level[i], level[i + 1]);
  }
  if (level.size() % 2 == 1) level[level.size() / 2] = level.back();
  level.resize((level.size() + 1) / 2);
}

}  // namespace

base::Hash tree_node(const base::Hash& left, const base::Hash& right) {
  std::array<std::uint8_t, 64> both{};
  std::copy(left.bytes.begin(), left.bytes.end(), both.begin());
  std::copy(right.bytes.begin(), right.bytes.end(), both.begin() + 32);
  return base::sha256(both);
}

base::Hash tree_root(std::vector<base::Hash> level) {
  CHECK(!level.empty());
  while (level.size() > 1) rise(level);
  return level.front();
}

std::vector<base::Hash> tree_path(std::vector<base::Hash> level, std::uint64_t index) {
  CHECK(index < level.size());
  std::vector<base::Hash> path;
  for (; level.size() > 1; index /= 2) {
    if ((index ^ 1) < level.size()) path.push_back(level[index ^ 1]);
    rise(level);
  }
  return path;
}

std::size_t tree_path_length(std::uint64_t index, std::uint64_t count) {
  std::size_t length = 0;
  for (; count > 1; count = (count + 1) / 2, index /= 2) length += (index ^ 1) < count ? 1 : 0;
  return length;
}

std::optional<base::Hash> tree_climb(base::Hash leaf, std::uint64_t index, std::uint64_t count,
                                     std::span<const base::Hash> path) {
  if (index >= count || path.size() != tree_path_length(index, count)) return std::nullopt;
  for (; count > 1; count = (count + 1) / 2, index /= 2) {
    if ((index ^ 1) >= count) continue;
    leaf = index % 2 == 0 ? tree_node(leaf, path.front()) : tree_node(path.front(), leaf);
    path = path.subspan(1);
  }
  return leaf;
}

}  // namespace obelisk::cards
