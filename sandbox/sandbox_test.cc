#include "sandbox/sandbox.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "fmt/format.h"
#include "gtest/gtest.h"
#include "lib/base/file.h"
#include "sandbox/descriptor.h"
#include "sandbox/soak.h"
#include "sandbox/test_sandbox.h"

namespace hone {
namespace {

using enum RunClass;

constexpr RunMode kModes[] = {RunMode::kCold, RunMode::kZygote};

std::string Describe(const RunRecord& record) {
  return fmt::format("{} exit {} signal {} wall {} why {}\nstdout: {}\nstderr: {}", Name(record.run_class), record.exit_code, record.signal,
                     absl::FormatDuration(record.wall), record.why, record.out.substr(0, 2000), record.err.substr(0, 2000));
}

RunRequest Python(const std::string& source, const std::string& input = "") {
  return {.language = "python", .source = source, .input = input};
}

TEST(SandboxTest, RunsEveryLanguageInBothModes) {
  HONE_TEST_SANDBOX(sandbox);
  struct {
    const char *language, *source, *out;
    RunClass run_class;
    int exit_code;
  } cases[] = {
      {"python", "import sys\nprint(input(), sys.argv[1:])\nsys.exit(3)", "in ['a b', '']\n", kRuntimeError, 3},
      {"c",
       "#include <stdio.h>\nint main(int n, char** v) { char b[9]; scanf(\"%8s\", b); printf(\"%s %d %s\\n\", b, n, v[1]); return 4; }",
       "in 3 a b\n", kRuntimeError, 4},
      {"cpp",
       "#include <iostream>\nint main(int n, char** v) { std::string s; std::cin >> s; std::cout << s << ' ' << v[1] << std::endl; }",
       "in a b\n", kOk, 0},
      {"bash", "read x; echo $x \"$1\" | cat; exit 7", "in a b\n", kRuntimeError, 7},
      {"/usr/bin/perl -w", "print scalar(<STDIN>), $ARGV[0];", "in\na b", kOk, 0},
  };
  for (const RunMode mode : kModes) {
    for (const auto& each : cases) {
      if (each.language[0] == '/' && ::access("/usr/bin/perl", X_OK) != 0) continue;
      RunRequest request{.language = each.language, .source = each.source, .arguments = {"a b", ""}, .input = "in\n"};
      request.mode = mode;
      const RunRecord record = sandbox->Run(request);
      EXPECT_EQ(record.run_class, each.run_class) << each.language << Describe(record);
      EXPECT_EQ(record.exit_code, each.exit_code) << each.language << Describe(record);
      EXPECT_EQ(record.out, each.out) << each.language << Describe(record);
      EXPECT_EQ(record.mode, mode);
      EXPECT_GT(record.wall, absl::ZeroDuration());
      EXPECT_EQ(record.peak_bytes.has_value(), record.limits != "rlimit");
    }
  }
}

TEST(SandboxTest, PythonEndsAsItDoesOutside) {
  HONE_TEST_SANDBOX(sandbox);
  struct {
    const char *source, *out, *err_part;
    RunClass run_class;
    int exit_code;
  } cases[] = {
      {"print('x', end='')", "x", "", kOk, 0},
      {"exit()", "", "", kOk, 0},
      {"quit(2)", "", "", kRuntimeError, 2},
      {"raise SystemExit('message')", "", "message\n", kRuntimeError, 1},
      {"raise SystemExit(256 + 3)", "", "", kRuntimeError, 3},
      {"raise SystemExit(True)", "", "", kRuntimeError, 1},
      {"x = 1 / 0", "",
       "Traceback (most recent call last):\n  File \"/box/main.py\", line 1, in <module>\n    x = 1 / 0\n        ~~^~~\nZeroDivisionError: "
       "division by zero\n",
       kRuntimeError, 1},
      {"def f(:", "", "  File \"/box/main.py\", line 1\n    def f(:\n          ^\nSyntaxError", kRuntimeError, 1},
      {"a = '\0'", "", "null bytes", kRuntimeError, 1},
      {"import atexit; atexit.register(print, 'late'); print('first')", "first\nlate\n", "", kOk, 0},
      {"import threading, time; threading.Thread(target=lambda: (time.sleep(0.05), print('thread'))).start()", "thread\n", "", kOk, 0},
      {"class A:\n  def __del__(self): print('gone')\na = A()", "gone\n", "", kOk, 0},
      {"f = open(1, 'w', closefd=False); f.write('kept')", "kept", "", kOk, 0},
      {"import sys, io; sys.stdout = io.StringIO(); print('nowhere')", "", "", kOk, 0},
      {"import sys; sys.stdout.buffer.write(b'\\x00\\xff')", nullptr, "", kOk, 0},
      {"import os; os._exit(9)", "", "", kRuntimeError, 9},
      {"import os, signal; os.kill(os.getpid(), signal.SIGINT)", "", "KeyboardInterrupt", kSignal, 0},
      {"print(__name__, __file__)", "__main__ /box/main.py\n", "", kOk, 0},
      {"import dataclasses, pickle\n@dataclasses.dataclass\nclass A: x: int\nprint(pickle.loads(pickle.dumps(A(3))))", "A(x=3)\n", "", kOk,
       0},
      {"int('9' * 5000)", "", "ValueError: Exceeds the limit (4300 digits)", kRuntimeError, 1},
      {"import os, random, threading\nos.register_at_fork(after_in_child=lambda: print('forked'))\nrandom.seed(1)\na = random.random()\n"
       "random.seed(1)\nif os.fork() == 0:\n  print(a == random.random())\n"
       "else:\n  os.wait(); print(a == random.random(), threading.main_thread().native_id == os.getpid())",
       "forked\nFalse\nTrue True\n", "", kOk, 0},
      {"import subprocess; print(subprocess.run(['echo', 'x'], capture_output=True, text=True).stdout)", "x\n\n", "", kOk, 0},
      {"import concurrent.futures as f\nwith f.ThreadPoolExecutor(4) as p: print(sum(p.map(abs, range(100))))", "4950\n", "", kOk, 0},
      {"import sys\nfor line in sys.stdin: print(line, end='')\nimport os; print(os.path.exists('/tmp/never'), os.getcwd())",
       "False /tmp\n", "", kOk, 0},
  };
  for (const auto& each : cases) {
    for (const RunMode mode : kModes) {
      RunRequest request = Python(each.source);
      request.source = std::string(each.source) == "a = '" ? std::string("a = '\0'", 7) : each.source;
      request.mode = mode;
      const RunRecord record = sandbox->Run(request);
      const std::string seen = fmt::format("{} {}\n{}", Name(mode), each.source, Describe(record));
      EXPECT_EQ(record.run_class, each.run_class) << seen;
      EXPECT_EQ(record.exit_code, each.exit_code) << seen;
      EXPECT_EQ(record.out, each.out != nullptr ? std::string(each.out) : std::string("\0\xff", 2)) << seen;
      EXPECT_TRUE(absl::StrContains(record.err, each.err_part)) << seen;
    }
  }
}

TEST(SandboxTest, ASeedMakesARunRepeat) {
  HONE_TEST_SANDBOX(sandbox);
  std::set<std::string> outputs;
  for (const RunMode mode : kModes) {
    for (const uint64_t seed : {1, 1, 2}) {
      RunRequest request = Python("import random; print(random.random(), hash('a'), list({'x', 'y', 'z', 'w'}))");
      request.seed = seed;
      request.mode = mode;
      outputs.insert(sandbox->Run(request).out);
    }
  }
  EXPECT_EQ(outputs.size(), 2u);
}

TEST(SandboxTest, FilesLieBesideTheProgram) {
  HONE_TEST_SANDBOX(sandbox);
  for (const RunMode mode : kModes) {
    RunRequest request = Python("import helper; print(helper.x, open('/box/data', 'rb').read())");
    request.files = {{"helper.py", "x = 5"}, {"data", std::string("\0\n\xff", 3)}};
    request.mode = mode;
    EXPECT_EQ(sandbox->Run(request).out, "5 b'\\x00\\n\\xff'\n");
    request = {.language = "cpp", .source = "#include \"own.h\"\n#include <cstdio>\nint main() { std::puts(kText); }"};
    request.files = {{"own.h", "inline const char* kText = \"from a header\";"}};
    request.mode = mode;
    EXPECT_EQ(sandbox->Run(request).out, "from a header\n");
  }
  for (const char* name : {"", "a/b", "..", "main.py"}) {
    RunRequest request = Python("");
    request.files = {{name, ""}};
    const RunRecord record = sandbox->Run(request);
    EXPECT_EQ(record.run_class, kSandboxError) << name;
    EXPECT_TRUE(absl::StrContains(record.why, "cannot be the name of a file")) << record.why;
  }
}

TEST(SandboxTest, NothingIsLeftForTheNextRun) {
  HONE_TEST_SANDBOX(sandbox);
  for (const RunMode mode : kModes) {
    for (int i = 0; i < 4; ++i) {
      RunRequest request = Python(
          "import os, random, builtins\nprint(os.listdir('/tmp'), hasattr(builtins, 'mark'))\nopen('/tmp/mark', "
          "'w').close()\nbuiltins.mark = 1");
      request.mode = mode;
      EXPECT_EQ(sandbox->Run(request).out, "[] False\n");
    }
  }
}

TEST(SandboxTest, LimitsHoldToTheMillisecondsPromised) {
  HONE_TEST_SANDBOX(sandbox);
  for (const RunMode mode : kModes) {
    RunRequest request = Python("import time\nprint('x', flush=True)\ntime.sleep(9)");
    request.limits.wall = absl::Milliseconds(400);
    request.mode = mode;
    const RunRecord record = sandbox->Run(request);
    EXPECT_EQ(record.run_class, kTimeLimit) << Describe(record);
    EXPECT_EQ(record.out, "x\n");
    EXPECT_GE(record.wall, absl::Milliseconds(400));
    EXPECT_LE(record.wall, absl::Milliseconds(450));
    request.source = "while True: pass";
    request.limits.wall = absl::Seconds(3);
    request.limits.cpu = absl::Milliseconds(300);
    const RunRecord busy = sandbox->Run(request);
    EXPECT_EQ(busy.run_class, kCpuLimit) << Describe(busy);
    EXPECT_LE(busy.cpu, absl::Milliseconds(450)) << Describe(busy);
  }
}

TEST(SandboxTest, OutputIsKeptUpToTheLimit) {
  HONE_TEST_SANDBOX(sandbox);
  for (const RunMode mode : kModes) {
    for (const int bytes : {999, 1000, 1001, 500000}) {
      RunRequest request = Python(fmt::format("import sys; sys.stdout.write('y' * {}); sys.stderr.write('z')", bytes));
      request.limits.output_bytes = 1000;
      request.mode = mode;
      const RunRecord record = sandbox->Run(request);
      EXPECT_EQ(record.run_class, bytes > 1000 ? kOutputLimit : kOk) << bytes << Describe(record);
      EXPECT_EQ(record.out, std::string(std::min(bytes, 1000), 'y')) << bytes;
      EXPECT_EQ(record.out_truncated, bytes > 1000) << bytes;
      EXPECT_FALSE(record.err_truncated);
    }
  }
}

TEST(SandboxTest, RequestsThatMakeNoSenseAreRefused) {
  HONE_TEST_SANDBOX(sandbox);
  RunRequest request = Python("print(1)");
  request.language = "cobol";
  EXPECT_TRUE(absl::StrContains(sandbox->Run(request).why, "unknown language \"cobol\""));
  for (const char* missing : {"/usr/bin/nothing-here", "/usr/bin"}) {
    request.language = missing;
    EXPECT_TRUE(absl::StrContains(sandbox->Run(request).why, "there is no interpreter")) << missing;
  }
  request.language = "/usr/../bin/sh";
  EXPECT_TRUE(absl::StrContains(sandbox->Run(request).why, "plain path below /usr"));
  request = Python("print(1)");
  request.limits.memory_bytes = -1;
  EXPECT_TRUE(absl::StrContains(sandbox->Run(request).why, "a limit is out of range"));
  request = Python("print(1)");
  request.limits.wall = absl::InfiniteDuration();
  EXPECT_TRUE(absl::StrContains(sandbox->Run(request).why, "a limit is out of range"));
  const auto three = sandbox->Open({Python(""), Python(""), Python("")});
  EXPECT_TRUE(absl::StrContains(std::string(three.status().message()), "need as many slots")) << three.status();
}

TEST(SandboxTest, CompilersAreRunOnceForASource) {
  HONE_TEST_SANDBOX(sandbox);
  RunRequest request{.language = "cpp", .source = "#include <iostream>\nint main() { std::cout << 17; }"};
  const RunRecord first = sandbox->Run(request);
  EXPECT_EQ(first.out, "17") << Describe(first);
  const absl::Time begin = absl::Now();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sandbox->Run(request).out, "17");
  EXPECT_LT(absl::Now() - begin, absl::Milliseconds(300));
  request.source = "int main() { return x; }";
  for (int i = 0; i < 2; ++i) {
    const RunRecord record = sandbox->Run(request);
    EXPECT_EQ(record.run_class, kCompileError);
    EXPECT_TRUE(absl::StrContains(record.err, "was not declared in this scope")) << record.err;
  }
}

// Reads until the other side has ended or `text` is complete.
std::string ReadChannel(int channel, size_t bytes) {
  std::string text(bytes, '\0');
  size_t done = 0;
  for (ssize_t got; done < bytes && (got = ::read(channel, text.data() + done, bytes - done)) > 0;) done += static_cast<size_t>(got);
  text.resize(done);
  return text;
}

TEST(SandboxTest, AChannelLeadsToTheProgram) {
  HONE_TEST_SANDBOX(sandbox);
  const std::string echo =
      "import socket\ns = socket.socket(fileno=3)\nwhile True:\n  b = s.recv(100)\n  if not b: break\n  s.sendall(b.upper())\nprint('bye')";
  for (const RunMode mode : kModes) {
    RunRequest request = Python(echo);
    request.mode = mode;
    auto runs = sandbox->Open({request, request});
    ASSERT_TRUE(runs.ok()) << runs.status();
    for (const auto& run : *runs) {
      ASSERT_EQ(::write(run->channel(), "hello", 5), 5);
      EXPECT_EQ(ReadChannel(run->channel(), 5), "HELLO");
    }
    for (const auto& run : *runs) {
      ::shutdown(run->channel(), SHUT_WR);
      const RunRecord record = run->Wait();
      EXPECT_EQ(record.run_class, kOk) << Describe(record);
      EXPECT_EQ(record.out, "bye\n");
      EXPECT_EQ(ReadChannel(run->channel(), 1), "");
    }
    // Killed, and dropped without a word: the slots come free again.
    runs = sandbox->Open({request, request});
    ASSERT_TRUE(runs.ok()) << runs.status();
    (*runs)[0]->Kill();
    EXPECT_EQ((*runs)[0]->Wait().run_class, kSignal);
  }
  EXPECT_EQ(sandbox->Run(Python("print(1)")).out, "1\n");
}

// A slot's cold runs share a network namespace, one after another.
TEST(SandboxTest, NoRunMeetsAnotherInANetwork) {
  HONE_TEST_SANDBOX(sandbox);
  // Leaves a process that listens, and the listening socket on its way between sockets that nobody holds.
  const std::string program =
      "import os, socket, sys\n"
      "print([line.split(':')[0].strip() for line in open('/proc/net/dev')][2:])\n"
      "def new(): return socket.socket(socket.AF_UNIX)\n"
      "print(new().connect_ex('\\0name'))\n"
      "s = new(); s.bind('\\0name'); s.listen()\n"
      "a, b = socket.socketpair(); socket.send_fds(a, [b'x'], [s.fileno(), a.fileno(), b.fileno()])\n"
      "if os.fork() == 0:\n  os.setsid(); os.read(os.pipe()[0], 1)\n"
      "if sys.argv[1:]: os.write(3, b'x'); os.read(3, 1)\n";
  const std::string expected = fmt::format("['lo']\n{}\n", ECONNREFUSED);
  for (const RunMode mode : kModes) {
    RunRequest request = Python(program);
    request.mode = mode;
    for (int i = 0; i < 4; ++i) EXPECT_EQ(sandbox->Run(request).out, expected);
    // While another one listens.
    RunRequest listener = request;
    listener.arguments = {"wait"};
    auto first = sandbox->Open({listener});
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(ReadChannel((*first)[0]->channel(), 1), "x");
    EXPECT_EQ(sandbox->Run(request).out, expected);
    ::shutdown((*first)[0]->channel(), SHUT_WR);
    EXPECT_EQ((*first)[0]->Wait().out, expected);
  }
}

TEST(SandboxTest, TheLibrarysHeadersAreParsedOnce) {
  HONE_TEST_SANDBOX(shared);  // gives up root where the tests are to
  ASSERT_NE(shared, nullptr);
  if (::access("/usr/bin/g++", X_OK) != 0) GTEST_SKIP() << "no g++";
  const std::string cache = fmt::format("{}/hone-headers-{}", testing::TempDir(), ::getpid());
  SandboxOptions options = TestSandboxOptions();
  options.cache = cache;
  absl::StatusOr<std::unique_ptr<Sandbox>> sandbox = Sandbox::Start(options);
  ASSERT_TRUE(sandbox.ok()) << sandbox.status();
  int number = 0;
  const auto compile = [&](const std::string& body, RunMode mode = RunMode::kZygote) {
    return (*sandbox)->Run({.language = "cpp",
                            .source = fmt::format("#include <assert.h>\n#include <bits/stdc++.h>\nint number = {};\n{}", ++number, body),
                            .mode = mode});
  };
  const std::string good = "int main() { std::vector<int> v = {1, 2}; std::cout << v.size() << std::endl; }";
  std::string header;
  for (int i = 0; i < 40 && header.empty(); ++i) {
    const RunRecord record = compile(good);
    ASSERT_EQ(record.run_class, kOk) << Describe(record);
    ASSERT_EQ(record.out, "2\n");
    std::error_code error;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(cache, error)) {
      if (entry.path().filename() == "all.h.gch") header = entry.path().parent_path() / "all.h";
    }
  }
  ASSERT_FALSE(header.empty());
  // Its text is not read any more: the parsed form is.
  ASSERT_TRUE(WriteFileAtomically(header, "#include <bits/stdc++.h>\n#define READ 1\n").ok());
  const std::string which = "#ifdef READ\nint main() { puts(\"read\"); }\n#else\nint main() { puts(\"parsed\"); }\n#endif\n";
  for (const RunMode mode : kModes) EXPECT_EQ(compile(which, mode).out, "parsed\n");
  const RunRecord wrong = compile("int main() { return x; }");
  EXPECT_EQ(wrong.run_class, kCompileError) << Describe(wrong);
  EXPECT_TRUE(absl::StrContains(wrong.err, "main.cpp:4:21: error:")) << wrong.err;
  const RunRecord untouched = compile("#include <fstream>\nint main() { std::ofstream(\"/.cage/headers/all.h\") << 1; puts(\"done\"); }");
  EXPECT_EQ(untouched.out, "done\n");
  // What is damaged harms no program.
  ASSERT_TRUE(WriteFileAtomically(header + ".gch", "damaged").ok());
  EXPECT_EQ(compile(which).out, "read\n");
  ASSERT_TRUE(WriteFileAtomically(header, "#error damaged\n").ok());
  EXPECT_EQ(compile(good).out, "2\n");
  std::filesystem::remove_all(cache);
  EXPECT_EQ(compile(good).out, "2\n");
  EXPECT_EQ(compile(good, RunMode::kCold).out, "2\n");
  sandbox->reset();
  std::filesystem::remove_all(cache);
}

