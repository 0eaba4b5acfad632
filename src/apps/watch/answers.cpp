#include "apps/watch/answers.hpp"

namespace obelisk::watch_app {
namespace {

using base::Result;
using watch::Answer;

template <class T>
Answer to_answer(const Result<T>& result) {
  if (result) return *result;
  return result.error();
}

struct Answering {
  Desk& desk;
  Answer operator()(const watch::AskKeys&) const { return desk.keys(); }
  Answer operator()(const watch::AskQuote& ask) const { return to_answer(desk.quote(ask.terms)); }
  Answer operator()(const watch::AskReady& ask) const {
    return to_answer(desk.ready(ask.quote, ask.message));
  }
  Answer operator()(const watch::AskDark& ask) const { return to_answer(desk.dark(ask.message)); }
  Answer operator()(const watch::AskAttestation& ask) const {
    return to_answer(desk.attestation(ask.key, ask.fields));
  }
  Answer operator()(const watch::AskSettlement& ask) const {
    return to_answer(desk.settlement(ask.message));
  }
  Answer operator()(const watch::AskLogin& ask) const {
    return to_answer(desk.log_in(ask.quote, ask.ssh, ask.check_card));
  }
};

class DeskAttestor final : public ports::Attestor {
 public:
  DeskAttestor(Desk& desk, const base::PublicKey& key) : desk_(desk), key_(key) {}
  const base::PublicKey& public_key() const override { return key_; }
  Result<base::Signature> quote(const std::string& terms) override { return desk_.quote(terms); }
  Result<base::Signature> attestation(const escrow::AttestationFields& fields) override {
    return desk_.attestation(key_, fields);
  }
  Result<base::Signature> ready(const lease::Quote& quote, base::ByteView message) override {
    return desk_.ready(watch::words_of(quote), message);
  }
  Result<base::Signature> dark(base::ByteView message) override { return desk_.dark(message); }
  Result<base::Signature> settlement(base::ByteView message) override {
    return desk_.settlement(message);
  }

 private:
  Desk& desk_;
  const base::PublicKey key_;
};

class DeskLogins final : public ports::Logins {
 public:
  explicit DeskLogins(Desk& desk) : desk_(desk), key_(desk.keys().login_key) {}
  watch::LoginAnswer log_in(const lease::Quote& quote, const lease::SshAccess& access,
                            bool check_card) override {
    const auto answer = desk_.log_in(watch::words_of(quote), access, check_card);
    if (answer) return *answer;
    return {false, lease::LoginProblem::unreachable, answer.error().message, {}, 0};
  }
  const std::string& public_key() const override { return key_; }

 private:
  Desk& desk_;
  const std::string key_;
};

}  // namespace

std::string answer_to(Desk& desk, const std::string& line) {
  const auto ask = watch::ask_from(line);
  if (!ask) return watch::to_line(Answer(ask.error()));
  return watch::to_line(std::visit(Answering{desk}, *ask));
}

std::vector<std::unique_ptr<ports::Attestor>> attestors_of(Desk& desk) {
  std::vector<std::unique_ptr<ports::Attestor>> out;
  for (const base::PublicKey& key : desk.keys().attestors) {
    out.push_back(std::make_unique<DeskAttestor>(desk, key));
  }
  return out;
}

std::unique_ptr<ports::Logins> logins_of(Desk& desk) { return std::make_unique<DeskLogins>(desk); }

}  // namespace obelisk::watch_app
