// SPDX-License-Identifier: MIT
#include "stacksampler/pprof.h"

#include <sstream>

#include "profile/example_profiles.h"
#include "profile/pprof_schema.h"
#include "profile/pprof_within.h"
#include "profile/proto_wire.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

using tests::Describe;

size_t CountFields(const std::string& bytes, uint32_t field) {
  size_t count = 0;
  for (ProtoReader reader(bytes); reader.Next();) count += reader.field() == field;
  return count;
}

Profile Decoded(const std::string& bytes) {
  Result<Profile> profile = DecodePprof(bytes);
  REQUIRE(profile.status().message() == "");
  return *std::move(profile);
}

// A profile as other programs write it: addresses, unpacked numbers, tables behind the samples.
class ForeignFile {
 public:
  void Type(uint64_t type, uint64_t unit) {
    ProtoWriter message;
    message.Uint(pprof::kType, type);
    message.Uint(pprof::kUnit, unit);
    out_.Message(pprof::kSampleType, message);
  }
  void Sample(uint64_t location, const std::vector<uint64_t>& values,
              uint64_t numeric_label_key = 0) {
    ProtoWriter message;
    message.Uint(pprof::kSampleLocation, location);
    for (const uint64_t value : values) message.Uint(pprof::kSampleValue, value);
    ProtoWriter label;
    label.Uint(pprof::kLabelKey, numeric_label_key);
    label.Uint(pprof::kLabelNum, 4096);
    if (numeric_label_key != 0) message.Message(pprof::kSampleLabel, label);
    out_.Message(pprof::kSample, message);
  }
  void Location(uint64_t id, uint64_t mapping, uint64_t address) {
    ProtoWriter message;
    message.Uint(pprof::kLocationId, id);
    message.Uint(pprof::kAddress, address);
    message.Uint(pprof::kLocationMapping, mapping);
    out_.Message(pprof::kLocation, message);
  }
  void Mapping(uint64_t id, uint64_t start, uint64_t offset, uint64_t file) {
    ProtoWriter message;
    message.Uint(pprof::kMappingId, id);
    message.Uint(pprof::kMemoryStart, start);
    message.Uint(pprof::kFileOffset, offset);
    message.Uint(pprof::kMappingFile, file);
    out_.Message(pprof::kMapping, message);
  }
  void Strings(std::initializer_list<std::string_view> texts) {
    for (const auto text : texts) out_.Bytes(pprof::kStringTable, text);
  }
  [[nodiscard]] const std::string& bytes() const { return out_.bytes(); }

 private:
  ProtoWriter out_;
};

TEST_CASE("Pprof: everything the model says survives a round trip") {
  const Profile profile = tests::RichProfile();
  CHECK(Describe(Decoded(EncodePprof(profile))) == Describe(profile));
}

TEST_CASE("Pprof: moments survive in order, and are not counted twice") {
  const Profile profile = tests::TimedProfile();
  const Profile decoded = Decoded(EncodePprof(profile));
  CHECK(Describe(decoded) == Describe(profile));
  CHECK(decoded.timeline().size() == 4);
  CHECK(decoded.TotalWeight() == 22);
}

TEST_CASE("Pprof: encoding what was decoded gives the same bytes") {
  const std::string bytes = EncodePprof(Decoded(EncodePprof(tests::TimedProfile())));
  CHECK(EncodePprof(Decoded(bytes)) == bytes);
}

TEST_CASE("Pprof: a function and what is inlined into it share one location") {
  const std::string bytes = EncodePprof(tests::RichProfile());
  // main; serve; serve + parse; serve + parse + trim; the library's.
  CHECK(CountFields(bytes, pprof::kLocation) == 5);
  CHECK(CountFields(bytes, pprof::kFunction) == 5);
  CHECK(CountFields(bytes, pprof::kMapping) == 2);
}

TEST_CASE("Pprof: an empty profile is a valid file") {
  const Profile decoded = Decoded(EncodePprof(Profile()));
  CHECK(decoded.samples().empty());
  CHECK(decoded.period_ns == 0);
}

TEST_CASE("Pprof: the empty stack keeps its weight") {
  Profile profile;
  profile.AddSample(0, 0, 7, 0);
  const Profile decoded = Decoded(EncodePprof(profile));
  REQUIRE(decoded.samples().size() == 1);
  CHECK(decoded.samples()[0].stack == 0);
  CHECK(decoded.samples()[0].weight == 7);
}