TEST(SandboxTest, AChannelOfCompiledProgramsAndOfThoseThatDoNotCompile) {
  HONE_TEST_SANDBOX(sandbox);
  auto runs =
      sandbox->Open({{.language = "c", .source = "#include <unistd.h>\nint main(void) { return write(3, \"abc\", 3) == 3 ? 0 : 1; }"},
                     {.language = "c", .source = "int main("}});
  ASSERT_TRUE(runs.ok()) << runs.status();
  EXPECT_EQ(ReadChannel((*runs)[0]->channel(), 9), "abc");
  EXPECT_EQ((*runs)[0]->Wait().run_class, kOk);
  EXPECT_EQ(ReadChannel((*runs)[1]->channel(), 1), "");
  EXPECT_EQ((*runs)[1]->Wait().run_class, kCompileError);
}

TEST(SandboxTest, CallersWaitForSlotsInTurnAndUpToTheirDeadline) {
  HONE_TEST_SANDBOX(sandbox);
  const RunRequest wait = Python("import socket; socket.socket(fileno=3).recv(1)");
  auto runs = sandbox->Open({wait, wait});
  ASSERT_TRUE(runs.ok()) << runs.status();
  const RunRecord late = sandbox->Run(Python("print(1)"), absl::Now() + absl::Milliseconds(50));
  EXPECT_EQ(late.run_class, kSandboxError);
  EXPECT_TRUE(absl::StrContains(late.why, "came free in time")) << late.why;
  runs->clear();
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 5; ++k)
        right += sandbox->Run(Python("print(int(input()) * 2)", std::to_string(i))).out == std::to_string(2 * i) + "\n";
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 40);
}

