#include "core/lease/step.hpp"

#include <utility>

#include "base/check.hpp"
#include "core/lease/states.hpp"
#include "core/lease/stepper.hpp"

namespace obelisk::lease {

void Stepper::move_to(State state) {
  CHECK(allowed(life_.state, state));
  life_.state = state;
}

void Stepper::note(std::string kind, std::string message) {
  out_.notes.push_back({std::move(kind), std::move(message)});
}

void Stepper::say(std::string kind, std::string message) {
  life_.message = message;
  note(std::move(kind), std::move(message));
}

Effect& Stepper::effect(EffectKind kind) {
  out_.effects.push_back({});
  out_.effects.back().kind = kind;
  return out_.effects.back();
}

void Stepper::want(Wanted wanted) {
  if (life_.wanted == wanted) return;
  life_.wanted = wanted;
  effect(EffectKind::tell_host);
}

void Stepper::log_in(bool check_card, std::uint32_t delay_ms) {
  ++life_.login_attempt;
  life_.login_pending = true;
  life_.login_asked_at_s = now();
  Effect& work = effect(EffectKind::log_in);
  work.attempt = life_.login_attempt;
  work.check_card = check_card;
  work.delay_ms = delay_ms;
}

void Stepper::settle(EffectKind kind) {
  if (life_.settle_asked) return;
  life_.settle_asked = true;
  effect(kind);
}

bool Stepper::host_answers() const {
  return life_.ssh.has_value() &&
         (life_.host_state == HostState::running || life_.host_state == HostState::open);
}

Decision step(const Record& record, const Event& event, const Context& context) {
  Stepper stepper(record, context);
  std::visit([&stepper](const auto& what) { stepper.on(what); }, event);
  Decision out = stepper.take();
  // That a newer answer says the same is not worth a write.
  const std::uint64_t slot = std::exchange(out.life.chain_slot, record.life.chain_slot);
  const bool same = out.effects.empty() && out.notes.empty() && out.life == record.life;
  if (!same) out.life.chain_slot = slot;
  return out;
}

std::string_view to_string(EffectKind kind) {
  switch (kind) {
    case EffectKind::tell_host: return "tell_host";
    case EffectKind::log_in: return "log_in";
    case EffectKind::send_ready: return "send_ready";
    case EffectKind::send_cancel: return "send_cancel";
    case EffectKind::attest: return "attest";
    case EffectKind::give_attestation: return "give_attestation";
    case EffectKind::settle_dark: return "settle_dark";
    case EffectKind::settle_end: return "settle_end";
    case EffectKind::settle_claim: return "settle_claim";
    case EffectKind::settle_finish: return "settle_finish";
    case EffectKind::read_close: return "read_close";
  }
  return "?";
}

std::optional<EffectKind> effect_kind_from(std::string_view name) {
  for (int i = 0; i < kEffectKinds; ++i) {
    const auto kind = static_cast<EffectKind>(i);
    if (to_string(kind) == name) return kind;
  }
  return std::nullopt;
}

}  // namespace obelisk::lease