TEST_CASE("PprofWriter: a name that is not UTF-8 is mended, since strict readers refuse the file") {
  Profile profile;
  profile.AddSample(tests::InternStack(&profile, {"bad \xff name"}), 0, 1, 0);
  CHECK(Decoded(EncodePprof(profile)).FrameName(0) == "bad \xef\xbf\xbd name");
}

TEST_CASE("PprofReader: takes unpacked numbers, tables at the end, frames without a name") {
  ForeignFile file;
  file.Sample(9, {2, 3}, 6);
  file.Location(9, 4, 0x401f3c);
  file.Location(8, 0, 0x10);
  file.Mapping(4, 0x400000, 0x1000, 5);
  file.Sample(8, {1, 1});
  file.Type(1, 2);
  file.Type(3, 4);
  file.Strings({"", "samples", "count", "cpu", "microseconds", "/lib/libfoo.so", "bytes"});
  const Profile profile = Decoded(file.bytes());
  REQUIRE(profile.samples().size() == 2);
  CHECK(profile.FrameName(profile.StackFrames(profile.samples()[0].stack)[0]) ==
        "[libfoo.so+0x2f3c]");
  CHECK(profile.FrameName(profile.StackFrames(profile.samples()[1].stack)[0]) == "[0x10]");
  CHECK(profile.samples()[0].weight == 2);
  CHECK(profile.samples()[0].cpu_ns == 3000);
  CHECK(profile.label_sets()[profile.samples()[0].labels] == Labels{{"bytes", "4096"}});
}

TEST_CASE("PprofReader: without a type named samples the first one counts") {
  ForeignFile file;
  file.Type(1, 2);
  file.Type(3, 2);
  file.Location(1, 0, 1);
  file.Sample(1, {5, 6});
  file.Strings({"", "alloc_objects", "count", "alloc_space"});
  CHECK(Decoded(file.bytes()).TotalWeight() == 5);
  CHECK(Decoded(file.bytes()).TotalCpuNs() == 0);
}

TEST_CASE("PprofReader: ids may come in any order, and none twice") {
  const std::vector<uint64_t> ids = {7, 1, 3, 2, 900, 4};
  ForeignFile file;
  file.Type(1, 2);
  for (const uint64_t id : ids) {
    file.Location(id, 0, id * 16);
    file.Sample(id, {id});
  }
  file.Strings({"", "alloc_objects", "count"});
  const Profile decoded = Decoded(file.bytes());
  REQUIRE(decoded.samples().size() == ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    const Sample& sample = decoded.samples()[i];
    CHECK(static_cast<uint64_t>(sample.weight) == ids[i]);
    std::ostringstream name;
    name << "[0x" << std::hex << ids[i] * 16 << "]";
    CHECK(decoded.FrameName(decoded.stacks()[sample.stack].frame) == name.str());
  }
  for (const uint64_t id : ids) {
    ForeignFile twice = file;
    twice.Location(id, 0, 1);
    CHECK(DecodePprof(twice.bytes()).status().message().find("taken") != std::string::npos);
  }
  for (const uint64_t id : {uint64_t{5}, uint64_t{8}, uint64_t{899}}) {
    ForeignFile missing = file;
    missing.Sample(id, {1});
    CHECK(DecodePprof(missing.bytes()).status().code() == StatusCode::kDataLoss);
  }
}

TEST_CASE("Pprof: what would pass a bound is given up on the way, what fits is whole") {
  Profile profile;
  for (int i = 0; i < 1000; ++i) {
    const FrameId frame = profile.InternFrame("function \xff " + std::to_string(i));
    profile.AddSample(profile.InternStack(0, frame), 0, i + 1, 0);
  }
  profile.AddTimedSample({5, 1, 0, 7, 0});
  const std::string bytes = EncodePprof(profile);
  const PprofWithin whole = EncodePprofWithin(profile, bytes.size());
  CHECK(whole.samples == 1001);
  CHECK(whole.samples_written == 1001);
  CHECK((whole.bytes == bytes));
  CHECK_FALSE(EncodePprofWithin(profile, bytes.size() - 1).bytes.has_value());
  const PprofWithin tenth = EncodePprofWithin(profile, bytes.size() / 10);
  CHECK_FALSE(tenth.bytes.has_value());
  CHECK(tenth.samples == 1001);
  CHECK(tenth.samples_written > 50);
  CHECK(tenth.samples_written < 150);
}

}  // namespace
}  // namespace stacksampler