TEST(SandboxStartTest, RefusesWithoutBubblewrapAndNamesTheCure) {
  const auto sandbox = Sandbox::Start({.slots = 1, .bwrap = "/nonexistent/bwrap"});
  EXPECT_EQ(sandbox.status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(absl::StrContains(std::string(sandbox.status().message()), "apt-get install bubblewrap")) << sandbox.status();
}

// A program in bubblewrap's place.
absl::Status StartWith(const std::string& script) {
  const std::string path = fmt::format("{}/hone-fake-bwrap-{}", testing::TempDir(), ::getpid());
  std::ofstream(path) << "#!/bin/sh\n" << script;
  ::chmod(path.c_str(), 0755);
  const absl::Status status = Sandbox::Start({.slots = 1, .bwrap = path}).status();
  ::unlink(path.c_str());
  return status;
}

TEST(SandboxStartTest, RefusesWhereASandboxCannotBeMadeAndNamesTheCure) {
  struct {
    const char *script, *part;
  } cases[] = {
      {"[ \"$1\" = --version ] && echo bubblewrap 0.1.2 && exit; echo 'bwrap: Unknown option --perms' >&2; exit 1",
       "is too old (bubblewrap 0.1.2; 0.5 or later is needed)"},
      {"echo 'bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.' "
       ">&2; exit 1",
       "user.max_user_namespaces="},
      {"echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1", "user namespaces are not usable here"},
      {"exit 1", "it ended without a word"},
  };
  for (const auto& each : cases) {
    const absl::Status status = StartWith(each.script);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << each.script;
    EXPECT_TRUE(absl::StrContains(std::string(status.message()), each.part)) << each.script << "\n" << status;
  }
}

TEST(SandboxStartTest, NamesTheProbeThatGetsOut) {
  HONE_TEST_SANDBOX(sandbox);
  ASSERT_NE(sandbox, nullptr);
  std::string bwrap;
  for (const char* path : {"/usr/bin/bwrap", "/usr/local/bin/bwrap"}) {
    if (::access(path, X_OK) == 0) bwrap = path;
  }
  if (bwrap.empty()) GTEST_SKIP() << "bwrap is in an unusual place";
  // Bubblewrap with one thing more: what it is told later stands over what it was told first.
  const absl::Status status = StartWith(fmt::format("shift; fd=$1; shift; shift; exec {} --args $fd --tmpfs /etc -- \"$@\"", bwrap));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(std::string(status.message()), "probe write escaped /etc/x")) << status;
}

