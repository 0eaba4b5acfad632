// The texts we hand to others: nft, ip, podman, and the records we hand to ourselves.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "adapters/podman/checks.hpp"
#include "adapters/podman/firewall.hpp"
#include "adapters/podman/layout.hpp"
#include "adapters/podman/libpod.hpp"
#include "adapters/podman/mounts.hpp"
#include "adapters/podman/network.hpp"
#include "adapters/podman/record.hpp"
#include "adapters/podman/service.hpp"
#include "adapters/podman/testing.hpp"

namespace obelisk::podman {
namespace {

namespace json = boost::json;

LeaseRecord some_record() {
  LeaseRecord record;
  record.stage = Stage::started;
  record.spec.lease = testing::random_lease();
  record.spec.image_digest = "sha256:" + std::string(64, 'a');
  record.spec.gpu_uuids = {"GPU-1", "GPU-2"};
  record.spec.disk_bytes = 20ULL << 30;
  record.spec.memory_bytes = 8ULL << 30;
  record.spec.cpu_milli = 1500;
  record.spec.max_processes = 512;
  record.slot = *slot_of(7, {});
  record.host_key = "ssh-ed25519 AAAA";
  return record;
}

TEST(Firewall, EveryLeaseIsInBothSets) {
  std::string text = firewall_text({.table = "obelisk_00000000",
                                    .leases = {*slot_of(1, {}), *slot_of(2, {})},
                                    .neighbours = {*parse_network("192.0.2.0/24")},
                                    .resolvers = {*parse_address("1.1.1.1")}});
  EXPECT_TRUE(
      text.starts_with("add table inet obelisk_00000000\n"
                       "delete table inet obelisk_00000000\n"
                       "table inet obelisk_00000000 {\n"));
  EXPECT_NE(text.find("elements = { \"obelisk1\" . 10.213.64.6, \"obelisk2\" . 10.213.64.10 }"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("elements = { \"obelisk1\", \"obelisk2\" }"), std::string::npos);
  EXPECT_NE(text.find("240.0.0.0/4, 192.0.2.0/24 }"), std::string::npos);
  EXPECT_NE(text.find("elements = { 1.1.1.1 }"), std::string::npos);
}

// No interface name of another program may ever match.
TEST(Firewall, NoWildcards) {
  EXPECT_EQ(
      firewall_text({.table = "t", .leases = {}, .neighbours = {}, .resolvers = {}}).find('*'),
      std::string::npos);
}

TEST(Firewall, AnEmptySetHasNoElements) {
  std::string text = firewall_text({.table = "t", .leases = {}, .neighbours = {}, .resolvers = {}});
  EXPECT_EQ(text.find("elements = {  }"), std::string::npos);
}

TEST(Firewall, TheTablesOfOtherHostsAreFound) {
  EXPECT_EQ(*tables_of_hosts(R"({"nftables": [{"metainfo": {"json_schema_version": 1}},
      {"table": {"family": "inet", "name": "obelisk_30440430", "handle": 8455}},
      {"table": {"family": "inet", "name": "filter"}}, {"table": {"name": 7}}, 3]})"),
            std::vector<std::string>{"obelisk_30440430"});
  EXPECT_EQ(*names_in_set(R"({"nftables": [{"set": {"family": "inet", "name": "interfaces",
      "type": "ifname", "handle": 8, "elem": ["obelisk1", "obelisk12", {"range": []}]}}]})"),
            (std::vector<std::string>{"obelisk1", "obelisk12"}));
  EXPECT_TRUE(names_in_set(R"({"nftables": [{"set": {"name": "interfaces"}}]})")->empty());
  for (const char* other : {"", "[]", "{\"nftables\": 1}", "table inet obelisk_30440430"}) {
    EXPECT_FALSE(tables_of_hosts(other).ok()) << other;
    EXPECT_FALSE(names_in_set(other).ok()) << other;
  }
}

TEST(NetworkText, TheLeaseKnowsOnlyItsGateway) {
  Slot slot = *slot_of(3, {});
  EXPECT_EQ(host_side_commands(slot),
            "netns add obelisk3\nlink add obelisk3 type veth peer name eth0 netns obelisk3\n");
  EXPECT_EQ(lease_side_commands(slot),
            "link set lo up\naddr add 10.213.64.14/30 dev eth0\nlink set eth0 up\n"
            "route add default via 10.213.64.13\n");
}

