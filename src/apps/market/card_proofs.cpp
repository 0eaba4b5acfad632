#include "apps/market/card_proofs.hpp"

#include <algorithm>

#include "base/crypto.hpp"
#include "core/market/terms.hpp"

namespace obelisk::market_app {
namespace {

using engine::CardCheck;

std::string hex(const cards::Nonce& nonce) { return base::to_hex(base::ByteView(nonce)); }

// GPUs as the driver names them, and instances of cut ones; a processor cannot be asked.
bool can_be_asked(const std::string& uuid) {
  return (uuid.starts_with("GPU-") || uuid.starts_with("MIG-")) && uuid.size() == 40;
}

base::Error wrong(std::string what) {
  return {base::Code::refused, "A card's proof was not taken: " + std::move(what),
          "Run obelisk-host measure on the host. Its cards are offered once they are proven."};
}

// Keys cost nothing: what strangers leave behind must not add up.
template <class Known>
void make_room(Known& known) {
  if (known.size() >= kMaxHostsKnown) known.erase(known.begin());
}

}  // namespace

CardProofs::CardProofs(CardProofParts parts) : parts_(std::move(parts)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

CardProofs::~CardProofs() = default;

// --- asking ---

// The cards of a quote that were proven when it was made.
CardProofs::Cards CardProofs::proven_of(const lease::Quote& quote) {
  Cards out;
  const auto terms = market::read_terms(quote.terms);
  if (!terms) return out;
  for (const market::TermsCard& card : terms->cards) {
    if (card.proven_bytes != 0) out.emplace(card.uuid, Card{card.memory_bytes});
  }
  return out;
}

bool CardProofs::is_good(const base::PublicKey& host, const api::ProvenCard& card) const {
  const auto at_s = static_cast<base::UnixSeconds>(card.at_s);
  const base::UnixSeconds now_s = parts_.clock.now_ms() / 1000;
  if (at_s > now_s + 60 || at_s < now_s - cards::kProvenForS) return false;
  const base::Bytes message =
      cards::proven_message(parts_.market, {host, card.uuid, card.chunks, at_s});
  return base::verify(parts_.own_key.public_key(), message, card.signature);
}

std::string CardProofs::send_question(Asked asked) {
  base::random_bytes(asked.nonce);
  asked.at_ms = parts_.clock.steady_ms();
  api::MarketProve message{"prove", hex(asked.nonce), {}, asked.lease};
  for (const auto& [uuid, card] : asked.cards) message.cards.push_back(uuid);
  open_.emplace(Key{asked.host, message.nonce}, std::move(asked));
  return api::to_json(message);
}

void CardProofs::listed(const market::Listing& listing, const std::vector<api::ProvenCard>& said) {
  Cards cards;
  for (const market::ListedCard& card : listing.cards) {
    if (can_be_asked(card.uuid)) cards.emplace(card.uuid, Card{card.memory_bytes});
  }
  std::vector<const api::ProvenCard*> good;
  for (const api::ProvenCard& card : said) {
    if (cards.contains(card.uuid) && is_good(listing.host, card)) good.push_back(&card);
  }
  std::string question;
  {
    const std::lock_guard lock(mutex_);
    make_room(proven_);
    auto& known = proven_[listing.host];
    for (const api::ProvenCard* card : good) {
      known.try_emplace(card->uuid, cards::Proven{listing.host, card->uuid, card->chunks,
                                                  static_cast<base::UnixSeconds>(card->at_s)});
    }
    std::erase_if(known, [&](const auto& entry) { return !cards.contains(entry.first); });
    const bool all_known =
        std::ranges::all_of(cards, [&](const auto& card) { return known.contains(card.first); });
    if (known.empty()) proven_.erase(listing.host);
    if ((all_known && !refuted_.contains(listing.host)) || cards.empty()) return;
    // All of them, though some may be known: else one could stand in for the others.
    if (!tried_.insert(listing.host).second) return;
    Asked asked;
    asked.host = listing.host;
    asked.cards = std::move(cards);
    asked.simulated = listing.simulated;
    question = send_question(std::move(asked));
  }
  parts_.changed(listing.host);
  parts_.send(listing.host, question);
}

void CardProofs::host_gone(const base::PublicKey& host) {
  const std::lock_guard lock(mutex_);
  tried_.erase(host);
  std::erase_if(
      open_, [&](const auto& entry) { return entry.first.first == host && !entry.second.lease; });
}

void CardProofs::ask(const lease::Quote& quote) {
  Asked asked;
  asked.host = quote.host;
  asked.cards = proven_of(quote);
  asked.simulated = quote.simulated;
  asked.lease = quote.lease;
  if (asked.cards.empty()) return;
  std::string question;
  {
    const std::lock_guard lock(mutex_);
    auto& said = samples_[quote.lease];
    if (said.check == CardCheck::good || said.check == CardCheck::wrong) return;
    if (said.check == CardCheck::none) sample_order_.push_back(quote.lease);
    said.check = CardCheck::waiting;
    if (sample_order_.size() > kMaxLeaseSamples) {
      samples_.erase(sample_order_.front());
      sample_order_.pop_front();
    }
    // An earlier question may have been lost with a connection.
    std::erase_if(open_, [&](const auto& entry) { return entry.second.lease == quote.lease; });
    question = send_question(std::move(asked));
  }
  parts_.send(quote.host, question);
}

// --- answers ---

void CardProofs::answered(const base::PublicKey& host, const api::HostCardProof& answer) {
  const Key key{host, answer.nonce};
  {
    const std::lock_guard lock(mutex_);
    const auto at = open_.find(key);
    if (at == open_.end()) return;
    const auto card = at->second.cards.find(answer.uuid);
    if (card == at->second.cards.end() || card->second.answered) return;
    const std::int64_t limit_ms = at->second.lease ? kSampleProofMs : kWholeProofMs;
    const bool late = parts_.clock.steady_ms() - at->second.at_ms > limit_ms;
    if (!answer.failure && !late && queue_.size() < kMaxProofsQueued) {
      card->second.answered = true;
      queue_.push_back({at->second, card->second.listed_bytes, answer});
      changed_.notify_all();
      return;
    }
  }
  finish(key, answer.uuid,
         answer.failure ? answer.failure->substr(0, 200) : "the answer came too late");
}

void CardProofs::run(const std::stop_token& stop) {
  while (true) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
    const Job job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    check(job);
  }
}

base::Result<std::uint32_t> CardProofs::chunks_of(const Job& job) const {
  const api::HostCardProof& answer = job.answer;
  if (!answer.chunks || !answer.proof || !answer.signature) return wrong("it is not whole.");
  const bool enough = job.asked.lease
                          ? cards::is_sample_enough(*answer.chunks, job.asked.simulated)
                          : cards::is_enough(*answer.chunks, job.listed_bytes, job.asked.simulated);
  if (!enough) return wrong("it is of less memory than was asked for.");
  cards::MemoryTerms terms;
  terms.seed = cards::card_seed(job.asked.nonce, answer.uuid);
  terms.chunks = *answer.chunks;
  const auto bytes = base::from_base64(*answer.proof);
  if (!bytes) return wrong("it is not base64.");
  TRY(const cards::MemoryProof proof, cards::read_proof(terms, *bytes));
  const base::Bytes message =
      cards::proof_message(parts_.market, job.asked.nonce, answer.uuid, terms, proof.root);
  if (!base::verify(job.asked.host, message, *answer.signature)) {
    return wrong("it is not signed by the host's key.");
  }
  TRY_VOID(cards::verify(terms, proof));
  return terms.chunks;
}

void CardProofs::check(const Job& job) {
  const auto chunks = chunks_of(job);
  if (!chunks) return refuted(job, chunks.error());
  if (!job.asked.lease) proven(job, *chunks);
  finish({job.asked.host, job.answer.nonce}, job.answer.uuid, "");
}

void CardProofs::proven(const Job& job, std::uint32_t chunks) {
  const base::UnixSeconds now_s = parts_.clock.now_ms() / 1000;
  const cards::Proven proven{job.asked.host, job.answer.uuid, chunks, now_s};
  {
    const std::lock_guard lock(mutex_);
    proven_[proven.host][proven.uuid] = proven;
  }
  parts_.log.write(Level::info, "A card was proven.",
                   {{"host", proven.host.to_string()},
                    {"card", proven.uuid},
                    {"bytes", std::to_string(proven.bytes())},
                    {"ms", std::to_string(job.answer.elapsed_ms.value_or(0))}});
  api::MarketProven message{"proven", {proven.uuid, chunks, static_cast<std::uint64_t>(now_s), {}}};
  message.proven.signature = parts_.own_key.sign(cards::proven_message(parts_.market, proven));
  parts_.send(proven.host, api::to_json(message));
}

void CardProofs::refuted(const Job& job, const base::Error& why) {
  parts_.log.write(
      Level::warning, "A card's proof was wrong.",
      {{"host", job.asked.host.to_string()}, {"card", job.answer.uuid}, {"why", why.message}});
  if (!job.asked.lease) {
    const std::lock_guard lock(mutex_);
    make_room(refuted_);
    refuted_.insert(job.asked.host);
    proven_.erase(job.asked.host);
  }
  parts_.notice(job.asked.host, why);
  finish({job.asked.host, job.answer.nonce}, job.answer.uuid, why.message);
}

// One card of a question has its answer.
void CardProofs::finish(const Key& key, const std::string& uuid, const std::string& wrong) {
  {
    const std::lock_guard lock(mutex_);
    const auto at = open_.find(key);
    if (at == open_.end()) return;
    at->second.cards.erase(uuid);
    if (!wrong.empty() && at->second.wrong.empty()) at->second.wrong = wrong;
    if (!at->second.cards.empty()) return;
    close(at);
  }
  parts_.changed(key.first);
}

void CardProofs::close(std::map<Key, Asked>::iterator at) {
  const Asked& asked = at->second;
  if (asked.lease) {
    const auto said = samples_.find(*asked.lease);
    if (said != samples_.end()) {
      said->second = asked.wrong.empty() ? engine::CardSaid{CardCheck::good, ""}
                                         : engine::CardSaid{CardCheck::wrong, asked.wrong};
    }
  } else if (asked.wrong.empty()) {
    refuted_.erase(asked.host);
  }
  open_.erase(at);
}

void CardProofs::sweep() {
  std::vector<base::PublicKey> hosts;
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t now_ms = parts_.clock.steady_ms();
    for (auto at = open_.begin(); at != open_.end();) {
      const auto next = std::next(at);
      Asked& asked = at->second;
      const std::int64_t limit_ms = asked.lease ? kSampleProofMs : kWholeProofMs;
      if (now_ms - asked.at_ms > limit_ms + 5'000) {
        if (asked.wrong.empty()) asked.wrong = "no answer came";
        hosts.push_back(asked.host);
        close(at);
      }
      at = next;
    }
  }
  for (const base::PublicKey& host : hosts) parts_.changed(host);
}

// --- what is known ---

bool CardProofs::is_withheld(const base::PublicKey& host) const {
  const std::lock_guard lock(mutex_);
  if (refuted_.contains(host)) return true;
  for (auto at = open_.lower_bound({host, ""}); at != open_.end() && at->first.first == host;
       ++at) {
    if (!at->second.lease) return true;
  }
  return false;
}

std::uint64_t CardProofs::proven_bytes(const base::PublicKey& host, const std::string& uuid) const {
  const std::lock_guard lock(mutex_);
  const auto cards = proven_.find(host);
  if (cards == proven_.end()) return 0;
  const auto at = cards->second.find(uuid);
  return at == cards->second.end() ? 0 : at->second.bytes();
}

engine::CardSaid CardProofs::said(const lease::Quote& quote) {
  {
    const std::lock_guard lock(mutex_);
    const auto at = samples_.find(quote.lease);
    if (at != samples_.end()) return at->second;
  }
  const bool asks = !proven_of(quote).empty();
  return {asks ? CardCheck::waiting : CardCheck::none, ""};
}

}  // namespace obelisk::market_app
