// Every instruction with one thing wrong, natively under the sanitizers: each account, flag, key,
// word of a key and byte of a proof, against the one code that it must give. The built file is
// attacked in the same way in program/test.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "core/escrow/errors.hpp"
#include "program/native/world.hpp"

namespace obelisk::program {
namespace {

using escrow::Call;
using escrow::Error;
using escrow::StopHow;
using escrow::Tag;

constexpr std::uint64_t kMissingPrivilege = std::uint64_t{9} << 32;  // as the test host says it
constexpr std::uint64_t num(Error error) { return static_cast<std::uint64_t>(error); }

// An instruction, and the code where one of its accounts is another one that holds nothing.
struct Kind {
  const char* name;
  Tag tag;
  StopHow how;
  std::vector<std::uint64_t> other_account;
};

const std::vector<Kind>& kinds() {
  const std::uint64_t system = num(Error::wrong_program);
  const std::uint64_t owner = num(Error::wrong_owner);
  const std::uint64_t key = num(Error::wrong_key);
  const std::uint64_t empty = num(Error::empty_wallet);
  const std::uint64_t bump = kMissingPrivilege;  // another address, so the seeds sign for nothing
  static const std::vector<Kind> all = {
      {"create_market", Tag::create_market, {}, {bump, bump, empty, system}},
      {"update_market", Tag::update_market, {}, {key, owner, empty}},
      {"open", Tag::open, {}, {bump, bump, empty, owner, system}},
      {"ready", Tag::ready, {}, {key, owner}},
      {"cancel", Tag::cancel, {}, {owner, key}},
      {"extend", Tag::extend, {}, {key, owner, system}},
      {"claim", Tag::claim, {}, {owner, key, key, key, system}},
      {"stop_served", Tag::stop, StopHow::served, {owner, key, key, key}},
      {"stop_disputed", Tag::stop, StopHow::dispute, {owner, key, key, key}},
      {"stop_waived", Tag::stop, StopHow::waive, {owner, key, key, key}},
      {"stop_dark", Tag::stop, StopHow::dark, {owner, key, key, key, key}},
      {"finish", Tag::finish, {}, {owner, key, key, key}},
  };
  return all;
}

Call call_of(const World& world, const Kind& kind) {
  const auto parties = world.parties();
  switch (kind.tag) {
    case Tag::create_market: return world.create_market();
    case Tag::update_market:
      return escrow::encode_update_market(
          world.program, {world.operator_key, world.market.key, world.treasury, world.terms()});
    case Tag::open: return escrow::encode_open(world.program, world.purchase());
    case Tag::ready: return escrow::encode_ready(world.program, parties, 42);
    case Tag::cancel: return escrow::encode_cancel(world.program, parties, true);
    case Tag::extend: return escrow::encode_extend(world.program, parties, 5000);
    case Tag::claim: return escrow::encode_claim(world.program, parties);
    case Tag::stop: return escrow::encode_stop(world.program, parties, kind.how);
    case Tag::finish: break;
  }
  return escrow::encode_finish(world.program, parties);
}

// A world in which the instruction is right, and it, to be made wrong.
struct Stage {
  World world;
  Call call;
  Call proof;

  explicit Stage(const Kind& kind) {
    if (kind.tag != Tag::create_market) good(world.create_market());
    if (kind.tag > Tag::open) good(escrow::encode_open(world.program, world.purchase()));
    if (kind.tag > Tag::cancel) {
      good(escrow::encode_ready(world.program, world.parties(), 42));
      world.host.now += kind.tag == Tag::finish ? 3600 : 100;
    }
    call = call_of(world, kind);
    proof = world.proof(world.host.now, world.attestor);
  }

