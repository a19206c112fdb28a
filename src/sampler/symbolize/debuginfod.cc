// SPDX-License-Identifier: MIT
#include "sampler/symbolize/debuginfod.h"

#include <unistd.h>

#include <cstdlib>
#include <mutex>

#include "sampler/symbolize/optional_library.h"

namespace stacksampler::symbolize {
namespace {

using Clock = std::chrono::steady_clock;

constexpr char kLibrary[] = "libdebuginfod.so.1";
constexpr char kServers[] = "DEBUGINFOD_URLS";

struct Client;  // debuginfod_client
using Progress = int (*)(Client*, long, long);

// Declared here so that its header is not needed. A length of 0 says that the build-id is hex.
struct Calls {
  Client* (*begin)() = nullptr;
  int (*find_debuginfo)(Client*, const unsigned char*, int, char**) = nullptr;
  void (*set_progressfn)(Client*, Progress) = nullptr;
  void (*end)(Client*) = nullptr;
};

const Calls* OpenLibrary() {
  static Calls calls;
  static const bool kFound = [] {
    const OptionalLibrary library(kLibrary);
    return library.Find("debuginfod_begin", &calls.begin) &&
           library.Find("debuginfod_find_debuginfo", &calls.find_debuginfo) &&
           library.Find("debuginfod_set_progressfn", &calls.set_progressfn) &&
           library.Find("debuginfod_end", &calls.end);
  }();
  return kFound ? &calls : nullptr;
}

std::mutex fetch_lock;
Clock::duration time_left = kMaxFetchTime;  // under fetch_lock
Clock::time_point deadline;                 // of the running download, under fetch_lock

int EndLateDownload(Client* /*client*/, long /*done*/, long /*size*/) {
  return Clock::now() >= deadline ? 1 : 0;
}

// Path in the client's cache, "" when no server has it.
std::string Download(const Calls& calls, const std::string& build_id) {
  Client* client = calls.begin();
  if (client == nullptr) return "";
  calls.set_progressfn(client, EndLateDownload);
  char* path = nullptr;
  const int fd = calls.find_debuginfo(
      client, reinterpret_cast<const unsigned char*>(build_id.c_str()), 0, &path);
  std::string found;
  if (fd >= 0) {
    close(fd);
    if (path != nullptr) found = path;
    std::free(path);
  }
  calls.end(client);
  return found;
}

}  // namespace

std::unique_ptr<ElfFile> FetchDebugFile(const std::string& build_id) {
  const char* servers = secure_getenv(kServers);
  if (servers == nullptr || *servers == '\0' || build_id.empty()) return nullptr;
  // Never waited for: the child of a fork during a download has it locked forever.
  const std::unique_lock lock(fetch_lock, std::try_to_lock);
  if (!lock.owns_lock() || time_left <= Clock::duration::zero()) return nullptr;
  const Calls* calls = OpenLibrary();
  if (calls == nullptr) return nullptr;
  const Clock::time_point start = Clock::now();
  deadline = start + time_left;
  const std::string path = Download(*calls, build_id);
  time_left -= Clock::now() - start;
  std::unique_ptr<ElfFile> file = path.empty() ? nullptr : ElfFile::Open(path);
  return file != nullptr && file->build_id() == build_id ? std::move(file) : nullptr;
}

}  // namespace stacksampler::symbolize
