// SPDX-License-Identifier: MIT
//
// Segments whose checksums are good and whose bytes are not: each question that needs the forged
// block says which it is, and a check names it.
#include <unistd.h>

#include <algorithm>

#include "store/forged_segment.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

struct Forgery {
  const char* what;
  std::string key;
  std::string payload;
  Question question;
};

std::string ManyOf(uint64_t count) {
  std::string out;
  PutVarint(&out, count);
  return out;
}

std::vector<Forgery> Forgeries() {
  const std::string rows = ForgedBlocks::Rows();
  const std::string times = ForgedBlocks::Times();
  const std::string one = EncodeCells({{1, 7}});
  const std::string time_cells = EncodeTimeCells({{1, 5, 3}});
  std::string text;
  PutText(&text, one);
  return {
      {"a dictionary that is cut off", "dict", ManyOf(100), Question::kAll},
      {"a dictionary with a byte behind it", "dict", std::string(6, '\0'), Question::kAll},
      {"more targets than bytes", "ordered", ManyOf(100), Question::kAll},
      {"a total of an unknown stack", "total", ForgedBlocks::Total(10, EncodeCells({{2, 7}})),
       Question::kAll},
      {"more periods than bytes", "total", ManyOf(100), Question::kAll},
      {"a byte behind the total", "total", ForgedBlocks::Total(10, one) + "x", Question::kAll},
      {"no total", "total", ForgedSegment::kLeftOut, Question::kAll},
      {"a target's total that is cut off", "total/0", ManyOf(9), Question::kFirst},
      {"a target's total of an unknown stack", "total/0", "\4\1\1\2\7", Question::kFirst},
      {"a byte behind a target's total", "total/0", text + "x", Question::kFirst},
      {"no total of a target", "total/0", ForgedSegment::kLeftOut, Question::kFirst},
      {"a row of an unknown series", rows, ForgedBlocks::Row(kEndNs, 1, one), Question::kFirst},
      {"a row of an unknown stack", rows, ForgedBlocks::Row(kEndNs, 0, EncodeCells({{1, 3}})),
       Question::kFirst},
      {"a row that is cut off", rows, ManyOf(5), Question::kVolumes},
      {"a row without an end in its slice", rows, ManyOf(uint64_t{kSliceNs}), Question::kSeries},
      {"no rows", rows, ForgedSegment::kLeftOut, Question::kFirst},
      {"times with short buckets", times, ForgedBlocks::TimesRow(0, 999'999, time_cells),
       Question::kTimes},
      {"times with long buckets", times, ForgedBlocks::TimesRow(0, kSecond + 1, time_cells),
       Question::kTimes},
      {"times of an unknown stack", times,
       ForgedBlocks::TimesRow(0, ForgedBlocks::kBucketNs, EncodeTimeCells({{2, 5, 3}})),
       Question::kTimes},
      {"no times", times, ForgedSegment::kLeftOut, Question::kTimes},
      {"windows that are cut off", "refs", ManyOf(100), Question::kRefs},
      {"no windows", "refs", ForgedSegment::kLeftOut, Question::kRefs},
  };
}

bool NamesBoth(const std::string& line, const ForgedSegment& file, const std::string& key) {
  return line.find(file.path()) != std::string::npos && line.find(key) != std::string::npos;
}
bool Names(const Status& status, const ForgedSegment& file, const std::string& key) {
  return status.code() == StatusCode::kDataLoss && NamesBoth(status.message(), file, key);
}
bool NamesAny(const std::vector<std::string>& lines, const ForgedSegment& file,
              const std::string& key) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return NamesBoth(line, file, key); });
}

}  // namespace

TEST_CASE("Segment: the blocks that the tests forge answer every question") {
  const ForgedSegment file((ForgedBlocks()));
  CHECK(file.Problems().empty());
  int64_t weight = 0;
  CHECK(file.Ask(Question::kAll, &weight).ok());
  CHECK(weight == 7);
  CHECK(file.Ask(Question::kFirst, &weight).ok());
  CHECK(weight == 3);
  for (const auto question : {Question::kTimes, Question::kVolumes, Question::kSeries}) {
    CHECK(file.Ask(question).ok());
  }
}

TEST_CASE("Segment: a block whose checksum is good and that makes no sense is named") {
  for (const Forgery& forgery : Forgeries()) {
    ForgedBlocks blocks;
    blocks.payloads[forgery.key] = forgery.payload;
    const ForgedSegment file(blocks);
    const Status status = file.Ask(forgery.question);
    INFO(forgery.what << ": " << status.message());
    // The windows are decoded by who asked for them.
    const bool is_read = forgery.key != "refs" || forgery.payload == ForgedSegment::kLeftOut;
    CHECK((!is_read || Names(status, file, forgery.key)));
    CHECK(NamesAny(file.Problems(), file, forgery.key));
  }
}