TEST(Record, ComesBackAsItWent) {
  LeaseRecord record = some_record();
  auto again = parse_record(record_text(record));
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->stage, Stage::started);
  EXPECT_EQ(again->spec.lease, record.spec.lease);
  EXPECT_EQ(again->spec.gpu_uuids, record.spec.gpu_uuids);
  EXPECT_EQ(again->spec.disk_bytes, record.spec.disk_bytes);
  EXPECT_EQ(again->spec.cpu_milli, 1500u);
  EXPECT_EQ(again->slot.interface, "obelisk7");
  EXPECT_EQ(again->slot.lease_address, record.slot.lease_address);
  EXPECT_EQ(again->host_key, record.host_key);
}

TEST(Record, WhatWasCutOffOrChangedIsRefused) {
  std::string text = record_text(some_record());
  for (std::size_t size = 0; size + 2 < text.size(); size += 7) {
    EXPECT_FALSE(parse_record(text.substr(0, size)).ok()) << size;
  }
  auto changed = [&](const std::string& from, const std::string& to) {
    std::string other = text;
    std::size_t at = other.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return parse_record(other.replace(at, from.size(), to)).ok();
  };
  EXPECT_FALSE(changed("\"version\":1", "\"version\":2"));
  EXPECT_FALSE(changed("\"slot\":7", "\"slot\":1024"));
  EXPECT_FALSE(changed("\"slot\":7", "\"slot\":-1"));
  EXPECT_FALSE(changed("\"started\"", "\"finished\""));
  EXPECT_FALSE(changed("10.213.64", "10.213"));
  EXPECT_FALSE(changed("\"disk_bytes\":", "\"disk\":"));
}

TEST(CreateBody, SaysEverythingThatKeepsALeaseIn) {
  LeaseRecord record = some_record();
  LeasePaths paths = make_layout("/state", "/run/obelisk").lease(record.spec.lease);
  json::object body = json::parse(create_body(record, paths,
                                              {.cgroup_parent = "/obelisk-1",
                                               .masked = {"/sys/fs", "/sys/block"},
                                               .command = {"/sbin/init"},
                                               .environment = {{"LANG", "C.UTF-8"}},
                                               .has_tools = true,
                                               .caches = {"models"}}))
                          .as_object();
  EXPECT_EQ(body["name"].as_string(), "obelisk-" + record.spec.lease);
  EXPECT_EQ(body["rootfs"].as_string(), paths.root);
  EXPECT_EQ(json::serialize(body["resource_limits"]),
            R"({"memory":{"limit":8589934592,"swap":8589934592},"pids":{"limit":512},)"
            R"("cpu":{"quota":150000,"period":100000}})");
  EXPECT_EQ(json::serialize(body["devices"]),
            R"([{"path":"nvidia.com/gpu=GPU-1"},{"path":"nvidia.com/gpu=GPU-2"}])");
  EXPECT_EQ(json::serialize(body["idmappings"].at("UIDMap")),
            R"([{"container_id":0,"host_id":1879506944,"size":65536}])");
  EXPECT_EQ(body["netns"].at("value").as_string(), "/run/netns/obelisk7");
  EXPECT_EQ(body["cgroup_parent"].as_string(), "/obelisk-1");
  EXPECT_EQ(json::serialize(body["mask"]), R"(["/sys/fs","/sys/block"])");
  EXPECT_TRUE(body["no_new_privileges"].as_bool());
  EXPECT_EQ(json::serialize(body["command"]), R"(["/sbin/init"])");
  EXPECT_EQ(json::serialize(body["env"]), R"({"LANG":"C.UTF-8"})");
  ASSERT_EQ(body["mounts"].as_array().size(), 6u);
  for (const json::value& mount : body["mounts"].as_array()) {
    bool writable = mount.at("destination").as_string() == "/workspace";
    const json::array& options = mount.at("options").as_array();
    EXPECT_EQ(std::count(options.begin(), options.end(), json::value("ro")), writable ? 0 : 1);
    EXPECT_EQ(std::count(options.begin(), options.end(), json::value("nosuid")), 1);
  }
}

TEST(CreateBody, WithoutCardsNoDeviceIsAskedFor) {
  LeaseRecord record = some_record();
  record.spec.gpu_uuids.clear();
  LeasePaths paths = make_layout("/state", "/run/obelisk").lease(record.spec.lease);
  json::object body = json::parse(create_body(record, paths, {})).as_object();
  EXPECT_FALSE(body.contains("devices"));
  EXPECT_FALSE(body.contains("cgroup_parent"));
}

