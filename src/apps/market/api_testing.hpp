// A whole market behind its API, without a network, for tests: every part that a request may reach,
// kept in memory, on a clock that a test turns.
#pragma once

#include <gtest/gtest.h>

#include "adapters/fake/key_attestor.hpp"
#include "adapters/fake/memory_answer_store.hpp"
#include "adapters/fake/memory_audit_store.hpp"
#include "adapters/fake/memory_history_store.hpp"
#include "adapters/fake/memory_report_store.hpp"
#include "adapters/fake/memory_session_store.hpp"
#include "apps/market/api.hpp"
#include "apps/market/testing.hpp"

namespace obelisk::market_app::testing {

class ApiParts : public ::testing::Test {
 protected:
  // What the API is made of; `hub` serves `leases` once a test says so.
  Desk desk() {
    return {leases,  store,    chain,   prices,  clock,         offers,    quotes,
            hub,     streams,  metrics, rates,   reads,         sessions,  callers,
            answers, identity, reports, history, offer_streams, &bandwidth};
  }

  TestClock clock;
  TestStore store;
  TestLeases leases{store};
  TestChain chain;
  TestPrices prices;
  TestSigner attestor;
  fake::KeyAttestor watch{attestor};
  QuietLog log;
  Identity identity{key(1), key(2), true};
  OfferDesk offers{store, clock, false};
  HostHub hub{offers, clock, log, key(1), key(2)};
  QuoteDesk quotes{{leases, store, chain, prices, watch, clock, offers}, identity};
  LeaseStreams streams{leases};
  fake::MemoryHistoryStore history;
  OfferStreams offer_streams{offers, prices, clock};
  Metrics metrics;
  Rates rates{Limits{}, clock};
  ReadCache reads{clock};
  fake::MemoryReportStore kept_reports;
  fake::MemoryAuditStore audit;
  BandwidthDesk bandwidth{clock};
  ReportDesk reports{{leases, offers, kept_reports, audit, clock}, identity.market};
  fake::MemorySessionStore session_store;
  fake::MemoryAnswerStore answer_store;
  SessionDesk sessions{session_store, clock, obelisk::identity::Origins::local(""), key(2)};
  Callers callers{sessions, clock, key(2)};
  AnswerDesk answers{answer_store, clock};
};

}  // namespace obelisk::market_app::testing
