#include "adapters/solana/sender.hpp"

#include <memory>

#include "adapters/solana/flight.hpp"
#include "adapters/solana/transaction_error.hpp"
#include "base/check.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::solana_rpc {
namespace {

using base::Code;
using base::Error;
using base::Result;
using ports::Commitment;
using solana::Act;
using solana::Sending;

Error expired_error() {
  return {Code::expired, "The transaction did not get into a block in time. Nothing was charged.",
          "Ask for a new transaction and sign that."};
}

Error unknown_error(const base::Signature& signature) {
  return {Code::timeout,
          "It is not known yet whether transaction " + signature.to_string() + " landed.",
          "Look at that signature before you sign another: it may still land."};
}

std::vector<base::PublicKey> writable_keys(const solana::Message& message) {
  std::vector<base::PublicKey> out;
  for (std::size_t i = 0; i < message.keys.size(); ++i) {
    if (message.is_writable(i)) out.push_back(message.keys[i]);
  }
  return out;
}

// With preflight a node may know something against it before anything is charged. That it does not
// know the blockhash is no such thing: it may be behind, and another may have taken the bytes.
// True: that is what it said, and the height has to be asked at once.
Result<bool> preflight(Flight& flight) {
  const auto sent = flight.broadcast(true);
  if (sent || !is_verdict(sent.error())) return false;
  if (sent.error().code != Code::expired) return sent.error();
  return true;
}

// One delivery: what Sending asks for, done.
class Delivery {
 public:
  Delivery(ports::Chain& chain, ports::Clock& clock, const Payment& payment,
           const DeliverOptions& options)
      : chain_(chain), clock_(clock), payment_(payment), options_(options) {}

  Result<Delivered> run() {
    Sending sending(options_.limits, clock_.steady_ms());
    if (options_.before) {
      sending = Sending::resumed(options_.limits, options_.before->last_valid_block_height,
                                 clock_.steady_ms());
      TRY(auto transaction, solana::decode_transaction(options_.before->wire));
      launch(transaction);
    }
    while (true) {
      switch (sending.next(clock_.steady_ms())) {
        case Act::estimate:
          TRY_VOID(estimate());
          sending.estimated();
          break;
        case Act::blockhash: {
          TRY(latest_, chain_.latest_blockhash(Commitment::confirmed));
          sending.has_blockhash(latest_.last_valid_block_height);
          break;
        }
        case Act::sign:
          TRY_VOID(sign());
          sending.is_signed(clock_.steady_ms());
          break;
        case Act::broadcast:
          (void)flight_->broadcast(false);
          sending.was_broadcast(clock_.steady_ms());
          break;
        case Act::look: flight_->look(sending); break;
        case Act::wait: flight_->wait(sending); break;
        case Act::landed: return landed();
        case Act::expired: return expired_error();
        case Act::unknown: return unknown_error(flight_->id());
      }
      if (options_.hooks.stop.stop_requested()) {
        if (flight_) return unknown_error(flight_->id());
        return Error{Code::timeout, "The program ends. Nothing was sent.", "Start it again."};
      }
    }
  }

 private:
  Result<solana::Transaction> build(const solana::Budget& budget, const base::Hash& blockhash) {
    std::vector<solana::Instruction> all{solana::set_unit_limit(budget.units)};
    if (budget.price > 0) all.push_back(solana::set_unit_price(budget.price));
    all.insert(all.end(), payment_.instructions.begin(), payment_.instructions.end());
    TRY(auto message,
        solana::compile_message(payment_.payer, all, blockhash, solana::MessageVersion::v0));
    return solana::Transaction(std::move(message));
  }

  // Tried with the most that a transaction may take and a price, so that both are counted.
  Result<void> estimate() {
    flight_.reset();
    TRY(const auto trial, build({solana::kMostUnits, 1}, {}));
    const auto tried = chain_.simulate(trial.wire());
    if (!tried && is_verdict(tried.error())) return tried.error();
    if (tried && tried->error) return transaction_error(*tried->error, {});
    // Where no node can try it, what is known of it has to do.
    budget_.units = tried ? solana::unit_limit_for(tried->compute_units) : payment_.units;
    auto paid = chain_.recent_fees(writable_keys(trial.message()));
    budget_.price = solana::unit_price_for(paid ? *std::move(paid) : std::vector<std::uint64_t>{},
                                           budget_.units, options_.fees);
    return {};
  }

  Result<void> sign() {
    TRY(auto transaction, build(budget_, latest_.blockhash));
    TRY_VOID(payment_.sign(transaction));
    CHECK(transaction.is_signed());
    if (options_.keep) {
      TRY_VOID(options_.keep({transaction.wire(), latest_.last_valid_block_height}));
    }
    launch(transaction);
    return {};
  }

  void launch(const solana::Transaction& transaction) {
    const auto fee = solana::network_fee(transaction.message());
    fee_ = fee ? *fee : base::Lamports{solana::kLamportsPerSignature};
    flight_ =
        std::make_unique<Flight>(chain_, clock_, transaction, options_.commitment, options_.hooks);
  }

  Result<Delivered> landed() { return Delivered{flight_->id(), fee_, *flight_->status()}; }

  ports::Chain& chain_;
  ports::Clock& clock_;
  const Payment& payment_;
  const DeliverOptions& options_;
  solana::Budget budget_;
  ports::LatestBlockhash latest_;
  base::Lamports fee_;
  std::unique_ptr<Flight> flight_;
};

}  // namespace

Result<ports::SignatureStatus> send_and_confirm(ports::Chain& chain, ports::Clock& clock,
                                                const solana::Transaction& transaction,
                                                std::uint64_t last_valid_block_height,
                                                Commitment commitment,
                                                std::chrono::milliseconds timeout,
                                                const SendHooks& hooks) {
  Flight flight(chain, clock, transaction, commitment, hooks);
  solana::SendingLimits limits;
  limits.timeout_ms = timeout.count();
  limits.most_signings = 0;
  Sending sending = Sending::signed_already(limits, last_valid_block_height, clock.steady_ms());
  if (hooks.preflight) {
    TRY(const bool may_be_over, preflight(flight));
    if (may_be_over) {
      sending = Sending::resumed(limits, last_valid_block_height, clock.steady_ms());
    }
    if (flight.is_forwarded()) sending.was_broadcast(clock.steady_ms());
  }
  while (true) {
    switch (sending.next(clock.steady_ms())) {
      case Act::broadcast:
        (void)flight.broadcast(false);
        sending.was_broadcast(clock.steady_ms());
        break;
      case Act::look: flight.look(sending); break;
      case Act::wait: flight.wait(sending); break;
      case Act::landed: return *flight.status();
      case Act::unknown: return unknown_error(flight.id());
      case Act::estimate:
      case Act::blockhash:
      case Act::sign:
      case Act::expired: return expired_error();
    }
    if (hooks.stop.stop_requested()) return unknown_error(flight.id());
  }
}

Result<Delivered> deliver(ports::Chain& chain, ports::Clock& clock, const Payment& payment,
                          const DeliverOptions& options) {
  return Delivery(chain, clock, payment, options).run();
}

}  // namespace obelisk::solana_rpc