TEST(ContainerList, OnlyOursAndOnlyWhatIsWhole) {
  auto listed = parse_containers(
      R"([{"Id":"0123456789abcdef99","Labels":{"obelisk.lease":"L"},"State":"running",
           "Pid":42,"StartedAt":1700000000},
          {"Id":"a","Labels":{"other":"x"},"State":"running"},{"Id":"b","Labels":null},7,
          {"Id":"c","Labels":{"obelisk.lease":"M"},"State":"exited","Pid":99999999999}])");
  ASSERT_TRUE(listed.ok());
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_EQ((*listed)[0].boot_id(), "0123456789abcdef-1700000000-42");
  EXPECT_TRUE((*listed)[0].running);
  EXPECT_FALSE((*listed)[1].running);
  EXPECT_EQ((*listed)[1].pid, 0);
  EXPECT_FALSE(parse_containers("{}").ok());
  EXPECT_FALSE(parse_containers("").ok());
}

TEST(Layout, TwoStatesNeverShareAName) {
  Layout one = make_layout("/a", "/run/obelisk");
  Layout two = make_layout("/b", "/run/obelisk");
  EXPECT_NE(one.id, two.id);
  EXPECT_EQ(one.id.size(), 8u);
  EXPECT_LT(one.socket().size(), 108u) << "longer than a unix socket's path may be";
}

TEST(Layout, OnlyAnAddressIsALeasesName) {
  EXPECT_TRUE(check_lease_name(testing::random_lease()).ok());
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("a/b"),
        std::string(44, '1') + "/..", std::string(32, '0'), testing::random_lease() + "x",
        std::string(44, 'z'), testing::random_lease().substr(1) + "/"}) {
    EXPECT_FALSE(check_lease_name(bad).ok()) << bad;
  }
}

TEST(Layout, OnlyADigestNamesAnImage) {
  EXPECT_EQ(*image_directory("sha256:" + std::string(64, 'a')), "sha256-" + std::string(64, 'a'));
  for (const std::string& bad :
       {std::string(), "sha256:" + std::string(63, 'a'), "sha256:" + std::string(64, 'G'),
        "md5:" + std::string(64, 'a'), "sha256:../" + std::string(61, 'a')}) {
    EXPECT_FALSE(image_directory(bad).ok()) << bad;
  }
}

TEST(Mountinfo, OnlyWhatIsBelowAndInOrder) {
  const char* text =
      "22 1 254:0 / / rw - ext4 /dev/vda rw\n"
      "30 22 0:25 / /run/a rw - tmpfs x rw\n"
      "31 30 0:26 / /run/a/b\\040c rw - tmpfs x rw\n"
      "32 30 0:27 / /run/a/b\\040c rw - tmpfs x rw\n"
      "33 22 0:28 / /run/ab rw - tmpfs x rw\n"
      "short\n";
  EXPECT_EQ(mounts_below_in(text, "/run/a"),
            (std::vector<std::string>{"/run/a", "/run/a/b c", "/run/a/b c"}));
  EXPECT_TRUE(mounts_below_in(text, "/run/abc").empty());
  EXPECT_TRUE(mounts_below_in("", "/run").empty());
}

TEST(PodmanSettings, NothingIsSharedWithOtherPodmans) {
  Layout layout = make_layout("/state", "/run/obelisk");
  std::string engine = containers_conf(layout, 20000, 32768, false);
  EXPECT_NE(engine.find("tmp_dir = \"" + layout.instance + "/podman/tmp\""), std::string::npos);
  EXPECT_NE(engine.find("lock_type = \"file\""), std::string::npos);
  EXPECT_NE(engine.find("cgroup_manager = \"cgroupfs\""), std::string::npos);
  EXPECT_NE(engine.find("\"nofile=20000:20000\", \"nproc=32768:32768\""), std::string::npos);
  EXPECT_NE(containers_conf(layout, 1, 1, true).find("cgroup_manager = \"systemd\""),
            std::string::npos);
  std::string storage = storage_conf(layout);
  EXPECT_NE(storage.find("graphroot = \"" + layout.instance + "/"), std::string::npos);
  EXPECT_NE(storage.find("runroot = \"" + layout.instance + "/"), std::string::npos);
}

TEST(Checks, ControlGroupsAreToldByTheirMounts) {
  const std::string v1 = "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n";
  const std::string v2 = "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
  const std::string other = "/dev/vda / ext4 rw 0 0\n";
  EXPECT_EQ(cgroups_in(other + v1), host::Cgroups::v1);
  EXPECT_EQ(cgroups_in(v1 + other + v2), host::Cgroups::hybrid);
  EXPECT_EQ(cgroups_in(v2 + other), host::Cgroups::v2);
  EXPECT_EQ(cgroups_in(other), host::Cgroups::none);
  EXPECT_EQ(cgroups_in(""), host::Cgroups::none);
}

}  // namespace
}  // namespace obelisk::podman
