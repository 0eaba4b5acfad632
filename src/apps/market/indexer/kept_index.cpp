#include "apps/market/indexer/kept_index.hpp"

#include "adapters/sqlite/sqlite_index.hpp"

namespace obelisk::indexer {

base::Result<std::unique_ptr<KeptIndex>> KeptIndex::start(KeptIndexOptions options) {
  TRY(auto lock, IndexLock::take(options.state_dir));
  TRY(auto store, sqlite::open_index(options.state_dir + "/index.sqlite", options.program));
  if (options.wrap) store = options.wrap(std::move(store));
  std::unique_ptr<KeptIndex> out(
      new KeptIndex(std::move(lock), std::move(options.chain), std::move(store)));
  out->thread_ = std::make_unique<IndexThread>(
      IndexThread::Outside{*out->chain_, *out->store_, options.clock, options.program,
                           std::move(options.report), std::move(options.log)});
  return out;
}

}  // namespace obelisk::indexer