std::set<int> Descendants(int root) {
  std::multimap<int, int> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string stat;
    int parent = 0;
    if (std::getline(file, stat) && std::sscanf(stat.c_str() + stat.rfind(')') + 1, " %*c %d", &parent) == 1) {
      children.emplace(parent, std::atoi(entry.path().filename().c_str()));
    }
  }
  std::set<int> found;
  std::vector<int> left = {root};
  while (!left.empty()) {
    const auto [begin, end] = children.equal_range(left.back());
    left.pop_back();
    for (auto child = begin; child != end; ++child) {
      found.insert(child->second);
      left.push_back(child->second);
    }
  }
  return found;
}

// A zombie is gone: it waits for the system's init alone, which may be slow.
bool IsGone(int pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string stat;
  return !std::getline(file, stat) || stat.compare(stat.rfind(')') + 1, 2, " Z") == 0;
}

bool GroupFoldersOf(int pid) {
  std::error_code error;
  const std::string name = fmt::format("hone-sandbox-{}-", pid);
  for (auto entry = std::filesystem::recursive_directory_iterator("/sys/fs/cgroup",
                                                                  std::filesystem::directory_options::skip_permission_denied, error);
       !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
    if (absl::StrContains(entry->path().string(), name)) return true;
  }
  return false;
}

