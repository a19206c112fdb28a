// SPDX-License-Identifier: MIT
//
// What the store refuses, and how it says so.
#include <gdbm.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

#include "store/checksum.h"
#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

bool Says(const Status& status, StatusCode code, const std::string& words) {
  INFO(status.message());
  CHECK(status.code() == code);
  CHECK(status.message().find(words) != std::string::npos);
  return status.code() == code && status.message().find(words) != std::string::npos;
}

// Runs `body` in a child, so that limits and identities can be changed; true when it answers true.
template <typename Body>
bool InChild(Body body) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(body() ? 0 : 1);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("Store: a second writer is refused, naming the directory, until the first is gone") {
  const TempDir dir;
  auto first = MustWrite(dir.path(), {});
  Says(OpenWriter(dir.path()).status(), StatusCode::kAlreadyExists, dir.path());
  MustAppend(first.get(), SmallWindow("a", 1, kNoon));
  first.reset();
  MustAppend(MustWrite(dir.path(), {}).get(), SmallWindow("a", 2, kNoon));
  CHECK(TotalWeight(dir.path()) == 2);
}

TEST_CASE("Store: a newer version is refused and left untouched") {
  const TempDir dir;
  MustWrite(dir.path(), {});
  std::filesystem::remove(dir.path("LOCK"));
  const std::string newer = "stackcollector store version 4\nid 0123456789abcdef\nmore\n";
  WriteFile(dir.path("STORE"), newer);
  Says(OpenWriter(dir.path()).status(), StatusCode::kUnsupported, "version 4");
  Says(OpenReader(dir.path()).status(), StatusCode::kUnsupported, dir.path("STORE"));
  CHECK((FilesIn(dir.path()) == std::vector<std::string>{"STORE"}));
  CHECK(ReadFile(dir.path("STORE")) == newer);
}

TEST_CASE("Store: a damaged STORE file is named") {
  const TempDir dir;
  MustWrite(dir.path(), {});
  const std::string good = ReadFile(dir.path("STORE"));
  for (size_t byte = 0; byte < good.size(); ++byte) {
    std::string bad = good;
    bad[byte] = static_cast<char>(bad[byte] ^ 1);
    WriteFile(dir.path("STORE"), bad);
    const Status status = OpenReader(dir.path()).status();
    CHECK_FALSE(status.ok());
    CHECK(status.message().find(dir.path("STORE")) != std::string::npos);
  }
}

TEST_CASE("Store: what is no directory is refused and left untouched") {
  const TempDir dir;
  WriteFile(dir.path("text"), "some text");
  Says(OpenWriter(dir.path("text")).status(), StatusCode::kInvalidArgument, "not a directory");
  Says(OpenReader(dir.path("text")).status(), StatusCode::kInvalidArgument, "not a directory");
  CHECK(ReadFile(dir.path("text")) == "some text");

  const std::string file = dir.path("db");
  gdbm_close(gdbm_open(file.c_str(), 0, GDBM_NEWDB, 0644, nullptr));
  const std::string before = ReadFile(file);
  Says(OpenWriter(file).status(), StatusCode::kInvalidArgument, "gdbm file of the original");
  Says(OpenReader(file).status(), StatusCode::kInvalidArgument, "a store is a directory");
  CHECK(ReadFile(file) == before);
}

TEST_CASE("Store: a reader without a store is told how to make one") {
  const TempDir dir;
  Says(OpenReader(dir.path("none")).status(), StatusCode::kNotFound,
       "collector --host localhost --dbpath " + dir.path("none"));
  Says(OpenReader(dir.path()).status(), StatusCode::kNotFound, "no STORE file");
  CHECK(FilesIn(dir.path()).empty());
}

TEST_CASE("Store: a directory of other files is no place for a store") {
  const TempDir dir;
  WriteFile(dir.path("thesis.txt"), "");
  Says(OpenWriter(dir.path()).status(), StatusCode::kInvalidArgument, dir.path());
  CHECK((FilesIn(dir.path()) == std::vector<std::string>{"thesis.txt"}));
}

TEST_CASE("Store: what an interrupted creation left does not keep the next one") {
  const TempDir dir;
  WriteFile(dir.path("LOCK"), "");
  WriteFile(dir.path("STORE.tmp"), "stackc");
  MustAppend(MustWrite(dir.path(), {}).get(), SmallWindow("a", 1, kNoon));
  CHECK(TotalWeight(dir.path()) == 1);
}

TEST_CASE("Store: a directory that cannot be written is named") {
  Says(OpenWriter("/proc/store").status(), StatusCode::kNotFound, "/proc/store");
  const TempDir dir;
  Says(OpenWriter(dir.path("missing/db")).status(), StatusCode::kNotFound, "create its parent");
  REQUIRE(chmod(dir.path().c_str(), 0755) == 0);
  CHECK(InChild([&] {
    if (geteuid() == 0 && setuid(65534) != 0) return false;
    if (chmod(dir.path().c_str(), 0555) != 0 && errno != EPERM) return false;
    const Status status = OpenWriter(dir.path("db")).status();
    return status.code() == StatusCode::kPermissionDenied &&
           status.message().find(dir.path("db")) != std::string::npos;
  }));
  REQUIRE(chmod(dir.path().c_str(), 0755) == 0);
}

