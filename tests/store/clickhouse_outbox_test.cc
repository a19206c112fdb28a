// SPDX-License-Identifier: MIT
//
// Windows on their way: none lost, none counted twice, whatever dies.
#include "store/clickhouse/outbox.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>

#include "store/clickhouse/clickhouse_store.h"
#include "store/clickhouse_server.h"
#include "store/clickhouse_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

using std::chrono::milliseconds;

ClickhouseUrl UrlOf(const ClickhouseTestServer& server) {
  ClickhouseUrl url;
  url.servers.push_back({"127.0.0.1", server.port()});
  url.database = "profiles";
  return url;
}

size_t BytesIn(const std::string& dir) {
  size_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(dir)) bytes += file.file_size();
  return bytes;
}

size_t ResidentBytes() {
  size_t total = 0;
  size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

/// The one journal in `dir`.
std::string JournalIn(const std::string& dir) {
  for (const std::string& name : FilesIn(dir)) {
    if (name.rfind("j-", 0) == 0) return dir + "/" + name;
  }
  FAIL("no journal in " << dir);
  return {};
}

}  // namespace

TEST_CASE("Outbox: what is committed while the server is down arrives later, sent twice or not") {
  ClickhouseTestServer server;
  const ClickhouseUrl url = UrlOf(server);
  const TempDir dir;
  std::vector<Window> windows;
  std::mt19937_64 random(5);
  server.Kill();
  {
    Told told;
    const auto writer = Write(url, dir.path("outbox"), Impatient(&told));
    for (uint64_t id = 1; id <= 60; ++id) {
      windows.push_back(
          RandomWindow(&random, id, kNoon + static_cast<int64_t>(id) * 1800 * kSecond));
      MustAppend(writer.get(), windows.back());
      REQUIRE(writer->Commit().ok());
      CHECK_FALSE(*writer->Append(windows.back().record()));
    }
    CHECK(writer->Seal().code() == StatusCode::kUnavailable);
    CHECK(told.Has("windows wait in the outbox"));
  }
  CHECK(Journals(dir.path("outbox")) > 0);
  // A copy of what waits is sent as well: just as if the first answer had been lost.
  std::filesystem::copy(dir.path("outbox"), dir.path("again"),
                        std::filesystem::copy_options::recursive);
  server.Start();
  for (const char* name : {"outbox", "again"}) {
    Told told;
    const auto writer = Write(url, dir.path(name), Impatient(&told));
    MustSeal(writer.get());
    CHECK(Journals(dir.path(name)) == 0);
    CheckStored(url, windows);
    CHECK_FALSE(*writer->Append(windows.back().record()));
  }
}

TEST_CASE("Outbox: a writer that outlives its server goes on by itself, and says so once") {
  ClickhouseTestServer server;
  const ClickhouseUrl url = UrlOf(server);
  const TempDir dir;
  Told told;
  const auto writer = Write(url, dir.path("outbox"), Impatient(&told));
  MustAppend(writer.get(), SmallWindow("a", 1, kNoon));
  MustSeal(writer.get());
  server.Kill();
  MustAppend(writer.get(), SmallWindow("a", 2, kNoon + 1));
  REQUIRE(writer->Commit().ok());
  while (told.lines().empty()) std::this_thread::sleep_for(milliseconds(1));
  for (int failed = 0; failed < 3; ++failed) CHECK_FALSE(writer->Seal().ok());
  server.Start();
  while (!writer->Seal().ok()) std::this_thread::sleep_for(milliseconds(10));
  CheckStored(url, {SmallWindow("a", 1, kNoon), SmallWindow("a", 2, kNoon + 1)});
  CHECK(told.Has("connect: Connection refused"));
  CHECK(told.Has("takes windows again"));
}

TEST_CASE("Outbox: a server that lost its tables gets them again, with all that samples name") {
  const ClickhouseUrl url = NewDatabase(1);
  const TempDir dir;
  Told told;
  const auto writer = Write(url, dir.path("outbox"), Impatient(&told));
  MustAppend(writer.get(), SmallWindow("a", 1, kNoon));
  MustSeal(writer.get());
  SharedServer(0).Ask("default", "DROP DATABASE " + url.database);
  MustAppend(writer.get(), SmallWindow("a", 2, kNoon));
  while (!writer->Seal().ok()) std::this_thread::sleep_for(milliseconds(10));
  CheckStored(url, {SmallWindow("a", 2, kNoon)});
}

TEST_CASE("Outbox: stacks, frames and labels travel once") {
  const ClickhouseUrl url = NewDatabase(1);
  const TempDir dir;
  Told told;
  const auto writer = Write(url, dir.path("outbox"), Impatient(&told));
  for (uint64_t id = 1; id <= 4; ++id) {
    MustAppend(writer.get(), SmallWindow("a", id, kNoon + static_cast<int64_t>(id)));
    MustSeal(writer.get());
  }
  const auto rows = [&](const std::string& table) {
    return SharedServer(0).Ask(url.database, "SELECT count() FROM " + table);
  };
  CHECK(rows("stacks") == "1");
  CHECK(rows("frames") == "2");
  CHECK(rows("label_sets") == "2");  // the target's, and with the thread
  CHECK(rows("samples") == "4");
}