TEST(SandboxStartTest, ARunnerThatIsKilledLeavesNothing) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t runner = ::fork();
  if (runner == 0) {
    // Not the shared one: it would belong to the parent.
    if (::getenv("HONE_TEST_AS_USER") != nullptr && !BecomeOrdinaryUser()) ::_exit(1);
    auto sandbox = Sandbox::Start(TestSandboxOptions());
    if (!sandbox.ok()) ::_exit(SandboxImpossible(sandbox.status()) ? 77 : 1);
    RunRequest request = Python("import os, time\nos.fork()\nos.write(3, b'x')\ntime.sleep(60)");
    request.limits.wall = absl::Seconds(60);
    RunRequest cold = request;
    cold.mode = RunMode::kCold;
    auto runs = (*sandbox)->Open({request, cold});
    if (!runs.ok()) ::_exit(1);
    for (const auto& run : *runs) ReadChannel(run->channel(), 2);
    (void)!::write(ready[1], "x", 1);
    ::pause();
  }
  ::close(ready[1]);
  char byte;
  if (::read(ready[0], &byte, 1) != 1) {
    int status = 0;
    ::waitpid(runner, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) GTEST_SKIP() << "no sandbox on this machine";
    FAIL() << "the runner ended with " << status;
  }
  ::close(ready[0]);
  const std::set<int> all = Descendants(runner);
  EXPECT_GE(all.size(), 10u);  // launcher; and twice bwrap, pid 1, the run's init and two programs
  ::kill(runner, SIGKILL);
  ::waitpid(runner, nullptr, 0);
  std::set<int> left = all;
  const absl::Time deadline = absl::Now() + absl::Seconds(1);
  while (absl::Now() < deadline && (!left.empty() || GroupFoldersOf(runner))) {
    std::erase_if(left, IsGone);
    ::usleep(2000);
  }
  EXPECT_TRUE(left.empty()) << left.size() << " of " << all.size() << " processes are left";
  EXPECT_FALSE(GroupFoldersOf(runner));
}

