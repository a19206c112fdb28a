// SPDX-License-Identifier: MIT
//
// Records whose checksums are good and whose bytes are not, as somebody who may write the store can
// forge them: what is before them counts, they and what is behind them do not, and that is said.
#include <utility>

#include "base/varint.h"
#include "store/cells.h"
#include "store/dictionary.h"
#include "store/journal.h"
#include "store/journal_tail.h"
#include "store/store_support.h"
#include "store/time_cells.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

constexpr int64_t kBucketNs = 20'000'000;

struct FieldsOfRun {
  uint64_t labels = 1;
  std::string cells = EncodeCells({{1, 3}});
  std::string times = {};
};

// A good record of the names below; a test changes one field.
struct Fields {
  uint64_t target = 1;
  int64_t start_ns = kNoon;
  int64_t end_ns = kNoon + kSecond;
  int64_t period_ns = 10;
  std::vector<FieldsOfRun> runs = {{}};
  int64_t bucket_ns = 0;  // 0: without times
  std::string tail = {};
};

std::string Bytes(std::initializer_list<int> bytes) { return {bytes.begin(), bytes.end()}; }

// One frame "main", the stack 1 of it, and the label set 1.
std::string Names() {
  Profile names;
  names.InternStack(0, names.InternFrame("main"));
  names.InternLabels({{"host", "a"}});
  std::string out;
  EncodeDictionary(names, MarksOf(Profile()), &out);
  return out;
}

const std::string& NoNames() {
  static const std::string none(5, '\0');
  return none;
}

std::string Encode(const Fields& fields) {
  std::string out;
  PutVarint(&out, fields.target);
  PutText(&out, "ab12");
  PutVarint(&out, 1);
  for (const int64_t number : {fields.start_ns, fields.end_ns, fields.period_ns}) {
    PutVarint(&out, static_cast<uint64_t>(number));
  }
  PutVarint(&out, fields.runs.size());
  for (const FieldsOfRun& run : fields.runs) {
    PutVarint(&out, run.labels);
    PutText(&out, run.cells);
  }
  if (fields.bucket_ns != 0) {
    PutVarint(&out, static_cast<uint64_t>(fields.bucket_ns));
    for (const FieldsOfRun& run : fields.runs) PutText(&out, run.times);
  }
  return out + fields.tail;
}

std::string RawCells(uint64_t count, const std::string& ids, const std::string& weights) {
  std::string out;
  PutVarint(&out, count);
  PutText(&out, ids);
  return out + weights;
}

Fields WithCells(const std::string& cells) {
  Fields fields;
  fields.runs = {{1, cells}};
  return fields;
}

Fields WithTimes(int64_t bucket_ns, const std::string& times) {
  Fields fields;
  fields.bucket_ns = bucket_ns;
  fields.runs[0].times = times;
  return fields;
}

Fields WithPeriod(int64_t period_ns, int64_t weight) {
  Fields fields = WithCells(EncodeCells({{1, weight}}));
  fields.period_ns = period_ns;
  return fields;
}

// A journal of a good record, this one, and another good one.
class Forged {
 public:
  explicit Forged(const std::string& payload) : path_(dir_.path("journal")), tail_(path_) {
    auto journal = Journal::Open(path_, 0);
    REQUIRE(journal.ok());
    REQUIRE(journal->Append(Names() + Encode({})).ok());
    good_bytes_ = journal->bytes();
    REQUIRE(journal->Append(payload).ok());
    REQUIRE(journal->Append(NoNames() + Encode({})).ok());
    REQUIRE(tail_.Refresh(&vocabulary_).ok());
  }
  [[nodiscard]] size_t records() const { return tail_.log().records().size(); }
  [[nodiscard]] std::string problem() const { return tail_.problem(); }
  [[nodiscard]] bool is_damaged() const {
    return records() == 1 && problem() == path_ + ": damaged after byte " +
                                              std::to_string(good_bytes_) +
                                              "; the windows stored behind it are missing";
  }

 private:
  TempDir dir_;
  std::string path_;
  Profile vocabulary_;
  JournalTail tail_;
  uint64_t good_bytes_ = 0;
};

