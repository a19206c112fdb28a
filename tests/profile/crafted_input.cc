// SPDX-License-Identifier: MIT
//
// A file whose keys fall together in tables without a secret, and reading it, for linear_work.py:
//     crafted_input FAMILY COUNT   read it; callgrind counts crafted_input_read()
//     crafted_input hash           print a hash of this process
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include "profile/cpuprofile_reader.h"
#include "profile/crafted_keys.h"
#include "profile/pprof_schema.h"
#include "profile/proto_wire.h"
#include "stacksampler/keyed_hash.h"
#include "stacksampler/pprof.h"

namespace stacksampler {
namespace {

// Each of the numbers is the id of a mapping, a function and a location, whose sample has a name
// and a label of its own.
struct PprofMaker {
  void Add(uint64_t id, const std::string& name, const std::string& label) {
    const uint64_t name_at = String(name);
    ProtoWriter mapping;
    mapping.Uint(pprof::kMappingId, id);
    ProtoWriter function;
    function.Uint(pprof::kFunctionId, id);
    function.Uint(pprof::kName, name_at);
    ProtoWriter line;
    line.Uint(pprof::kLineFunction, id);
    ProtoWriter location;
    location.Uint(pprof::kLocationId, id);
    location.Uint(pprof::kLocationMapping, id);
    location.Message(pprof::kLine, line);
    ProtoWriter labelled;
    labelled.Uint(pprof::kLabelKey, 2);
    labelled.Uint(pprof::kLabelStr, String(label));
    ProtoWriter sample;
    sample.PackedUints(pprof::kSampleLocation, {id});
    sample.PackedUints(pprof::kSampleValue, {1});
    sample.Message(pprof::kSampleLabel, labelled);
    out.Message(pprof::kMapping, mapping);
    out.Message(pprof::kFunction, function);
    out.Message(pprof::kLocation, location);
    out.Message(pprof::kSample, sample);
  }
  uint64_t String(const std::string& text) {
    strings.Bytes(pprof::kStringTable, text);
    return string_count++;
  }
  std::string Take() {
    ProtoWriter type;
    type.Uint(pprof::kType, 1);
    out.Message(pprof::kSampleType, type);
    out.Append(strings);
    return out.Take();
  }

  PprofMaker() {
    for (const char* text : {"", "samples", "key"}) String(text);
  }
  ProtoWriter out;
  ProtoWriter strings;
  uint64_t string_count = 0;
};

std::string Names(size_t count) {
  PprofMaker maker;
  for (size_t i = 0; i < count; ++i) maker.Add(i + 1, tests::CollidingTexts().Text(i), "");
  return maker.Take();
}

// A profile keeps labels under "3:key16:value".
std::string LabelValues(size_t count) {
  PprofMaker maker;
  const tests::CollidingTexts texts("3:key16:");
  for (size_t i = 0; i < count; ++i) {
    maker.Add(i + 1, std::to_string(i), texts.Text(i).substr(8));
  }
  return maker.Take();
}

std::string PprofIds(size_t count) {
  PprofMaker maker;
  for (const uint64_t id : tests::CollidingNumbers(count)) maker.Add(id, std::to_string(id), "");
  return maker.Take();
}

std::string CpuProfileIds(size_t count) {
  std::string nodes;
  std::string children;
  for (const uint64_t id : tests::CollidingNumbers(count)) {
    const std::string text = std::to_string(id);
    nodes +=
        R"(,{"id":)" + text + R"(,"hitCount":1,"callFrame":{"functionName":"f)" + text + R"("}})";
    children += (children.empty() ? "" : ",") + text;
  }
  return R"({"startTime":0,"endTime":1,"nodes":[{"id":1,"callFrame":{},"children":[)" + children +
         "]}" + nodes + "]}";
}

struct Family {
  std::function<std::string(size_t)> make;
  Result<Profile> (*read)(std::string_view);
};

const std::map<std::string, Family> kFamilies = {
    {"names", {Names, DecodePprof}},
    {"labels", {LabelValues, DecodePprof}},
    {"pprof-ids", {PprofIds, DecodePprof}},
    {"cpuprofile-ids", {CpuProfileIds, DecodeCpuProfile}}};

}  // namespace
}  // namespace stacksampler

extern "C" [[gnu::noinline]] size_t crafted_input_read(const stacksampler::Family& family,
                                                       const std::string& bytes) {
  const auto profile = family.read(bytes);
  if (!profile.ok()) std::fprintf(stderr, "%s\n", profile.status().message().c_str());
  return profile.ok() ? profile->samples().size() : 0;
}

int main(int argc, char** argv) {
  using namespace stacksampler;
  if (argc == 2 && argv[1] == std::string("hash")) {
    std::printf("%zx\n", TextHasher()("main"));
    return EXIT_SUCCESS;
  }
  const auto family = kFamilies.find(argc == 3 ? argv[1] : "");
  if (family == kFamilies.end()) return EXIT_FAILURE;
  const size_t count = std::strtoul(argv[2], nullptr, 10);
  const std::string bytes = family->second.make(count);
  const size_t samples = crafted_input_read(family->second, bytes);
  std::printf("%zu samples\n", samples);
  return samples == count ? EXIT_SUCCESS : EXIT_FAILURE;
}
