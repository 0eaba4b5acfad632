#include "adapters/podman/slot.hpp"

#include <gtest/gtest.h>

#include <set>

#include "adapters/podman/files.hpp"
#include "adapters/podman/slots.hpp"
#include "adapters/podman/testing.hpp"

namespace obelisk::podman {
namespace {

TEST(Slot, EveryNumberHasItsOwnRangeNameAndSubnet) {
  std::set<std::string> interfaces;
  std::set<std::uint32_t> addresses;
  std::uint32_t last_end = kFirstUid;
  for (std::uint32_t number = 0; number < kSlots; ++number) {
    auto slot = slot_of(number, {});
    ASSERT_TRUE(slot.has_value());
    EXPECT_EQ(slot->uid_base, last_end);
    last_end = slot->uid_base + kUidsPerSlot;
    EXPECT_LE(slot->interface.size(), 15u);
    EXPECT_TRUE(interfaces.insert(slot->interface).second);
    EXPECT_EQ(slot->host_address % 4, 1u);
    EXPECT_EQ(slot->lease_address, slot->host_address + 1);
    EXPECT_TRUE(addresses.insert(slot->host_address).second);
  }
  EXPECT_LE(last_end, 2147352576u) << "into the uids that systemd keeps";
}

TEST(Slot, AUsedNetworkIsLeftForTheNextPool) {
  EXPECT_EQ(address_text(slot_of(0, {})->host_address), "10.213.64.1");
  EXPECT_EQ(address_text(slot_of(0, {*parse_network("10.0.0.0/8")})->host_address), "172.29.208.1");
  EXPECT_EQ(address_text(slot_of(0, {*parse_network("10.213.64.2")})->host_address),
            "172.29.208.1");
  // A neighbour of the /30 does not touch it.
  EXPECT_EQ(address_text(slot_of(0, {*parse_network("10.213.64.4/30")})->host_address),
            "10.213.64.1");
  EXPECT_FALSE(slot_of(0, {*parse_network("10.0.0.0/8"), *parse_network("172.16.0.0/12"),
                           *parse_network("192.168.0.0/16"), *parse_network("198.18.0.0/15")})
                   .has_value());
}

TEST(Slot, TheRecordedSlotIsTheSameSlot) {
  auto slot = *slot_of(17, {});
  Slot again = recorded_slot(17, slot.host_address);
  EXPECT_EQ(again.uid_base, slot.uid_base);
  EXPECT_EQ(again.interface, slot.interface);
  EXPECT_EQ(again.lease_address, slot.lease_address);
}

// The files need no root: any directory may play the machine's.
class SlotFiles : public ::testing::Test {
 protected:
  std::string lease(const std::string& name, bool with_record) {
    std::string dir = state_.path() + "/" + name;
    EXPECT_TRUE(make_directory(dir, 0700, ::geteuid(), ::getegid()).ok());
    if (with_record) record(dir);
    return dir;
  }
  void record(const std::string& dir) {
    EXPECT_TRUE(write_file(dir + "/record.json", "{}", 0600, ::geteuid()).ok());
  }
  Slot take(const std::string& dir, const std::vector<std::string>& interfaces_in_use = {}) {
    auto lock = MachineLock::take(run_.path());
    EXPECT_TRUE(lock.ok());
    auto slot = slots_.take(*lock, dir, {}, interfaces_in_use);
    EXPECT_TRUE(slot.ok());
    record(dir);
    return *slot;
  }
  testing::Directory run_;
  testing::Directory state_;
  // Without a network: other tests' leases come and go on this machine's.
  Slots slots_{run_.path(), state_.path()};
};

TEST_F(SlotFiles, TwoLeasesGetTwoAndAFreedOneIsTakenAgain) {
  if (::geteuid() != 0) GTEST_SKIP() << "handing over files needs root";
  std::string a = lease("a", false);
  std::string b = lease("b", false);
  Slot first = take(a);
  Slot second = take(b);
  EXPECT_NE(first.number, second.number);
  auto lock = MachineLock::take(run_.path());
  EXPECT_EQ(*slots_.holders(*lock), (std::vector<std::string>{a, b}));
  ASSERT_TRUE(slots_.release(*lock, first.number, b).ok()) << "not b's: nothing happens";
  EXPECT_EQ(slots_.holders(*lock)->size(), 2u);
  ASSERT_TRUE(slots_.release(*lock, first.number, a).ok());
  EXPECT_EQ(*slots_.holders(*lock), std::vector<std::string>{b});
}

TEST_F(SlotFiles, ALeaseWithoutARecordHoldsNothing) {
  if (::geteuid() != 0) GTEST_SKIP() << "handing over files needs root";
  std::string a = lease("a", false);
  Slot first = take(a);
  ASSERT_TRUE(remove_file(a + "/record.json").ok());
  EXPECT_EQ(take(lease("b", false)).number, first.number);
}

TEST_F(SlotFiles, AnInterfaceThatSomebodysRulesNameIsLeftToThem) {
  if (::geteuid() != 0) GTEST_SKIP() << "handing over files needs root";
  const Slot first = take(lease("a", false));
  const std::vector<std::string> next = {slot_of(first.number + 1, {})->interface};
  EXPECT_EQ(take(lease("b", false), next).number, first.number + 2);
}

TEST_F(SlotFiles, AfterARebootTheFirstToComeHoldsIt) {
  if (::geteuid() != 0) GTEST_SKIP() << "handing over files needs root";
  std::string a = lease("a", true);
  std::string b = lease("b", true);
  auto lock = MachineLock::take(run_.path());
  ASSERT_TRUE(slots_.hold(*lock, 5, a).ok());
  ASSERT_TRUE(slots_.hold(*lock, 5, a).ok());
  auto refused = slots_.hold(*lock, 5, b);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, base::Code::conflict);
}

}  // namespace
}  // namespace obelisk::podman
