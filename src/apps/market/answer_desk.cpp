#include "apps/market/answer_desk.hpp"

#include <algorithm>

#include "base/crypto.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr base::UnixMillis kSweepEveryMs = 600'000;
constexpr std::size_t kMostKey = 64;

bool is_key(std::string_view text) {
  return !text.empty() && text.size() <= kMostKey &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// Whose keys these are.
std::string caller_name(const Caller& caller) {
  return caller.wallet ? "wallet " + caller.wallet->to_string()
                       : "address " + caller.remote_address;
}

// Lengths go before texts: two requests never join to the same bytes.
base::Hash hash_of(const http::Request& request) {
  base::Writer out;
  for (const std::string* part : {&request.method, &request.path, &request.query, &request.body}) {
    out.u64(part->size());
    out.put(*part);
  }
  return base::sha256(out.bytes());
}

http::Response again(const ports::AnswerRow& row) {
  http::Response out;
  out.status = row.status;
  out.body = row.body;
  if (row.body.empty()) out.content_type.clear();
  if (!row.location.empty()) out.headers.push_back({"Location", row.location});
  out.headers.push_back({"Idempotency-Replayed", "true"});
  return out;
}

}  // namespace

// One write with a key at a time.
class AnswerDesk::Turn {
 public:
  Turn(AnswerDesk& desk, Name name) : desk_(desk), name_(std::move(name)) {
    const std::lock_guard lock(desk_.mutex_);
    mine_ = desk_.under_way_.insert(name_).second;
  }
  ~Turn() {
    const std::lock_guard lock(desk_.mutex_);
    if (mine_) desk_.under_way_.erase(name_);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool mine() const { return mine_; }

 private:
  AnswerDesk& desk_;
  const Name name_;
  bool mine_ = false;
};

base::Result<http::Response> AnswerDesk::once(const Caller& caller, const http::Request& request,
                                              const Work& work, Kept kept) {
  const auto key = request.header(kIdempotencyHeader);
  if (!key) return work();
  if (!is_key(*key)) {
    return Error{Code::invalid_input, "Idempotency-Key is not 1 to 64 visible ASCII characters.",
                 "Send a random text, for example a UUID."};
  }
  const Name name{caller_name(caller), std::string(*key)};
  const Turn turn(*this, name);
  if (!turn.mine()) {
    return Error{Code::conflict, "The first request with this Idempotency-Key is still under way.",
                 "Send it again in a second: it will get the first one's answer."};
  }
  const base::Hash asked = hash_of(request);
  TRY(const auto before, find(name, kept));
  if (before && before->asked != asked) {
    return Error{Code::invalid_input, "This Idempotency-Key was used for another request.",
                 "Use a new key for a new request."};
  }
  if (before) return again(*before);
  TRY(auto response, work());
  if (response.status < 200 || response.status > 299) return response;
  const auto location = response.header("Location").value_or("");
  const auto row = keep({name.first, name.second, asked, response.status, std::string(location),
                         response.body, clock_.now_ms()},
                        kept);
  // What was done is answered, kept or not: an error would have it done once more.
  if (!row) return response;
  // Another process of this market was quicker: one answer for both.
  if (row->asked == asked && row->body != response.body) return again(*row);
  return response;
}

base::Result<std::optional<ports::AnswerRow>> AnswerDesk::find(const Name& name, Kept kept) {
  const base::UnixMillis oldest_ms = clock_.now_ms() - kAnswerLifeMs;
  std::optional<ports::AnswerRow> row;
  if (kept == Kept::stored) {
    TRY(row, store_.find(name.first, name.second));
  } else {
    const std::lock_guard lock(mutex_);
    if (const auto at = secrets_.find(name); at != secrets_.end()) row = at->second;
  }
  if (row && row->given_ms < oldest_ms) row.reset();
  return row;
}

base::Result<ports::AnswerRow> AnswerDesk::keep(const ports::AnswerRow& row, Kept kept) {
  if (kept == Kept::stored) return store_.keep(row, row.given_ms - kAnswerLifeMs, kMaxAnswers);
  const std::lock_guard lock(mutex_);
  secrets_[{row.caller, row.key}] = row;
  while (secrets_.size() > kMaxSecretAnswers) {
    secrets_.erase(std::ranges::min_element(
        secrets_, {}, [](const auto& entry) { return entry.second.given_ms; }));
  }
  return row;
}

void AnswerDesk::sweep() {
  const base::UnixMillis now_ms = clock_.now_ms();
  if (now_ms < next_sweep_ms_.load()) return;
  next_sweep_ms_ = now_ms + kSweepEveryMs;
  const base::UnixMillis oldest_ms = now_ms - kAnswerLifeMs;
  (void)store_.forget(oldest_ms, kMaxAllAnswers);
  const std::lock_guard lock(mutex_);
  std::erase_if(secrets_, [&](const auto& entry) { return entry.second.given_ms < oldest_ms; });
}

}  // namespace obelisk::market_app
