#include "core/solana/pda.hpp"

#include <optional>

#include "base/crypto.hpp"

namespace obelisk::solana {
namespace {

using base::Code;
using base::Error;

std::optional<base::Bytes> join(const std::vector<base::ByteView>& seeds, std::size_t max) {
  if (seeds.size() > max) return std::nullopt;
  base::Bytes out;
  for (const base::ByteView seed : seeds) {
    if (seed.size() > kMaxSeedBytes) return std::nullopt;
    out.insert(out.end(), seed.begin(), seed.end());
  }
  return out;
}

Error bad_seeds() {
  return Error{Code::invalid_input, "A program address has at most 16 seeds of 32 bytes.",
               "Use fewer or shorter seeds."};
}

std::optional<base::PublicKey> off_curve(base::Bytes bytes, const base::PublicKey& program) {
  const base::ByteView marker = base::view_of("ProgramDerivedAddress");
  bytes.insert(bytes.end(), program.bytes.begin(), program.bytes.end());
  bytes.insert(bytes.end(), marker.begin(), marker.end());
  const base::PublicKey out{base::sha256(bytes).bytes};
  return base::is_on_curve(out) ? std::nullopt : std::optional(out);
}

}  // namespace

base::Result<base::PublicKey> create_program_address(const std::vector<base::ByteView>& seeds,
                                                     const base::PublicKey& program) {
  const auto joined = join(seeds, kMaxSeeds);
  if (!joined) return bad_seeds();
  if (const auto address = off_curve(*joined, program)) return *address;
  return Error{Code::invalid_input, "These seeds give an address on the curve.",
               "Use another bump."};
}

base::Result<ProgramAddress> find_program_address(const std::vector<base::ByteView>& seeds,
                                                  const base::PublicKey& program) {
  auto joined = join(seeds, kMaxSeeds - 1);
  if (!joined) return bad_seeds();
  joined->push_back(0);
  for (std::uint8_t bump = 255; bump > 0; --bump) {
    joined->back() = bump;
    if (const auto address = off_curve(*joined, program)) return ProgramAddress{*address, bump};
  }
  return Error{Code::invalid_input, "No bump gives these seeds an address off the curve.",
               "Use other seeds."};
}

}  // namespace obelisk::solana
