// What /metrics asks the market's parts, and what is counted of their work. It must never change
// what a part does.
#pragma once

#include "adapters/solana/open_chain.hpp"
#include "apps/market/engine/figures.hpp"
#include "apps/market/log.hpp"
#include "apps/market/metrics.hpp"
#include "ports/clock.hpp"
#include "ports/store.hpp"
#include "ports/store_figures.hpp"

namespace obelisk::market_app {

// A step of a lease that was written: its events, its end, the first login.
void count_step(Metrics& metrics, const ports::LeaseWrite& write);

void show_engine(Samples& samples, const engine::EngineFigures& figures, base::UnixMillis now_ms);
void show_store(Samples& samples, const ports::StoreFigures& figures);
// One node alone is at work while it answers.
void show_nodes(Samples& samples, const solana_rpc::NodeWatch& nodes, bool answers);
void show_log(Samples& samples, const Log& log);
// This process, by the names that Prometheus' own libraries use, and its version.
void show_process(Samples& samples);

}  // namespace obelisk::market_app