TEST_CASE("Segment: a table of targets that contradicts itself is named by whoever asks") {
  const auto with = [](const auto& change) {
    ForgedBlocks blocks;
    change(&blocks.targets[0]);
    return blocks;
  };
  const ForgedBlocks forged[] = {
      with([](Target* target) { target->labels = 2; }),
      with([](Target* target) { target->records = uint64_t{1} << 32; }),
      with([](Target* target) { target->slices = {kLastSlice + 1}; }),
      with([](Target* target) { target->series[0].labels = 2; }),
      with([](Target* target) { target->series[0].start_ns = kEndNs + 1; }),
      with([](Target* target) { target->series[0].last_end_ns = kEndNs - 1; }),
      with([](Target* target) { target->series[0].last_end_ns = kMaxTimeNs + 1; }),
      with([](Target* target) { target->series[0].records = ""; }),
      with([](Target* target) { target->timed_slices = {kSlice + 1}; }),
      with([](Target* target) { target->longest_timed_ns = kMaxTimeNs; }),
  };
  for (const ForgedBlocks& blocks : forged) {
    const ForgedSegment file(blocks);
    CHECK(Names(file.Ask(Question::kAll), file, "ordered"));
    CHECK(Mentions(file.Problems(), file.path() + ": ordered is not understood"));
  }
}

TEST_CASE("Segment: a head that is not one is refused before anything else is read") {
  const auto with = [](const auto& change) {
    ForgedBlocks blocks;
    change(&blocks.meta);
    return blocks;
  };
  const ForgedBlocks forged[] = {
      with([](SegmentMeta* meta) { meta->start_ns = -1; }),
      with([](SegmentMeta* meta) { meta->first_end_ns = kNoon - 1; }),
      with([](SegmentMeta* meta) { meta->last_end_ns = kEndNs - 1; }),
      with([](SegmentMeta* meta) { meta->last_end_ns = kMaxTimeNs + 1; }),
      with([](SegmentMeta* meta) { meta->records = uint64_t{1} << 63; }),
      with([](SegmentMeta* meta) { meta->weight = -1; }),
      with([](SegmentMeta* meta) { meta->cpu_ns = -1; }),
  };
  for (const ForgedBlocks& blocks : forged) {
    const ForgedSegment file(blocks);
    CHECK(Names(file.Ask(Question::kAll), file, "its meta text is not understood"));
    CHECK(Mentions(file.Problems(), "its meta text is not understood"));
  }
}

TEST_CASE("Segment: a head's text is taken as it was written, and as nothing else") {
  const std::string good =
      "version 3 start_ns 1 first_end_ns 2 last_end_ns 3 records 1 weight 5 cpu_ns 6 ";
  REQUIRE(ParseMeta(WithCheck(good)).ok());
  for (size_t size = 0; size < good.size(); ++size) {
    INFO(good.substr(0, size));
    CHECK_FALSE(ParseMeta(WithCheck(good.substr(0, size))).ok());
  }
  for (const char* bad :
       {"version x", "version 3x", "version-3", "version 99999999999999999999 "}) {
    CHECK(ParseMeta(WithCheck(bad)).status().code() == StatusCode::kDataLoss);
  }
  CHECK(ParseMeta(good).status().message() == "its check does not fit");
  CHECK(ParseMeta("version 3").status().message() == "its check is missing");
  CHECK(ParseMeta("version 99 ").status().code() == StatusCode::kUnsupported);
}

TEST_CASE("Segment: a file that is gone since it was opened is not found, whatever is asked") {
  const ForgedSegment file((ForgedBlocks()));
  auto segment = Segment::Open(file.path());
  REQUIRE(segment.ok());
  REQUIRE(unlink(file.path().c_str()) == 0);
  Profile vocabulary;
  Query query;
  Merger merger(query, vocabulary);
  const SampleTimesQuery any_time = {0, INT64_MAX, {}, true};
  TimesSums times(any_time, vocabulary);
  const VolumeQuery hour = {kNoon, kNoon + kHour, {}, kHour};
  VolumeSums volumes(hour, vocabulary);
  std::set<LabelSetId> found;
  const Status all[] = {
      segment->Merge({&merger}, &vocabulary),
      segment->AddTimes(&times, &vocabulary),
      segment->AddVolumes(&volumes, &vocabulary),
      segment->CollectSeries({}, &vocabulary, &found),
      segment->Refs().status(),
      segment->Narrow({kEndNs + 1, INT64_MAX}, &vocabulary).status(),
      segment->Narrow({0, kEndNs + 1}, &vocabulary).status(),
      CheckSegment(file.path()).status(),
      CheckDay(file.path()).status(),
  };
  for (const Status& status : all) CHECK(status.code() == StatusCode::kNotFound);
}

}  // namespace stacksampler::store
