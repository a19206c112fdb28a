// SPDX-License-Identifier: MIT
//
// The names of a store's files, and its small files of text, as somebody may have changed them.
#include <filesystem>
#include <utility>

#include "store/checksum.h"
#include "store/import_mark.h"
#include "store/store_dir.h"
#include "store/store_file.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

constexpr const char* kSource = "0123456789abcdef";
constexpr const char* kFirstLine = "stackcollector import version 1\n";

Listing List(const TempDir& dir) {
  auto listing = ListStore(dir.path());
  REQUIRE(listing.ok());
  return *std::move(listing);
}

Listing ListOnly(const std::vector<std::string>& names) {
  const TempDir dir;
  for (const std::string& name : names) WriteFile(dir.path(name), "");
  return List(dir);
}

Result<ImportMark> MarkOf(const std::string& bytes) {
  const TempDir dir;
  WriteFile(dir.path(ImportMarkName(kSource)), bytes);
  return ReadImportMark(dir.path(), kSource);
}

}  // namespace

TEST_CASE("Store names: each kind of file is known by its name, in the order of numbers") {
  const Listing listing =
      ListOnly({"h-0000000000000000007-00000012.gdbm", "h-0000000000000000009-00000002.gdbm",
                "d-0000000000000000000-00000001-00000002.gdbm",
                "j-0000000000000000009-00000013.wal", "j-0000000000000000009-00000015.wal.damaged",
                "h-0000000000000000009-100000014.gdbm.damaged", "STORE", "LOCK"});
  CHECK(listing.segments == std::vector<Stem>{{9, 2}, {7, 12}});
  CHECK(listing.days == std::vector<DayStem>{{0, 1, 2}});
  CHECK(listing.journals == std::vector<Stem>{{9, 13}});
  CHECK(listing.damaged == std::vector<Stem>{{9, 15}});
  CHECK(listing.damaged_segments == std::vector<Stem>{{9, 100'000'014}});
  CHECK(listing.unfinished.empty());
  CHECK(LastNumber(listing) == 100'000'014);
  CHECK_FALSE(HasAllSegments(listing, listing.days[0]));
  CHECK(HasAllSegments(listing, {0, 12, 12}));
}

TEST_CASE("Store names: a journal that was sealed, or went into a day's total, is read no more") {
  const Listing listing = ListOnly(
      {"h-0000000000000000009-00000007.gdbm", "j-0000000000000000009-00000007.wal",
       "j-0000000000000000008-00000007.wal", "d-0000000000000000000-00000001-00000003.gdbm",
       "j-0000000000000000005-00000002.wal", "j-0000000000000000010-00000008.wal"});
  CHECK(listing.journals == std::vector<Stem>{{8, 7}, {10, 8}});
  CHECK(listing.sealed_journals.size() == 2);
}

TEST_CASE("Store names: what a writer that died left is known, others' files are not touched") {
  const std::vector<std::string> ours = {"STORE.tmp", "imported-0123456789abcdef.tmp",
                                         "h-0000000000000000009-00000007.gdbm.tmp",
                                         "d-0000000000000000000-00000001-00000003.gdbm.tmp"};
  Listing listing = ListOnly(ours);
  CHECK(listing.unfinished.size() == ours.size());
  CHECK(LastNumber(listing) == 0);
  listing = ListOnly({"tmp", ".tmp", "notes.tmp", "imported-0123456789abcdeg.tmp",
                      "imported-0123456789abcde.tmp", "j-0000000000000000009-00000007.wal.tmp"});
  CHECK(listing.unfinished.empty());
}

