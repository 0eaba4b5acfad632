// Any log and any wire bytes: what comes out is in order, in bounds and folds the same in any
// order.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "core/index/decode.hpp"
#include "core/index/fold.hpp"
#include "core/index/log_reader.hpp"
#include "core/index/testing.hpp"

namespace {

using namespace obelisk;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    out.emplace_back(text.substr(from, end - from));
    from = end + 1;
  }
  return out;
}

void check_steps(const std::vector<index::StepRow>& steps, const base::PublicKey& lease) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    CHECK(steps[i].number == i && steps[i].depth > 0);
    if (steps[i].logged) CHECK(index::event_of(steps[i]).has_value());
  }
  std::vector<index::StepRow> reversed(steps.rbegin(), steps.rend());
  CHECK(index::fold(lease, steps) == index::fold(lease, reversed));
}

}  // namespace

// The first byte chooses: a log of a transaction that is ours, or any bytes as a transaction.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  using index::testing::kAccounts;
  using index::testing::kProgram;
  const base::ByteView rest(data + 1, size - 1);
  base::Bytes wire(rest.begin(), rest.end());
  std::vector<std::string> logs;
  if ((data[0] & 1) != 0) {
    logs = lines_of({reinterpret_cast<const char*>(rest.data()), rest.size()});
    wire = index::testing::wire_of(
        {escrow::encode_claim(kProgram, kAccounts), escrow::encode_finish(kProgram, kAccounts)});
  }
  const auto decoded = index::decode({.slot = 7, .wire = wire, .logs = logs}, kProgram);
  if (decoded) check_steps(decoded->steps, kAccounts.lease);
  return 0;
}
