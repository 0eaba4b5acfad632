// ReportStore: reports of abuse as wallets signed them. It must never decide what becomes of a
// host: a report is words, and the operator reads them. Calls block and may come from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace obelisk::ports {

struct ReportRow {
  std::uint64_t seq = 0;  // given by the store
  base::UnixMillis at_ms = 0;
  base::PublicKey host;
  std::optional<base::PublicKey> lease = {};
  std::string reason;
  std::string text;
  base::PublicKey reporter;
  std::string remote_address;
  std::string said;  // the text that is signed
  base::Signature signature;

  bool operator==(const ReportRow&) const = default;
};

// Since some moment.
struct ReportCounts {
  std::uint64_t by_reporter = 0;
  std::uint64_t from_address = 0;
  std::uint64_t without_lease = 0;  // of anybody

  bool operator==(const ReportCounts&) const = default;
};

class ReportStore {
 public:
  virtual ~ReportStore() = default;

  // Its seq is ignored; the one it was given. The same signature is the same report: it is kept
  // once, and has the seq that it had.
  virtual base::Result<std::uint64_t> add(const ReportRow& row) = 0;
  virtual base::Result<std::optional<ReportRow>> by_signature(const base::Signature& signature) = 0;
  virtual base::Result<ReportCounts> counts(const base::PublicKey& reporter,
                                            std::string_view remote_address,
                                            base::UnixMillis since_ms) = 0;
  // Those with a seq under `before_seq` (0: all), newest first.
  virtual base::Result<std::vector<ReportRow>> newest(std::uint64_t before_seq,
                                                      std::size_t limit) = 0;
};

}  // namespace obelisk::ports
