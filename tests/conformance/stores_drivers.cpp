#include "stores_drivers.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "adapters/fake/memory_stores.hpp"
#include "adapters/postgres/postgres_store.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "postgres_server.hpp"

namespace obelisk::conformance {
namespace {

std::shared_ptr<ports::Stores> make_memory() {
  return std::make_shared<ports::Stores>(fake::memory_stores());
}

// In a folder that is gone when the stores are.
std::shared_ptr<ports::Stores> make_sqlite() {
  std::string folder = (std::filesystem::temp_directory_path() / "obelisk-store-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return nullptr;
  auto stores = sqlite::open_stores(folder + "/market.db");
  if (!stores) return nullptr;
  return {new ports::Stores(*std::move(stores)), [folder](ports::Stores* gone) {
            delete gone;
            std::filesystem::remove_all(folder);
          }};
}

// One server for all tests, started by the first and ended with the last.
std::shared_ptr<ports::Stores> make_postgres() {
  static std::shared_ptr<PostgresServer> kept;
  if (!kept) {
    auto started = PostgresServer::start();
    if (!started) return nullptr;
    kept = *std::move(started);
    struct End : ::testing::Environment {
      void TearDown() override { kept.reset(); }
    };
    ::testing::AddGlobalTestEnvironment(new End);
  }
  auto stores = postgres::open_stores(kept->make_database());
  return stores ? std::make_shared<ports::Stores>(*std::move(stores)) : nullptr;
}

}  // namespace

std::vector<StoresDriver> stores_drivers() {
  return {{"memory", make_memory}, {"sqlite", make_sqlite}, {"postgres", make_postgres}};
}

}  // namespace obelisk::conformance
