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

Error under_way() {
  return {Code::conflict, "The first request with this Idempotency-Key is still under way.",
          "Send it again in a second: it will get the first one's answer."};
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

class AnswerDesk::Ticket {
 public:
  Ticket(AnswerDesk& desk, Asked asked) : asked_(std::move(asked)), turn_(desk, asked_.name) {}
  const Asked& asked() const { return asked_; }
  bool mine() const { return turn_.mine(); }

 private:
  const Asked asked_;
  const Turn turn_;
};

base::Result<std::optional<AnswerDesk::Asked>> AnswerDesk::asked(const Caller& caller,
                                                                 const http::Request& request) {
  const auto key = request.header(kIdempotencyHeader);
  if (!key) return std::optional<Asked>();
  if (!is_key(*key)) {
    return Error{Code::invalid_input, "Idempotency-Key is not 1 to 64 visible ASCII characters.",
                 "Send a random text, for example a UUID."};
  }
  return std::optional(Asked{{caller_name(caller), std::string(*key)}, hash_of(request)});
}

base::Result<std::optional<http::Response>> AnswerDesk::before(const Asked& asked, Kept kept) {
  TRY(const auto row, find(asked.name, kept));
  if (!row) return std::optional<http::Response>();
  if (row->asked != asked.hash) {
    return Error{Code::invalid_input, "This Idempotency-Key was used for another request.",
                 "Use a new key for a new request."};
  }
  return std::optional(again(*row));
}

base::Result<http::Response> AnswerDesk::once(const Caller& caller, const http::Request& request,
                                              const Work& work, Kept kept) {
  TRY(const auto named, asked(caller, request));
  if (!named) return work();
  const Turn turn(*this, named->name);
  if (!turn.mine()) return under_way();
  TRY(auto given, before(*named, kept));
  if (given) return *std::move(given);
  TRY(auto response, work());
  if (response.status < 200 || response.status > 299) return response;
  const auto location = response.header("Location").value_or("");
  const auto row = keep({named->name.first, named->name.second, named->hash, response.status,
                         std::string(location), response.body, clock_.now_ms()},
                        kept);
  // What was done is answered, kept or not: an error would have it done once more.
  if (!row) return response;
  // Another process of this market was quicker: one answer for both.
  if (row->asked == named->hash && row->body != response.body) return again(*row);
  return response;
}

base::Result<AnswerDesk::Begun> AnswerDesk::begin(const Caller& caller,
                                                  const http::Request& request) {
  TRY(auto named, asked(caller, request));
  if (!named) return Begun{};
  auto ticket = std::make_shared<Ticket>(*this, *std::move(named));
  if (!ticket->mine()) return under_way();
  TRY(auto given, before(ticket->asked(), Kept::in_memory));
  return Begun{std::move(given), std::move(ticket)};
}

void AnswerDesk::finish(const Ticket& ticket, const http::Response& response) {
  if (response.status < 200 || response.status > 299) return;
  const Asked& asked = ticket.asked();
  (void)keep({asked.name.first, asked.name.second, asked.hash, response.status, "", response.body,
              clock_.now_ms()},
             Kept::in_memory);
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
