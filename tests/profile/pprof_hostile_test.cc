// SPDX-License-Identifier: MIT
#include <random>

#include "profile/example_profiles.h"
#include "profile/pprof_schema.h"
#include "profile/proto_wire.h"
#include "stacksampler/pprof.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

constexpr int kMutations = 2000;

std::string Mutated(std::string bytes, std::mt19937* random) {
  for (int edits = 1 + static_cast<int>((*random)() % 4); edits > 0; --edits) {
    const size_t at = (*random)() % bytes.size();
    switch ((*random)() % 4) {
      case 0:
        bytes[at] = static_cast<char>((*random)());
        break;
      case 1:
        bytes.insert(at, bytes.substr((*random)() % bytes.size(), (*random)() % 32));
        break;
      case 2:
        bytes.erase(at, (*random)() % 8);
        break;
      default:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << (*random)() % 8));
    }
    if (bytes.empty()) bytes = "x";
  }
  return bytes;
}

std::string Error(const std::string& bytes) {
  const Result<Profile> profile = DecodePprof(bytes);
  return profile.ok() ? "" : profile.status().message();
}

std::string ProfileOf(uint32_t field, const ProtoWriter& message) {
  ProtoWriter type;
  type.Uint(pprof::kType, 1);
  ProtoWriter out;
  out.Message(pprof::kSampleType, type);
  out.Message(field, message);
  out.Bytes(pprof::kStringTable, "");
  out.Bytes(pprof::kStringTable, "samples");
  return out.Take();
}

TEST_CASE("PprofReader: changed bytes give a valid profile or a reason, never a crash") {
  const std::string original = EncodePprof(tests::TimedProfile());
  std::mt19937 random(20240229);  // NOLINT(cert-msc51-cpp): the same mutations each time
  int refused = 0;
  for (int i = 0; i < kMutations; ++i) {
    const Result<Profile> profile = DecodePprof(Mutated(original, &random));
    if (profile.ok()) {
      CHECK(profile->Validate().ok());
      CHECK(DecodePprof(EncodePprof(*profile)).ok());
    } else {
      CHECK(profile.status().message().substr(0, 3) == "ppr");
      ++refused;
    }
  }
  CHECK(refused > kMutations / 4);
  CHECK(refused < kMutations);
}

TEST_CASE("PprofReader: a file cut off anywhere is refused or still valid") {
  const std::string original = EncodePprof(tests::TimedProfile());
  for (size_t size = 0; size < original.size(); ++size) {
    const Result<Profile> profile = DecodePprof(std::string_view(original).substr(0, size));
    CHECK((!profile.ok() || profile->Validate().ok()));
  }
}

TEST_CASE("PprofReader: errors say what is wrong and where") {
  CHECK(Error("") == "pprof: no string table that begins with the empty string before byte 0");
  CHECK(Error("\x0a\x7f") == "pprof: a malformed field before byte 2");

  ProtoWriter sample;
  sample.PackedUints(pprof::kSampleLocation, {77});
  sample.PackedUints(pprof::kSampleValue, {1});
  CHECK(Error(ProfileOf(pprof::kSample, sample)) ==
        "pprof: a sample of a location that is not there before byte 6");
  ProtoWriter values;
  values.PackedUints(pprof::kSampleValue, {1, 2});
  CHECK(Error(ProfileOf(pprof::kSample, values)) ==
        "pprof: a sample with more or fewer values than sample types before byte 6");
  ProtoWriter negative;
  negative.PackedUints(pprof::kSampleValue, {UINT64_MAX});
  CHECK(Error(ProfileOf(pprof::kSample, negative)) ==
        "pprof: a value that is negative or passes 2^63 in sum before byte 6");
  ProtoWriter function;
  function.Uint(pprof::kFunctionId, 1);
  function.Uint(pprof::kName, 9);
  CHECK(Error(ProfileOf(pprof::kFunction, function)) ==
        "pprof: a value that refers to nothing before byte 10");
}

// Counts and CPU time in `unit`, every string that the cases refer to, and what `rest` holds.
std::string WithCpu(std::string_view unit, const ProtoWriter& rest) {
  ProtoWriter samples;
  samples.Uint(pprof::kType, 1);
  ProtoWriter cpu;
  cpu.Uint(pprof::kType, 2);
  cpu.Uint(pprof::kUnit, 3);
  ProtoWriter out;
  out.Message(pprof::kSampleType, samples);
  out.Message(pprof::kSampleType, cpu);
  out.Message(pprof::kPeriodType, cpu);
  for (const auto text : {std::string_view(""), std::string_view("samples"), pprof::kCpuType, unit,
                          pprof::kMomentLabel}) {
    out.Bytes(pprof::kStringTable, text);
  }
  return out.Take() + rest.bytes();
}

std::string ErrorOf(std::string_view unit, const ProtoWriter& rest) {
  const std::string error = Error(WithCpu(unit, rest));
  return error.substr(0, error.rfind(" before byte"));
}

ProtoWriter Number(uint32_t field, int64_t number) {
  ProtoWriter out;
  out.Uint(field, static_cast<uint64_t>(number));
  return out;
}

ProtoWriter SamplesOf(std::initializer_list<std::pair<int64_t, int64_t>> values) {
  ProtoWriter out;
  for (const auto& [weight, cpu] : values) {
    ProtoWriter sample;
    sample.PackedUints(pprof::kSampleValue,
                       {static_cast<uint64_t>(weight), static_cast<uint64_t>(cpu)});
    out.Message(pprof::kSample, sample);
  }
  return out;
}

