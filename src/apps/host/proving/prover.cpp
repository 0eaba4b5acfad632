#include "apps/host/proving/prover.hpp"

#include <algorithm>

#include "base/bytes.hpp"

namespace obelisk::host {
namespace {

constexpr std::size_t kMostAtOnce = 128;
constexpr std::size_t kMostLeases = 1'000;

std::optional<cards::Nonce> nonce_of(const std::string& hex) {
  const auto bytes = base::from_hex(hex);
  cards::Nonce out{};
  if (!bytes || bytes->size() != out.size()) return std::nullopt;
  std::ranges::copy(*bytes, out.begin());
  return out;
}

}  // namespace

Prover::Prover(ProverParts parts) : parts_(std::move(parts)) {}

Prover::~Prover() = default;

void Prover::join_finished() {
  std::erase_if(working_, [](const Work& work) { return work.done->load(); });
}

std::string Prover::refusal(const api::MarketProve& question) {
  const bool listed = std::ranges::all_of(
      question.cards, [&](const std::string& uuid) { return parts_.cards.contains(uuid); });
  if (!listed) return "This host cannot prove that card: there is no libcuda for it.";
  if (working_.size() + question.cards.size() > kMostAtOnce) return "Too many are under way.";
  if (question.lease) {
    if (!parts_.is_coming(*question.lease)) return "That lease is not being made here.";
    if (samples_.size() >= kMostLeases) samples_.erase(samples_.begin());
    if (++samples_[*question.lease] > kSamplesPerLease) return "It was asked too often.";
    return "";
  }
  if (!parts_.is_idle()) return "A lease stands on this host.";
  const std::int64_t now_ms = parts_.clock.steady_ms();
  if (whole_at_ms_ && now_ms - *whole_at_ms_ < kWholeAgainMs) {
    return "It was asked ten minutes ago, or less.";
  }
  whole_at_ms_ = now_ms;
  return "";
}

void Prover::asked(const api::MarketProve& question) {
  const auto nonce = nonce_of(question.nonce);
  if (!nonce) return parts_.log("The market's question for a proof is damaged.");
  const bool whole = !question.lease;
  std::string why_not;
  {
    const std::lock_guard lock(mutex_);
    join_finished();
    why_not = refusal(question);
    for (const std::string& uuid : why_not.empty() ? question.cards : std::vector<std::string>()) {
      auto done = std::make_shared<std::atomic<bool>>(false);
      working_.push_back({std::jthread([this, uuid, nonce = *nonce, whole, done] {
                            answer(uuid, nonce, whole);
                            *done = true;
                          }),
                          done});
    }
  }
  if (why_not.empty()) return;
  for (const std::string& uuid : question.cards) sorry(question.nonce, uuid, why_not);
}

void Prover::answer(const std::string& uuid, const cards::Nonce& nonce, bool whole) {
  if (whole) parts_.log("Proving the memory of card " + uuid + " to the market.");
  const std::string nonce_text = base::to_hex(base::ByteView(nonce));
  const auto answered = parts_.prove(uuid, nonce, whole);
  if (!answered) return sorry(nonce_text, uuid, answered.error().message);
  cards::MemoryTerms terms;
  terms.chunks = answered->chunks;
  terms.seed = cards::card_seed(nonce, uuid);
  const auto proof = cards::read_proof(terms, answered->proof);
  if (!proof) return sorry(nonce_text, uuid, "The card's process said nothing that makes sense.");
  api::HostCardProof message;
  message.type = "card_proof";
  message.nonce = nonce_text;
  message.uuid = uuid;
  message.chunks = answered->chunks;
  message.elapsed_ms = answered->elapsed_ms;
  message.proof = base::to_base64(answered->proof);
  message.signature =
      parts_.signer.sign(cards::proof_message(parts_.market, nonce, uuid, terms, proof->root));
  parts_.say(api::to_json(message));
}

void Prover::sorry(const std::string& nonce, const std::string& uuid, const std::string& why) {
  parts_.log("Card " + uuid + " was not proven to the market: " + why);
  api::HostCardProof message;
  message.type = "card_proof";
  message.nonce = nonce;
  message.uuid = uuid;
  message.failure = why.substr(0, 400);
  parts_.say(api::to_json(message));
}

}  // namespace obelisk::host
