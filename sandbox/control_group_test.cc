#include "sandbox/control_group.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "fmt/format.h"
#include "gtest/gtest.h"
#include "lib/base/file.h"

namespace hone {
namespace {

namespace fs = std::filesystem;

// A machine in a folder: ordinary files in the place of /proc/self and /sys/fs/cgroup.
class FakeMachine {
 public:
  FakeMachine() {
    std::string name = testing::TempDir() + "/hone-groups-XXXXXX";
    root_ = ::mkdtemp(name.data());
  }
  ~FakeMachine() { fs::remove_all(root_); }

  void Write(const std::string& path, const std::string& content) {
    fs::create_directories(fs::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << content;
  }
  void HasV2(const std::string& controllers, const std::string& enabled) {
    Write("/proc/self/mountinfo", "30 20 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n");
    Write("/proc/self/cgroup", "0::/user/hone\n");
    Write("/sys/fs/cgroup/user/hone/cgroup.controllers", controllers);
    Write("/sys/fs/cgroup/user/hone/cgroup.subtree_control", enabled);
  }
  void HasV1(const std::string& controllers) {
    std::string mounts, own;
    for (const char* name : {"memory", "pids", "cpu,cpuacct"}) {
      if (controllers.find(name) == std::string::npos) continue;
      mounts += fmt::format("31 20 0:27 / /sys/fs/cgroup/{0} rw - cgroup cgroup rw,{0}\n", name);
      own += fmt::format("3:{}:/job\n", name);
      fs::create_directories(fmt::format("{}/sys/fs/cgroup/{}/job", root_, name));
    }
    Write("/proc/self/mountinfo", mounts);
    Write("/proc/self/cgroup", own);
  }
  const std::string& root() const { return root_; }

 private:
  std::string root_;
};

std::string Content(const std::string& path) {
  return ReadFile(path).value_or("(no file)");
}
void Put(const std::string& path, const std::string& content) {
  std::ofstream(path) << content;
}

TEST(ControlGroupTest, Version2SetsLimitsAndReadsCounters) {
  FakeMachine machine;
  machine.HasV2("cpu io memory pids\n", "memory pids\n");
  const ControlGroups groups = ControlGroups::Detect(machine.root());
  ASSERT_EQ(groups.kind(), CgroupKind::kV2) << groups.why_none();
  ASSERT_EQ(groups.folders().size(), 1u);
  EXPECT_EQ(fs::path(groups.folders()[0]).parent_path(), machine.root() + "/sys/fs/cgroup/user/hone");
  EXPECT_EQ(Content(groups.folders()[0] + "/cgroup.subtree_control"), "+memory +pids");

  const auto group = groups.Make("slot0");
  ASSERT_TRUE(group.ok()) << group.status();
  const std::string folder = groups.folders()[0] + "/slot0/";
  EXPECT_EQ((*group)->joins().size(), 1u);
  EXPECT_TRUE(fs::exists(folder + "cgroup.procs"));
  EXPECT_EQ(Content(folder + "memory.swap.max"), "0");
  EXPECT_EQ(Content(folder + "memory.oom.group"), "1");
  ASSERT_TRUE((*group)->SetLimits(64 << 20, 34).ok());
  EXPECT_EQ(Content(folder + "memory.max"), "67108864");
  EXPECT_EQ(Content(folder + "pids.max"), "34");

  Put(folder + "memory.events", "low 0\nhigh 0\nmax 7\noom 3\noom_kill 2\noom_group_kill 1\n");
  Put(folder + "pids.events", "max 5\n");
  Put(folder + "cpu.stat", "usage_usec 1234\nuser_usec 1000\nsystem_usec 234\n");
  Put(folder + "memory.current", "4096\n");
  Put(folder + "memory.peak", "8192\n");
  Put(folder + "pids.current", "3\n");
  const GroupCounters counters = (*group)->Read();
  EXPECT_EQ(counters.cpu_us, 1234);
  EXPECT_EQ(counters.oom_kills, 2);
  EXPECT_EQ(counters.forks_refused, 5);
  EXPECT_EQ((*group)->MemoryBytes(), 4096);
  EXPECT_EQ((*group)->PeakBytes(), 8192);
  EXPECT_EQ((*group)->Processes(), 3);
}

TEST(ControlGroupTest, Version2LeavesAnInnerGroupBeforeItHandsOutControllers) {
  FakeMachine machine;
  machine.HasV2("memory pids\n", "");
  const ControlGroups groups = ControlGroups::Detect(machine.root());
  EXPECT_EQ(groups.kind(), CgroupKind::kV2);
  // The fake's first write is accepted, so no leaf was needed: what matters is that the controllers were asked for.
  EXPECT_EQ(Content(machine.root() + "/sys/fs/cgroup/user/hone/cgroup.subtree_control"), "+memory +pids");
}

TEST(ControlGroupTest, Version1UsesOneFolderInEachHierarchy) {
  FakeMachine machine;
  machine.HasV1("memory pids cpu,cpuacct");
  const ControlGroups groups = ControlGroups::Detect(machine.root());
  ASSERT_EQ(groups.kind(), CgroupKind::kV1) << groups.why_none();
  ASSERT_EQ(groups.folders().size(), 3u);
  const auto group = groups.Make("slot1");
  ASSERT_TRUE(group.ok()) << group.status();
  EXPECT_EQ((*group)->joins().size(), 3u);
  ASSERT_TRUE((*group)->SetLimits(1 << 20, 9).ok());
  const std::string memory = groups.folders()[0] + "/slot1/", pids = groups.folders()[1] + "/slot1/", cpu = groups.folders()[2] + "/slot1/";
  EXPECT_EQ(Content(memory + "memory.limit_in_bytes"), "1048576");
  EXPECT_EQ(Content(memory + "memory.memsw.limit_in_bytes"), "1048576");
  EXPECT_EQ(Content(pids + "pids.max"), "9");
  Put(memory + "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n");
  Put(cpu + "cpuacct.usage", "5000000\n");
  Put(pids + "pids.events", "max 1\n");
  EXPECT_EQ((*group)->Read().oom_kills, 4);
  EXPECT_EQ((*group)->Read().cpu_us, 5000);
  EXPECT_EQ((*group)->Read().forks_refused, 1);
}

TEST(ControlGroupTest, NothingIsUsedWhereAControllerIsMissing) {
  for (const char* controllers : {"", "cpu\n", "memory\n", "cpu pids\n"}) {
    FakeMachine machine;
    machine.HasV2(controllers, controllers);
    const ControlGroups groups = ControlGroups::Detect(machine.root());
    EXPECT_EQ(groups.kind(), CgroupKind::kNone) << controllers;
    EXPECT_FALSE(groups.why_none().empty());
  }
  for (const char* controllers : {"", "memory", "memory pids", "pids cpu,cpuacct"}) {
    FakeMachine machine;
    machine.HasV1(controllers);
    EXPECT_EQ(ControlGroups::Detect(machine.root()).kind(), CgroupKind::kNone) << controllers;
    // What was made on the way is gone.
    for (const auto& entry : fs::recursive_directory_iterator(machine.root())) {
      EXPECT_EQ(entry.path().string().find("hone-sandbox-"), std::string::npos) << controllers << " " << entry.path();
    }
  }
}

TEST(ControlGroupTest, FoldersOfRunnersThatAreGoneAreSwept) {
  FakeMachine machine;
  machine.HasV1("memory pids cpu,cpuacct");
  const std::string memory = machine.root() + "/sys/fs/cgroup/memory/job/";
  fs::create_directories(memory + "hone-sandbox-999999999-0/slot0");
  fs::create_directories(memory + fmt::format("hone-sandbox-{}-77/slot0", ::getpid()));
  fs::create_directories(memory + "other-999999999");
  const ControlGroups groups = ControlGroups::Detect(machine.root());
  EXPECT_FALSE(fs::exists(memory + "hone-sandbox-999999999-0"));
  EXPECT_TRUE(fs::exists(memory + fmt::format("hone-sandbox-{}-77", ::getpid())));
  EXPECT_TRUE(fs::exists(memory + "other-999999999"));
}

}  // namespace
}  // namespace hone
