#include "base/public_key.hpp"

#include "base/base58.hpp"

namespace obelisk::base {

template <std::size_t N, class Tag>
std::string FixedBytes<N, Tag>::to_string() const {
  return to_base58(bytes);
}

template <std::size_t N, class Tag>
std::optional<FixedBytes<N, Tag>> FixedBytes<N, Tag>::parse(std::string_view text) {
  const auto raw = from_base58(text, N);
  return raw ? from(*raw) : std::nullopt;
}

template struct FixedBytes<32, PublicKeyTag>;
template struct FixedBytes<64, SignatureTag>;
template struct FixedBytes<32, HashTag>;

}  // namespace obelisk::base