  void good(const Call& one) {
    const Outcome outcome = world.host.run(one);
    EXPECT_EQ(outcome.code, 0u);
    EXPECT_EQ(outcome.violation, "");
  }
  Outcome run() { return world.host.run(call, &proof); }
  HostAccount& account(std::size_t index) { return world.host.at(call.accounts[index].key); }
};

using Bend = std::function<void(Stage&)>;

void expect(const Kind& kind, const Bend& bend, std::uint64_t code) {
  Stage stage(kind);
  bend(stage);
  const std::vector<HostAccount> before = stage.world.host.accounts();
  const Outcome outcome = stage.run();
  EXPECT_EQ(outcome.code, code) << kind.name;
  EXPECT_EQ(outcome.violation, "") << kind.name;
  if (code == 0) return;
  EXPECT_TRUE(outcome.events.empty()) << kind.name;
  for (const HostAccount& account : before) {
    EXPECT_EQ(stage.world.host.at(account.key), account) << kind.name;
  }
}

void expect(const Kind& kind, const Bend& bend, Error error) { expect(kind, bend, num(error)); }

// One bit of one of the four words that a key is compared by.
constexpr std::size_t kWords[] = {7, 8, 16, 31};
base::PublicKey other_key(base::PublicKey key, std::size_t byte) {
  key.bytes[byte] ^= 0x40;
  return key;
}

TEST(Checks, EachInstructionIsRightBeforeItIsBent) {
  for (const Kind& kind : kinds()) expect(kind, [](Stage&) {}, Error::none);
}

TEST(Checks, DataOfAnotherLengthOrTag) {
  for (const Kind& kind : kinds()) {
    expect(kind, [](Stage& s) { s.call.data.push_back(0); }, Error::bad_data);
    expect(kind, [](Stage& s) { s.call.data.pop_back(); }, Error::bad_data);
    expect(kind, [](Stage& s) { s.call.data.clear(); }, Error::bad_data);
    expect(kind, [](Stage& s) { s.call.data[0] = 9; }, Error::bad_data);
    expect(kind, [](Stage& s) { s.call.data[0] = 0xff; }, Error::bad_data);
    if (kind.tag == Tag::stop) {
      expect(kind, [](Stage& s) { s.call.data[1] = 4; }, Error::bad_data);
    }
  }
}

TEST(Checks, MoreOrFewerAccounts) {
  for (const Kind& kind : kinds()) {
    expect(kind, [](Stage& s) { s.call.accounts.pop_back(); }, Error::bad_count);
    expect(kind, [](Stage& s) { s.call.accounts.clear(); }, Error::bad_count);
    for (std::uint8_t more = 1; more <= 3; ++more) {
      const Bend add = [more](Stage& s) {
        for (std::uint8_t i = 0; i < more; ++i) {
          s.call.accounts.push_back({key_of(static_cast<std::uint8_t>(90 + i)), false, false});
        }
      };
      expect(kind, add, Error::bad_count);
    }
  }
}

TEST(Checks, AnAccountTwice) {
  for (const Kind& kind : kinds()) {
    for (std::size_t i = 0; i < kind.other_account.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const Bend twice = [i, j](Stage& s) {
          // The runtime knows one pair of flags a key.
          s.call.accounts[j].is_signer |= s.call.accounts[i].is_signer;
          s.call.accounts[j].is_writable |= s.call.accounts[i].is_writable;
          s.call.accounts[i] = s.call.accounts[j];
        };
        expect(kind, twice, Error::duplicate_account);
        const Bend and_one_more = [&](Stage& s) {
          twice(s);
          s.call.accounts.push_back({key_of(90), false, false});
        };
        expect(kind, and_one_more, Error::bad_count);
      }
    }
  }
}

TEST(Checks, EachFlagIsNeeded) {
  for (const Kind& kind : kinds()) {
    const Call sound = Stage(kind).call;
    for (std::size_t i = 0; i < sound.accounts.size(); ++i) {
      if (sound.accounts[i].is_writable) {
        expect(
            kind, [i](Stage& s) { s.call.accounts[i].is_writable = false; }, Error::not_writable);
      }
      const Bend unsign = [i](Stage& s) { s.call.accounts[i].is_signer = false; };
      // Without the renter it is too early to cancel.
      const bool late = kind.tag == Tag::cancel;
      if (sound.accounts[i].is_signer) {
        expect(kind, unsign, late ? Error::too_early : Error::not_signer);
      }
    }
  }
}

// Nobody else's signature is worth anything: all sign but the one who must.
TEST(Checks, EverybodyElseSigns) {
  for (const Kind& kind : kinds()) {
    if (kind.tag != Tag::stop && kind.tag != Tag::ready && kind.tag != Tag::update_market) continue;
    const Bend others = [](Stage& s) {
      for (auto& account : s.call.accounts) account.is_signer = !account.is_signer;
    };
    expect(kind, others, Error::not_signer);
  }
}

TEST(Checks, EachAccountIsTheOne) {
  for (const Kind& kind : kinds()) {
    for (std::size_t i = 0; i < kind.other_account.size(); ++i) {
      for (const std::size_t byte : kWords) {
        const Bend other = [i, byte](Stage& s) {
          s.call.accounts[i].key = other_key(s.call.accounts[i].key, byte);
        };
        expect(kind, other, kind.other_account[i]);
      }
    }
  }
}

// The place of the account of ours that must be there already, if there is one.
int ours(const Kind& kind) {
  for (std::size_t i = 0; i < kind.other_account.size(); ++i) {
    if (kind.other_account[i] == num(Error::wrong_owner)) return static_cast<int>(i);
  }
  return -1;
}

TEST(Checks, LeaseAndMarketAreOursAndOfTheirKind) {
  for (const Kind& kind : kinds()) {
    if (ours(kind) < 0) continue;
    const auto at = static_cast<std::size_t>(ours(kind));
    for (const std::size_t byte : kWords) {
      const Bend owner = [at, byte](Stage& s) {
        s.account(at).owner = other_key(s.account(at).owner, byte);
      };
      expect(kind, owner, Error::wrong_owner);
    }
    expect(kind, [at](Stage& s) { s.account(at).data.pop_back(); }, Error::wrong_kind);
    expect(kind, [at](Stage& s) { s.account(at).data.push_back(0); }, Error::wrong_kind);
    expect(kind, [at](Stage& s) { s.account(at).data.clear(); }, Error::wrong_kind);
    expect(kind, [at](Stage& s) { s.account(at).data[0] ^= 3; }, Error::wrong_kind);
    expect(kind, [at](Stage& s) { s.account(at).data[1] = 2; }, Error::wrong_kind);
    expect(kind, [at](Stage& s) { s.account(at).data[1] = 0; }, Error::wrong_kind);
  }
}

TEST(Checks, AStateThatIsNone) {
  for (const Kind& kind : kinds()) {
    if (kind.tag < Tag::ready) continue;
    for (const std::uint8_t state : std::initializer_list<std::uint8_t>{0, 4, 255}) {
      const Bend set = [&](Stage& s) {
        s.account(static_cast<std::size_t>(ours(kind))).data[3] = state;
      };
      expect(kind, set, Error::wrong_state);
    }
  }
}

const Kind& kind_of(Tag tag) {
  for (const Kind& kind : kinds()) {
    if (kind.tag == tag) return kind;
  }
  return kinds().front();
}

TEST(Checks, AnAddressThatSignsForItselfIsNotOurs) {
  for (const Tag tag : {Tag::create_market, Tag::open}) {
    expect(kind_of(tag), [](Stage& s) { s.call.accounts[1].is_signer = true; }, Error::wrong_key);
  }
}

TEST(Checks, AnAddressThatIsTaken) {
  for (const Tag tag : {Tag::create_market, Tag::open}) {
    const Kind& kind = kind_of(tag);
    const Bend data = [](Stage& s) { s.account(1).data = {0}; };
    expect(kind, data, Error::already_open);
    for (const std::size_t byte : kWords) {
      const Bend owner = [byte](Stage& s) {
        s.account(1).owner = other_key(s.account(1).owner, byte);
      };
      expect(kind, owner, Error::already_open);
    }
    const Bend again = [](Stage& s) { s.good(s.call); };
    expect(kind, again, Error::already_open);
  }
}

TEST(Checks, APayerWithTooLittle) {
  constexpr std::uint64_t kTooLittle = 1;  // of the System program
  for (const Tag tag : {Tag::create_market, Tag::open, Tag::extend}) {
    const Kind& kind = kind_of(tag);
    const Bend poor = [](Stage& s) { s.account(0).lamports = 1000; };
    expect(kind, poor, kTooLittle);
    if (tag == Tag::extend) continue;
    const Bend poor_and_prefunded = [&](Stage& s) {
      poor(s);
      s.account(1).lamports = 7;
    };
    expect(kind, poor_and_prefunded, kTooLittle);
    // The transfer goes through, and then the seeds sign for nothing.
    const Bend bump_of_prefunded = [](Stage& s) {
      s.call.data[1] ^= 1;
      s.account(1).lamports = 7;
    };
    expect(kind, bump_of_prefunded, kMissingPrivilege);
  }
}

TEST(Checks, TheTermsOfAMarket) {
  // In the data of create_market; those of update_market lie one byte before.
  const auto with = [](std::size_t at, std::uint32_t value, std::size_t size) -> Bend {
    return [=](Stage& s) {
      const std::size_t shift = s.call.data.size() - escrow::kTermsLength;
      for (std::size_t i = 0; i < size; ++i) {
        s.call.data[shift + at + i] = static_cast<std::uint8_t>(value >> (8 * i));
      }
    };
  };
  for (const Tag tag : {Tag::create_market, Tag::update_market}) {
    const Kind& kind = kind_of(tag);
    expect(kind, with(0, 2, 1), Error::out_of_range);
    expect(kind, with(1, 1001, 2), Error::out_of_range);
    expect(kind, with(3, 29, 4), Error::out_of_range);
    expect(kind, with(7, 601, 4), Error::out_of_range);
    expect(kind, with(11, 599, 4), Error::out_of_range);
    expect(kind, [](Stage& s) { s.account(2).lamports = 0; }, Error::empty_wallet);
  }
  const Bend last_rev = [](Stage& s) {
    std::fill_n(s.account(1).data.begin() + offsetof(escrow::Market, rev), 8, std::uint8_t{0xff});
  };
  expect(kind_of(Tag::update_market), last_rev, Error::overflow);
}

TEST(Checks, WhatAPurchaseMayNotBe) {
  const Kind& open = kind_of(Tag::open);
  const auto market = [](std::size_t at, std::uint8_t value) -> Bend {
    return [=](Stage& s) { s.account(3).data[at] = value; };
  };
  expect(open, market(offsetof(escrow::Market, paused), 1), Error::paused);
  expect(open, market(offsetof(escrow::Market, rev), 2), Error::market_changed);
  expect(open, [](Stage& s) { ++s.world.host.now; }, Error::quote_expired);
  expect(
      open,
      [](Stage& s) {
        s.call.data[34] = 0;
        s.call.data[35] = 0;
      },
      Error::out_of_range);
  const Bend attestor_is_host = [](Stage& s) {
    auto& data = s.account(3).data;
    std::copy_n(s.world.host_wallet.bytes.begin(), 32,
                data.begin() + offsetof(escrow::Market, attestor));
  };
  expect(open, attestor_is_host, Error::same_party);
  expect(open, [](Stage& s) { s.account(2).lamports = 0; }, Error::empty_wallet);
  // CreateAccount is told another bump than the address has.
  expect(open, [](Stage& s) { s.call.data[1] ^= 1; }, kMissingPrivilege);
}

TEST(Checks, AWalletThatIsFull) {
  for (const Kind& kind : kinds()) {
    const bool pays = kind.tag == Tag::claim || kind.tag == Tag::finish ||
                      (kind.tag == Tag::stop && kind.how == StopHow::served);
    if (kind.tag == Tag::cancel) {
      expect(kind, [](Stage& s) { s.account(1).lamports = UINT64_MAX - 5; }, Error::overflow);
    }
    if (!pays) continue;
    // Something is proven, so that finish pays host and treasury as well.
    const Bend proven = [](Stage& s) {
      if (s.call.data[0] == static_cast<std::uint8_t>(Tag::finish)) {
        s.world.host.at(s.world.lease.key).data[offsetof(escrow::Lease, proven_until)] += 9;
      }
    };
    for (const std::size_t wallet : {2u, 3u}) {
      const Bend full = [&](Stage& s) {
        proven(s);
        s.account(wallet).lamports = UINT64_MAX - 5;
      };
      expect(kind, full, Error::overflow);
    }
    if (kind.tag != Tag::stop) continue;  // no refund in a claim, none left at the end
    expect(kind, [](Stage& s) { s.account(1).lamports = UINT64_MAX - 5; }, Error::overflow);
  }
}

TEST(Checks, BytesThatNoInstructionWrites) {
  const Bend rate = [](Stage& s) {
    auto& data = s.world.host.at(s.world.lease.key).data;
    std::fill_n(data.begin() + offsetof(escrow::Lease, rate), 8, std::uint8_t{0xff});
  };
  for (const Kind& kind : kinds()) {
    if (kind.tag >= Tag::extend) expect(kind, rate, Error::overflow);
  }
}

TEST(Checks, EachByteOfAProof) {
  const Kind& claim = kind_of(Tag::claim);
  for (std::size_t at = 0; at < escrow::kEd25519DataLength; ++at) {
    SCOPED_TRACE("byte " + std::to_string(at));
    Error error = Error::none;  // the runtime checks the signature; a time may be any
    if (at < escrow::kEd25519KeyAt) error = Error::bad_ed25519;
    if (at >= escrow::kEd25519KeyAt && at < escrow::kEd25519SignatureAt) {
      error = Error::wrong_attestor;
    }
    if (at >= escrow::kEd25519MessageAt && at < 192) error = Error::wrong_message;
    expect(claim, [at](Stage& s) { s.proof.data[at] ^= 0x01; }, error);
  }
  for (std::size_t at = 0; at < 32; ++at) {
    expect(claim, [at](Stage& s) { s.proof.program.bytes[at] ^= 0x10; }, Error::no_ed25519);
  }
}

TEST(Checks, AProofOfAnotherShape) {
  const Kind& claim = kind_of(Tag::claim);
  expect(claim, [](Stage& s) { s.proof.data.push_back(0); }, Error::bad_ed25519);
  expect(claim, [](Stage& s) { s.proof.data.pop_back(); }, Error::bad_ed25519);
  expect(claim, [](Stage& s) { s.proof.data.clear(); }, Error::bad_ed25519);
  const Bend with_accounts = [](Stage& s) {
    s.proof.accounts = {{key_of(1), true, true}, {key_of(2), false, false}};
  };
  expect(claim, with_accounts, Error::bad_ed25519);
  Stage none(claim);
  EXPECT_EQ(none.world.host.run(none.call).code, num(Error::no_ed25519));
}

TEST(Checks, WhoMaySignAProof) {
  const Kind& claim = kind_of(Tag::claim);
  const auto by = [](base::PublicKey World::* who) -> Bend {
    return [who](Stage& s) { s.proof = s.world.proof(s.world.host.now, s.world.*who); };
  };
  expect(claim, by(&World::renter), Error::none);
  expect(claim, by(&World::host_wallet), Error::wrong_attestor);
  expect(claim, by(&World::treasury), Error::wrong_attestor);
  expect(claim, by(&World::operator_key), Error::wrong_attestor);
}

TEST(Checks, TheStateComesBeforeTheProof) {
  Stage stage(kind_of(Tag::cancel));
  stage.proof.data[0] ^= 1;
  const Call claim = escrow::encode_claim(stage.world.program, stage.world.parties());
  EXPECT_EQ(stage.world.host.run(claim, &stage.proof).code, num(Error::wrong_state));
}

TEST(Checks, WhatAMarketIsAtFirst) {
  Stage stage(kind_of(Tag::create_market));
  ASSERT_EQ(stage.run().code, 0u);
  const auto market = escrow::parse_market(stage.account(1).data);
  ASSERT_TRUE(market.has_value());
  EXPECT_EQ(market->rev, 1u);
  EXPECT_EQ(stage.account(1).owner, stage.world.program);
  EXPECT_EQ(stage.account(1).lamports, 1'781'760u);
}

TEST(Checks, AProofOfAnotherOpening) {
  for (const std::uint64_t slot : {0u, 41u, 43u}) {
    const Bend opening = [slot](Stage& s) {
      s.world.host.slot = slot;
      s.proof = s.world.proof(s.world.host.now, s.world.attestor);
    };
    expect(kind_of(Tag::claim), opening, Error::wrong_message);
  }
}

TEST(Checks, AnUpdateReplacesTheTermsAndNothingElse) {
  Stage stage(kind_of(Tag::update_market));
  const base::PublicKey treasury = key_of(77);
  stage.world.host.at(treasury).lamports = 1;
  const escrow::MarketTerms terms = {1, 7, 31, 61, 601, escrow::to_key(key_of(78))};
  escrow::Market expected = *escrow::parse_market(stage.account(1).data);
  EXPECT_EQ(expected.rev, 1u);
  EXPECT_EQ(expected.bump, stage.world.market.bump);
  stage.good(escrow::encode_update_market(
      stage.world.program, {stage.world.operator_key, stage.world.market.key, treasury, terms}));
  expected = {
      expected.kind,         expected.version,         expected.bump, 1, 7, 0, 31, 61, 601, 0, 2,
      expected.operator_key, escrow::to_key(treasury), terms.attestor};
  EXPECT_EQ(stage.account(1).data, escrow::encode_market(expected));
}

}  // namespace
}  // namespace obelisk::program