// As when memory runs out on the machine: what was killed is not what the next program is given.
TEST(SandboxTest, AReadySandboxThatDiedIdleIsReplaced) {
  HONE_TEST_SANDBOX(sandbox);
  ASSERT_NE(sandbox, nullptr);
  const RunRequest request{.language = "python", .source = "print(6 * 7)"};
  for (int i = 0; i < 2; ++i) ASSERT_EQ(sandbox->Run(request).run_class, RunClass::kOk);
  std::set<int> killed;
  for (const int pid : Descendants(::getpid())) {
    const auto command = ReadFile(fmt::format("/proc/{}/cmdline", pid), 4096);
    if (command.ok() && command->find("/.cage/program.py") != std::string::npos) killed.insert(pid);
  }
  EXPECT_GT(killed.size(), 1U) << "bubblewrap and pid 1";
  for (const int pid : killed) ::kill(pid, SIGKILL);  // the second may be dying with the first already
  const absl::Time deadline = absl::Now() + absl::Seconds(5);
  while (absl::Now() < deadline && !killed.empty()) std::erase_if(killed, IsGone);
  ASSERT_TRUE(killed.empty());
  auto runs = sandbox->Open({request, request});
  ASSERT_TRUE(runs.ok()) << runs.status();
  for (const auto& run : *runs) {
    const RunRecord record = run->Wait();
    EXPECT_EQ(record.run_class, RunClass::kOk) << record.why;
    EXPECT_EQ(record.out, "42\n");
  }
}

TEST(SandboxSoakTest, ManyRunsLeaveNothingBehind) {
  HONE_TEST_SANDBOX(sandbox);
  ASSERT_NE(sandbox, nullptr);
  const auto result = Soak(TestSandboxOptions(), 1500, 3);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_GT(result->warm.descendants, result->before.descendants);
}

}  // namespace
}  // namespace hone