TEST_CASE("PprofReader: a period counts in its unit, and CPU time in its own") {
  const std::pair<const char*, int64_t> units[] = {
      {"nanoseconds", 1}, {"microseconds", 1000}, {"milliseconds", 1000000}, {"bytes", 0}};
  for (const auto& [unit, ns] : units) {
    CAPTURE(unit);
    ProtoWriter rest = SamplesOf({{2, 3}});
    rest.Uint(pprof::kPeriod, 4);
    const auto profile = DecodePprof(WithCpu(unit, rest));
    REQUIRE(profile.status().message() == "");
    CHECK(profile->period_ns == 4 * ns);
    CHECK(profile->TotalCpuNs() == 3 * ns);
  }
}

TEST_CASE("PprofReader: refuses times and periods that cannot be") {
  CHECK(ErrorOf("nanoseconds", Number(pprof::kDurationNanos, -1)) ==
        "pprof: a duration that cannot be");
  ProtoWriter late = Number(pprof::kTimeNanos, INT64_MAX);
  late.Uint(pprof::kDurationNanos, 1);
  CHECK(ErrorOf("nanoseconds", late) == "pprof: a duration that cannot be");
  CHECK(ErrorOf("nanoseconds", Number(pprof::kPeriod, -1)) == "pprof: a period that cannot be");
  CHECK(ErrorOf("milliseconds", Number(pprof::kPeriod, INT64_MAX)) ==
        "pprof: a period that cannot be");
  ProtoWriter untyped;
  untyped.Bytes(pprof::kStringTable, "");
  CHECK(Error(untyped.bytes()) == "pprof: no sample type before byte 2");
}

TEST_CASE("PprofReader: refuses values whose sums pass 2^63, and moments before the epoch") {
  const std::string refused = "pprof: a value that is negative or passes 2^63 in sum";
  CHECK(ErrorOf("nanoseconds", SamplesOf({{INT64_MAX, 0}, {1, 0}})) == refused);
  CHECK(ErrorOf("nanoseconds", SamplesOf({{0, INT64_MAX}, {0, 1}})) == refused);
  CHECK(ErrorOf("nanoseconds", SamplesOf({{1, -1}})) == refused);
  CHECK(ErrorOf("milliseconds", SamplesOf({{1, INT64_MAX}})) == refused);
  CHECK(ErrorOf("nanoseconds", SamplesOf({{INT64_MAX, INT64_MAX}})) == "");
  ProtoWriter label = Number(pprof::kLabelKey, 4);
  label.Uint(pprof::kLabelNum, UINT64_MAX);
  ProtoWriter sample;
  sample.PackedUints(pprof::kSampleValue, {1, 1});
  sample.Message(pprof::kSampleLabel, label);
  ProtoWriter before_epoch;
  before_epoch.Message(pprof::kSample, sample);
  CHECK(ErrorOf("nanoseconds", before_epoch) == "pprof: a value that refers to nothing");
}

TEST_CASE("PprofReader: a line that no 32 bits hold is unknown") {
  ProtoWriter function = Number(pprof::kFunctionId, 1);
  function.Uint(pprof::kName, 1);
  function.Uint(pprof::kStartLine, uint64_t{1} << 32);
  ProtoWriter line = Number(pprof::kLineFunction, 1);
  ProtoWriter location = Number(pprof::kLocationId, 1);
  location.Message(pprof::kLine, line);
  ProtoWriter rest;
  rest.Message(pprof::kFunction, function);
  rest.Message(pprof::kLocation, location);
  const auto profile = DecodePprof(WithCpu("nanoseconds", rest));
  REQUIRE(profile.status().message() == "");
  REQUIRE(profile->frames().size() == 1);
  CHECK(profile->frames()[0].line == 0);
}

TEST_CASE("PprofReader: few bytes cannot ask for endless frames") {
  ProtoWriter location;
  location.Uint(pprof::kLocationId, 1);
  for (int i = 0; i < 4096; ++i) location.Bytes(pprof::kLine, "");
  ProtoWriter sample;
  sample.PackedUints(pprof::kSampleLocation, std::vector<uint64_t>(4096, 1));
  sample.PackedUints(pprof::kSampleValue, {1});
  const std::string bytes =
      ProfileOf(pprof::kLocation, location) + ProfileOf(pprof::kSample, sample).substr(4);
  CHECK(Error(bytes) == "pprof: more than 4194304 distinct stacks");
}

TEST_CASE("PprofReader: few bytes cannot ask for endless labels") {
  ProtoWriter label;
  label.Uint(pprof::kLabelKey, 1);
  label.Uint(pprof::kLabelStr, 2);
  ProtoWriter sample;
  sample.PackedUints(pprof::kSampleValue, {1});
  for (int i = 0; i < 1000; ++i) sample.Message(pprof::kSampleLabel, label);
  ProtoWriter last;
  last.Bytes(pprof::kStringTable, std::string(size_t{1} << 20, 'x'));
  CHECK(Error(ProfileOf(pprof::kSample, sample) + last.bytes()) ==
        "pprof: more than 268435456 bytes of labels");
}

}  // namespace
}  // namespace stacksampler