TEST_CASE("Outbox: only what is committed is sent, and many small journals as well as one") {
  const TempDir dir;
  Told told;
  OutboxOptions options;
  options.place = "here";
  options.max_journal_bytes = 200;
  options.on_warning = told.Listener();
  const auto outbox = Outbox::Open(dir.path("outbox"), options);
  REQUIRE(outbox.ok());
  for (uint64_t id = 1; id <= 20; ++id) {
    REQUIRE(*(*outbox)->Append(SmallWindow("a", id, kNoon).record()));
  }
  (*outbox)->CloseWindow();
  CHECK((*outbox)->waiting() == 0);
  REQUIRE((*outbox)->Commit().ok());
  CHECK((*outbox)->waiting() > 2);
  (*outbox)->CloseWindow();
  const size_t waiting = (*outbox)->waiting();
  CHECK(Journals(dir.path("outbox")) == waiting);
  size_t records = 0;
  while ((*outbox)->waiting() > 0) {
    const auto next = (*outbox)->Next(0, std::chrono::steady_clock::now());
    REQUIRE(next.has_value());
    records += ReadJournal((*outbox)->path(*next))->log.records().size();
    (*outbox)->Confirm(0, *next);
  }
  CHECK(records == 20);
  CHECK(Journals(dir.path("outbox")) == 0);
}

TEST_CASE("Outbox: a directory with a history of its own, or for other servers, is refused") {
  const TempDir dir;
  {
    const auto writer = MustWrite(dir.path("store"), {});
    MustAppend(writer.get(), SmallWindow("a", 1, kNoon));
    REQUIRE(writer->Seal().ok());
  }
  ClickhouseUrl url;
  url.servers.push_back({"127.0.0.1", 1});
  url.database = "d";
  Told told;
  const Status history = OpenClickhouseWriter(url, dir.path("store"), Impatient(&told)).status();
  CHECK(history.code() == StatusCode::kInvalidArgument);
  CHECK(history.message().find("pass a new directory as --dbpath") != std::string::npos);
  CHECK(TotalWeight(dir.path("store")) == 1);
  {
    const auto writer = Write(url, dir.path("outbox"), Impatient(&told));
    MustAppend(writer.get(), SmallWindow("a", 1, kNoon));
    REQUIRE(writer->Commit().ok());
  }
  url.database = "other";
  const Status other = OpenClickhouseWriter(url, dir.path("outbox"), Impatient(&told)).status();
  CHECK(other.code() == StatusCode::kInvalidArgument);
  CHECK(other.message().find("127.0.0.1:1/d") != std::string::npos);
  // What waits can be read as any store can.
  CHECK(TotalWeight(dir.path("outbox")) == 1);
}

TEST_CASE("Outbox: a torn journal is cut, a damaged one kept, and the rest of both is sent") {
  for (const bool torn : {true, false}) {
    const ClickhouseUrl url = NewDatabase(1);
    const TempDir dir;
    Told told;
    OutboxOptions options;
    options.place = url.Place();
    options.on_warning = told.Listener();
    {
      const auto outbox = Outbox::Open(dir.path("outbox"), options);
      REQUIRE(outbox.ok());
      for (uint64_t id = 1; id <= 3; ++id) {
        REQUIRE(
            *(*outbox)->Append(SmallWindow("a", id, kNoon + static_cast<int64_t>(id)).record()));
      }
      REQUIRE((*outbox)->Commit().ok());
    }
    std::string bytes = ReadFile(JournalIn(dir.path("outbox")));
    if (torn) bytes.resize(bytes.size() - 3);
    if (!torn) bytes.back() ^= 1;
    WriteFile(JournalIn(dir.path("outbox")), bytes);
    const auto writer = Write(url, dir.path("outbox"), Impatient(&told));
    MustSeal(writer.get());
    CHECK(told.Has(torn ? "was cut off" : "is damaged: kept as"));
    CheckStored(url, {SmallWindow("a", 1, kNoon + 1), SmallWindow("a", 2, kNoon + 2)});
    // The source offers the third again.
    MustAppend(writer.get(), SmallWindow("a", 3, kNoon + 3));
    MustSeal(writer.get());
    CHECK(OpenClickhouseReader(url)->get()->Merge({})->records == 3);
  }
}