// Each is changed in one thing that CheckGood() shows to be read otherwise.
std::vector<std::pair<const char*, Fields>> ForgedRecords() {
  constexpr int64_t kMax = INT64_MAX;
  Fields target;
  target.target = 2;
  Fields backwards;
  backwards.start_ns = backwards.end_ns + 1;
  Fields no_run;
  no_run.runs.clear();
  Fields labels;
  labels.runs[0].labels = 2;
  Fields heavy = WithCells(EncodeCells({{1, kMax}}));
  heavy.runs.push_back(heavy.runs[0]);
  heavy.period_ns = 0;
  Fields behind;
  behind.tail = "x";
  Fields behind_times = WithTimes(kBucketNs, EncodeTimeCells({{1, 5, 3}}));
  behind_times.tail = "x";
  Fields cut = WithTimes(kBucketNs, "");
  cut.runs.push_back({});
  return {
      {"a target that has no label set", target},
      {"an end before the start", backwards},
      {"no run", no_run},
      {"a run without a label set", labels},
      {"weights that pass 2^63 together", heavy},
      {"CPU time that passes 2^63", WithPeriod(kMax, 3)},
      {"a weight that passes 2^63 with the one before it", WithPeriod(0, kMax - 1)},
      {"CPU time that passes 2^63 with that before it", WithPeriod(kMax - 10, 1)},
      {"a byte behind it", behind},
      {"cells of an unknown stack", WithCells(EncodeCells({{2, 1}}))},
      {"more cells than bytes", WithCells(RawCells(9, "\1", "\1"))},
      {"ids that end before the cells do", WithCells(RawCells(2, "\1", "\1\1"))},
      {"weights that end before the cells do", WithCells(RawCells(2, Bytes({0, 1}), "\1"))},
      {"a stack with cells twice", WithCells(RawCells(2, Bytes({1, 0}), "\1\1"))},
      {"a stack with large cells twice",
       WithCells(RawCells(2, Bytes({1, 0}), Bytes({0x81, 1, 0x81, 1})))},
      {"an unknown stack with a large weight", WithCells(RawCells(1, "\2", Bytes({0x81, 1})))},
      {"a weight of 2^63", WithCells(RawCells(1, "\1", std::string(9, '\x80') + "\1"))},
      {"a weight without its end", WithCells(RawCells(1, "\1", "\x80"))},
      {"a weight behind the last cell", WithCells(RawCells(1, "\1", "\1\1"))},
      {"an id behind the last cell", WithCells(RawCells(1, Bytes({0, 1}), "\1"))},
      {"buckets shorter than a millisecond", WithTimes(999'999, EncodeTimeCells({{1, 5, 3}}))},
      {"buckets longer than a second", WithTimes(kSecond + 1, EncodeTimeCells({{1, 5, 3}}))},
      {"times that are cut off", cut},
      {"times that weigh more than it", WithTimes(kBucketNs, EncodeTimeCells({{1, 5, 4}}))},
      {"times of an unknown stack", WithTimes(kBucketNs, EncodeTimeCells({{2, 5, 3}}))},
      {"times past the year 2262", WithTimes(kBucketNs, EncodeTimeCells({{1, kMax, 3}}))},
      {"a byte behind the times", behind_times},
  };
}

}  // namespace

TEST_CASE("Journal: a record is read to its last byte, with and without times and large numbers") {
  const std::string large = EncodeCells({{0, 300}, {1, 70'000}});
  for (const Fields& good :
       {Fields(), WithCells(large), WithTimes(kBucketNs, EncodeTimeCells({{1, 5, 1}, {1, 9, 2}})),
        WithPeriod(INT64_MAX - 30, 1)}) {
    const Forged journal(NoNames() + Encode(good));
    CHECK(journal.records() == (good.period_ns > kSecond ? 2 : 3));
  }
}

TEST_CASE(
    "Journal: a record whose checksum is good and that makes no sense ends it, and is named") {
  for (const auto& [what, fields] : ForgedRecords()) {
    const Forged journal(NoNames() + Encode(fields));
    INFO(what << ": " << journal.records() << " records; " << journal.problem());
    CHECK(journal.is_damaged());
  }
}

TEST_CASE("Journal: names that point at what is not there end it, and are named") {
  const std::vector<std::pair<const char*, std::string>> forged = {
      {"more texts than bytes", Bytes({0x7f})},
      {"a text that is cut off", Bytes({1, 0x7f})},
      {"a module without a text", Bytes({0, 1, 2, 0, 0, 0, 0})},
      {"a build-id without a text", Bytes({0, 1, 0, 2, 0, 0, 0})},
      {"a frame without a name", Bytes({0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0})},
      {"a frame without a module", Bytes({0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0})},
      {"a frame neither inlined nor not", Bytes({0, 0, 1, 1, 0, 0, 0, 0, 2, 0, 0})},
      {"a stack that is its own parent", Bytes({0, 0, 0, 1, 0, 0, 0})},
      {"a parent before the first stack", Bytes({0, 0, 0, 1, 3, 0, 0})},
      {"a stack without a frame", Bytes({0, 0, 0, 1, 1, 1, 0})},
      {"a label that is cut off", Bytes({0, 0, 0, 0, 1, 1, 0x7f})},
      {"more labels than bytes", Bytes({0, 0, 0, 0, 1, 0x7f})},
  };
  for (const auto& [what, names] : forged) {
    const Forged journal(names + Encode({}));
    INFO(what << ": " << journal.records() << " records; " << journal.problem());
    CHECK(journal.is_damaged());
  }
}

TEST_CASE("Journal: names that come with a record are known to those behind it") {
  // A text, a module of it, a frame in it, a stack below stack 1, and a label set.
  const std::string names =
      Bytes({1, 1, 'f', 1, 2, 0, 1, 2, 0, 1, 0, 7, 1, 1, 1, 1, 1, 1, 1, 'k', 1, 'v'});
  const Forged good(names + Encode(WithCells(EncodeCells({{2, 1}}))));
  INFO(good.problem());
  CHECK(good.records() == 3);
}

TEST_CASE("Journal: a record larger than any collector takes is refused, and what is there stays") {
  const TempDir dir;
  auto journal = Journal::Open(dir.path("journal"), 0);
  REQUIRE(journal.ok());
  REQUIRE(journal->Append(Names() + Encode({})).ok());
  const uint64_t before = journal->bytes();
  const Status status = journal->Append(std::string(kMaxRecordBytes + 1, 'x'));
  CHECK(status.code() == StatusCode::kResourceExhausted);
  CHECK(status.message().find("collect more often") != std::string::npos);
  CHECK(ReadFile(dir.path("journal")).size() == before);
}

TEST_CASE("Journal: a file that cannot be opened, and one that is none, are told apart") {
  const TempDir dir;
  CHECK_FALSE(Journal::Open(dir.path("no/journal"), 0).ok());
  CHECK(RewriteJournal(dir.path("none"), 0).code() == StatusCode::kNotFound);
  Profile vocabulary;
  CHECK(JournalTail(dir.path("none")).Refresh(&vocabulary).code() == StatusCode::kNotFound);
  CHECK_FALSE(JournalTail(dir.path()).Refresh(&vocabulary).ok());
  const std::pair<std::string, std::string> files[] = {
      {"", ""},
      {"stackjour", ": its last record is not complete and was left out"},
      {std::string(9, '\0'), ": its last record is not complete and was left out"},
      {"stackjournal v2\n", ": damaged after byte 0; the windows stored behind it are missing"},
      {std::string("stackjournal v1\nx"), ": its last record is not complete and was left out"},
  };
  for (const auto& [bytes, problem] : files) {
    WriteFile(dir.path("journal"), bytes);
    JournalTail tail(dir.path("journal"));
    REQUIRE(tail.Refresh(&vocabulary).ok());
    CHECK(tail.problem() == (problem.empty() ? "" : dir.path("journal") + problem));
    CHECK(tail.log().records().empty());
  }
}

}  // namespace stacksampler::store