TEST_CASE("Store names: a name that differs in a digit, a sign or an end is none of ours") {
  for (const char* name :
       {"h", "h-", "h-1-00000001.gdbm", "h-0000000000000000001-1.gdbm",
        "h-00000000000000000001-00000001.gdbm", "h-0000000000000000001-000000001.gdbm",
        "h-0000000000000000001_00000001.gdbm", "h-9999999999999999999-00000001.gdbm",
        "h-99999999999999999999-00000001.gdbm", "h-0000000000000000001-00000001",
        "h-0000000000000000001-00000001.gdbm~", "g-0000000000000000001-00000001.gdbm", "d",
        "d-1-00000001-00000002.gdbm", "d-9999999999999999999-00000001-00000002.gdbm",
        "d-0000000000000000001-00000001.gdbm", "d-0000000000000000001-00000003-00000002.gdbm",
        "d-0000000000000000001-00000001-00000002.wal", "j-0000000000000000001-00000001.gdbm"}) {
    INFO(name);
    const Listing listing = ListOnly({name});
    CHECK(listing.segments.size() + listing.days.size() + listing.journals.size() +
              listing.damaged.size() + listing.damaged_segments.size() +
              listing.unfinished.size() ==
          0);
  }
  CHECK(ListStore("/nonexistent").status().message().find("list /nonexistent") == 0);
}

TEST_CASE("STORE: a text that is whole is read, a newer version is told from damage") {
  const StoreText text = {kSource, 42, 2};
  const auto read = ParseStoreFile("STORE", FormatStoreFile(text));
  REQUIRE(read.ok());
  CHECK(read->id == kSource);
  CHECK(read->born_ns == 42);
  CHECK(read->version == 2);
  CHECK(ParseStoreFile("STORE", FormatStoreFile({kSource, 0, 1}))->born_ns == 0);
  const auto code = [](const std::string& bytes) {
    return ParseStoreFile("STORE", bytes).status().code();
  };
  const std::string version = "stackcollector store version ";
  CHECK(code(version + "99\n") == StatusCode::kUnsupported);
  for (const std::string& bad :
       {std::string(), std::string("stack"), WithCheck("another store version 1\n"),
        version + "x\n", version + "1\nid 0123456789abcdef\n", WithCheck(version + "1\n"),
        WithCheck(version + "1\nid 0123\n")}) {
    INFO(bad);
    CHECK(code(bad) == StatusCode::kDataLoss);
  }
}

TEST_CASE("STORE: an id is saved out of a damaged text where all of its digits are there") {
  CHECK(FindStoreId("??? id 0123456789abcdef ???") == std::string(kSource));
  for (const char* text :
       {"", "id", "id 0123456789abcde", "id 0123456789abcdeF", "ID 0123456789abcdef"}) {
    INFO(text);
    CHECK_FALSE(FindStoreId(text).has_value());
  }
}

TEST_CASE("Import mark: each line is a time and a target, and a text that is not whole is damage") {
  const auto mark = MarkOf(WithCheck(std::string(kFirstLine) + "17 web-1:80\n-5 a b\n"));
  REQUIRE(mark.ok());
  CHECK(mark->times == std::map<std::string, int64_t>{{"web-1:80", 17}, {"a b", -5}});
  const TempDir dir;
  CHECK(ReadImportMark(dir.path(), kSource)->times.empty());
  REQUIRE(WriteImportMark(dir.path(), *mark).ok());
  CHECK(ReadImportMark(dir.path(), kSource)->times == mark->times);
  for (const char* lines : {"17 web-1:80", "17\n", "17 \n", "web-1:80\n", "\n", "17\tweb-1\n"}) {
    const auto bad = MarkOf(WithCheck(kFirstLine + std::string(lines)));
    INFO(lines);
    CHECK(bad.status().code() == StatusCode::kDataLoss);
    CHECK(bad.status().message().find("restore it from a copy") != std::string::npos);
  }
  CHECK_FALSE(MarkOf(WithCheck("stackcollector import version 2\n")).ok());
  CHECK_FALSE(MarkOf(kFirstLine).ok());
  const TempDir no_file;
  std::filesystem::create_directory(no_file.path(ImportMarkName(kSource)));
  CHECK_FALSE(ReadImportMark(no_file.path(), kSource).ok());
}

}  // namespace stacksampler::store
