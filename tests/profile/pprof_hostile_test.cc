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