TEST_CASE("Outbox: a lost one is told by the server what it has, and counts what is new") {
  const ClickhouseUrl url = NewDatabase(1);
  const int64_t now_ns = static_cast<int64_t>(std::time(nullptr)) * kSecond;
  const TempDir dir;
  Told told;
  const Window last = SmallWindow("a", 9, now_ns);
  Window beside = SmallWindow("a", 3, now_ns - 2);
  beside.ref.instance = "beside";
  {
    const auto writer = Write(url, dir.path("lost"), Impatient(&told));
    MustAppend(writer.get(), beside);
    MustAppend(writer.get(), SmallWindow("a", 8, now_ns - 1));
    MustAppend(writer.get(), last);
    MustSeal(writer.get());
  }
  const auto writer = Write(url, dir.path("new"), Impatient(&told));
  REQUIRE_FALSE(writer->LastWindows(last.target).empty());
  CHECK(writer->LastWindows(last.target).at(0).instance == "run");
  CHECK(writer->LastWindows(last.target).at(0).id == 9);
  CHECK(writer->LastWindows(last.target).at(1).instance == "beside");
  CHECK(writer->LastWindows(last.target).at(1).id == 3);
  // To its source the new outbox is a new reader, whose windows begin at one.
  MustAppend(writer.get(), SmallWindow("a", 1, now_ns + 1));
  MustSeal(writer.get());
  CHECK(OpenClickhouseReader(url)->get()->Merge({})->records == 4);
  CHECK(writer->LastWindows(last.target).at(0).id == 1);
  CHECK(writer->LastWindows(last.target).at(1).instance == "beside");
}

TEST_CASE("Outbox: what waits for a server waits on the disk, not in memory") {
  constexpr size_t kWaitingBytes = size_t{64} << 20;
  const TempDir dir;
  ClickhouseUrl nobody;
  nobody.servers.push_back({"127.0.0.1", 1});
  nobody.database = "profiles";
  Told told;
  ClickhouseOptions options = Impatient(&told);
  options.writer.max_journal_bytes = uint64_t{1} << 20;
  const auto writer = Write(nobody, dir.path("outbox"), options);
  // The names of each window are new: 1 MB of them.
  const auto append = [&](uint64_t id) {
    Window window = SmallWindow("a", id, kNoon + static_cast<int64_t>(id));
    const std::string name(size_t{1} << 20, static_cast<char>('a' + id % 26));
    const FrameId frame = window.profile.InternFrame(name + std::to_string(id));
    window.profile.AddSample(window.profile.InternStack(0, frame), 0, 1, window.profile.period_ns);
    MustAppend(writer.get(), window);
    REQUIRE(writer->Commit().ok());
  };
  uint64_t id = 0;
  while (id < 4) append(++id);
  const size_t before = ResidentBytes();
  while (id < 4 + kWaitingBytes / (size_t{1} << 20)) append(++id);
  CHECK(BytesIn(dir.path("outbox")) >= kWaitingBytes);
  CHECK(ResidentBytes() < before + kWaitingBytes / 4);
}

TEST_CASE("Outbox: a collector that is killed again and again loses nothing that it committed") {
  const ClickhouseUrl url = NewDatabase(1);
  const TempDir dir;
  std::mt19937_64 random(3);
  uint64_t committed = 0;
  for (int trial = 0; trial < 10; ++trial) {
    int pipe_fds[2];
    REQUIRE(pipe(pipe_fds) == 0);
    const pid_t child = fork();
    if (child == 0) {
      Told told;
      auto writer = OpenClickhouseWriter(url, dir.path("outbox"), Impatient(&told));
      for (uint64_t id = committed + 1; writer.ok(); ++id) {
        if (!(*writer)
                 ->Append(SmallWindow("a", id, kNoon + static_cast<int64_t>(id)).record())
                 .ok() ||
            !(*writer)->Commit().ok() || write(pipe_fds[1], &id, sizeof id) != sizeof id) {
          break;
        }
      }
      _exit(1);
    }
    close(pipe_fds[1]);
    const uint64_t until = committed + 1 + random() % 40;
    uint64_t id = 0;
    while (committed < until && read(pipe_fds[0], &id, sizeof id) == sizeof id) committed = id;
    kill(child, SIGKILL);
    while (read(pipe_fds[0], &id, sizeof id) == sizeof id) committed = id;
    close(pipe_fds[0]);
    waitpid(child, nullptr, 0);
    REQUIRE(committed >= until);
  }
  Told told;
  const auto writer = Write(url, dir.path("outbox"), Impatient(&told));
  MustSeal(writer.get());
  const uint64_t last = writer->LastWindows(SmallWindow("a", 1, 0 + kSecond).target).at(0).id;
  CHECK(last >= committed);  // one may have been killed between its commit and telling
  std::vector<Window> windows;
  for (uint64_t id = 1; id <= last; ++id) {
    windows.push_back(SmallWindow("a", id, kNoon + static_cast<int64_t>(id)));
  }
  CheckStored(url, windows);
}

}  // namespace stacksampler::store
