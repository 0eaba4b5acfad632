// Any bytes as a receipt file: what is read is written back as the same receipt, and the checks
// that need no node run on it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "apps/cli/papers/receipt_check.hpp"
#include "apps/cli/papers/receipt_file_reader.hpp"
#include "base/check.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk;
  const auto file = cli::parse_receipt_file({reinterpret_cast<const char*>(data), size});
  if (!file) return 0;
  const auto again = cli::parse_receipt_file(papers::receipt_file_text(*file));
  CHECK(again && *again == *file);
  (void)cli::check_alone(*file);
  (void)cli::check_against(*file, {file->network, 0, {}, {}, {}, {}});
  return 0;
}
