// SPDX-License-Identifier: MIT
//
// The small text files of a store, with and without their checks, and the names of its files.
#include <filesystem>
#include <fstream>

#include "fuzz/fuzz.h"
#include "store/checksum.h"
#include "store/import_mark.h"
#include "store/store_dir.h"
#include "store/store_file.h"

using namespace stacksampler;

namespace {

constexpr char kSource[] = "0123456789abcdef";

// A directory in memory where there is such a file system; removed at the end.
struct Directory {
  std::string path;
  Directory() {
    const bool has_memory = std::filesystem::is_directory("/dev/shm");
    path = std::string(has_memory ? "/dev/shm" : "/tmp") + "/store_texts_fuzz.XXXXXX";
    fuzz::Promise(mkdtemp(path.data()) != nullptr, "a directory can be made");
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { std::filesystem::remove_all(path); }
};

void Write(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void CheckStoreFile(const std::string& dir, const std::string& bytes) {
  Write(dir + "/" + store::kStoreName, bytes);
  const auto id = store::ReadStoreId(dir);
  fuzz::Promise(!id.ok() || id->size() == sizeof kSource - 1, "an id has 16 digits");
  const auto saved = store::FindStoreId(bytes);
  fuzz::Promise(!saved || saved->find_first_not_of(kSource) == std::string::npos,
                "all of them hex");
}

void CheckMark(const std::string& dir, const std::string& bytes) {
  Write(dir + "/" + store::ImportMarkName(kSource), bytes);
  const auto mark = store::ReadImportMark(dir, kSource);
  if (!mark.ok()) return;
  for (const auto& [target, time_s] : mark->times) {
    fuzz::Promise(!target.empty() && target.find('\n') == std::string::npos, "a line has a target");
  }
}

// What is taken for a file of ours is called so by us.
void CheckName(const std::string& dir, const std::string& name) {
  const bool can_be = !name.empty() && name.size() < 200 && name[0] != '.' &&
                      name.find_first_of(std::string_view("/\0", 2)) == std::string::npos;
  if (!can_be) return;
  Write(dir + "/" + name, "");
  const auto listing = store::ListStore(dir);
  fuzz::Promise(listing.ok(), "a directory can be listed");
  for (const auto& stem : listing->segments) {
    fuzz::Promise(store::SegmentName(stem) == name, "segments");
  }
  for (const auto& day : listing->days) fuzz::Promise(store::DayName(day) == name, "days");
  for (const auto& stem : listing->journals) {
    fuzz::Promise(store::JournalName(stem) == name, "journals");
  }
  std::filesystem::remove(dir + "/" + name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Directory directory;
  const std::string text(fuzz::AsText(data, size));
  for (const std::string& bytes : {text, store::WithCheck(text)}) {
    CheckStoreFile(directory.path, bytes);
    CheckMark(directory.path, bytes);
  }
  CheckName(directory.path, text);
  return 0;
}