TEST_CASE("Store: a store that may only be read is read, and refused for writing") {
  const TempDir dir;
  const std::string db = dir.path("db");
  {
    const auto writer = MustWrite(db, {});
    MustAppend(writer.get(), SmallWindow("a", 1, kNoon));
    REQUIRE(writer->Seal().ok());
    MustAppend(writer.get(), SmallWindow("a", 2, kNoon));
  }
  for (const std::string& name : FilesIn(db)) REQUIRE(chmod((db + "/" + name).c_str(), 0444) == 0);
  REQUIRE(chmod(db.c_str(), 0555) == 0);
  REQUIRE(chmod(dir.path().c_str(), 0755) == 0);
  CHECK(InChild([&] {
    if (geteuid() == 0 && setuid(65534) != 0) return false;
    if (OpenWriter(db).status().code() != StatusCode::kPermissionDenied) return false;
    const Result<std::unique_ptr<StoreReader>> reader = OpenReader(db);
    return reader.ok() && (*reader)->Merge({})->records == 2;
  }));
  REQUIRE(chmod(db.c_str(), 0755) == 0);
}

TEST_CASE("Store: a record that is not valid is refused with its reason") {
  const TempDir dir;
  const auto writer = MustWrite(dir.path(), {});
  const auto refused = [&](const Window& window, const std::string& why) {
    Says(writer->Append(window.record()).status(), StatusCode::kInvalidArgument, why);
  };
  Window window = SmallWindow("a", 1, kNoon);
  window.profile.AddSample(0, 0, INT64_MAX, 0);
  refused(window, "2^63");
  window = SmallWindow("a", 1, kNoon, 1'000'000);
  window.profile.period_ns = INT64_MAX / 10;
  refused(window, "CPU time");
  window = SmallWindow("a", 1, kNoon);
  window.profile.AddSample(0, 0, -1, 0);
  refused(window, "negative");
  window = SmallWindow("a", 1, kNoon);
  window.start_ns = window.end_ns + 1;
  refused(window, "ends after its start");
  window = SmallWindow("a", 1, kNoon);
  window.start_ns = -1;
  refused(window, "since 1970");
  window = SmallWindow("a", 1, INT64_MAX);
  refused(window, "since 1970");
  window = SmallWindow("a", 1, kNoon);
  std::swap(window.target[0], window.target[1]);
  refused(window, "sorted");
  Record without = SmallWindow("a", 1, kNoon).record();
  without.profile = nullptr;
  Says(writer->Append(without).status(), StatusCode::kInvalidArgument, "no profile");
  CHECK(TotalWeight(dir.path()) == 0);
}

TEST_CASE("Store: counts near 2^63 are stored, and a range whose sum passes it is refused") {
  const TempDir dir;
  std::vector<std::string> warnings;
  const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
  for (uint64_t id = 1; id <= 2; ++id) {
    Window window = SmallWindow("a", id, kNoon + static_cast<int64_t>(id), 0);
    window.profile.period_ns = 1;
    window.profile.AddSample(0, 0, INT64_MAX - 1, INT64_MAX - 1);
    MustAppend(writer.get(), window);
  }
  const auto reader = MustRead(dir.path());
  for (int sealed = 0; sealed < 2; ++sealed) {
    Query one;
    one.until_ns = kNoon + 1;
    CHECK(reader->Merge(one)->profile.TotalWeight() == INT64_MAX - 1);
    Says(reader->Merge({}).status(), StatusCode::kResourceExhausted, "shorter range");
    REQUIRE(writer->Seal().ok());
  }
  CHECK(warnings.empty());
}

TEST_CASE("Store: a record larger than the limit is refused and does not spoil what follows") {
  const TempDir dir;
  const auto writer = MustWrite(dir.path(), {});
  Window huge = SmallWindow("a", 1, kNoon);
  for (int i = 0; i < 70; ++i) {
    const std::string name(1 << 20, static_cast<char>('A' + i));
    huge.profile.AddSample(huge.profile.InternStack(0, huge.profile.InternFrame(name)), 0, 1, 1);
  }
  Says(writer->Append(huge.record()).status(), StatusCode::kResourceExhausted, "limit");
  MustAppend(writer.get(), SmallWindow("a", 2, kNoon));
  REQUIRE(writer->Commit().ok());
  MustAppend(writer.get(), SmallWindow("a", 3, kNoon));
  CHECK(TotalWeight(dir.path()) == 2);
}

TEST_CASE("Store: on a full disk appends fail, what is stored stays, and it goes on afterwards") {
  const TempDir dir;
  const bool went_well = InChild([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    std::vector<std::string> warnings;
    WriterOptions options = OptionsFor(&warnings);
    options.max_journal_bytes = 500;
    const auto writer = MustWrite(dir.path(), options);
    const auto set_limit = [](rlim_t bytes) {
      const struct rlimit limit = {bytes, RLIM_INFINITY};
      return setrlimit(RLIMIT_FSIZE, &limit) == 0;
    };
    // The least segment, of four blocks, does not fit: the window stays open until its journal is
    // full as well.
    if (!set_limit(1900)) return false;
    uint64_t id = 0;
    bool failed = false;
    for (int i = 0; i < 500 && !failed; ++i) {
      failed = !writer->Append(SmallWindow("a", ++id, kNoon).record()).ok();
    }
    if (!failed || warnings.empty()) return false;
    const auto stored = static_cast<int64_t>(id - 1);
    if (!writer->Commit().ok() || TotalWeight(dir.path()) != stored) return false;
    // Several tries at different fill levels: no torn byte may stay.
    for (rlim_t bytes = 1870; bytes <= 1900; bytes += 3) {
      if (!set_limit(bytes)) return false;
      if (writer->Append(SmallWindow("a", id, kNoon).record()).ok()) return false;
    }
    if (!set_limit(RLIM_INFINITY)) return false;
    MustAppend(writer.get(), SmallWindow("a", id, kNoon));
    return writer->Commit().ok() && TotalWeight(dir.path()) == stored + 1 && writer->Seal().ok() &&
           TotalWeight(dir.path()) == stored + 1;
  });
  CHECK(went_well);
  CHECK(MustRead(dir.path())->Merge({})->warnings.empty());
}

}  // namespace stacksampler::store
