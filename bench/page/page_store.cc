// SPDX-License-Identifier: MIT
//
// A store that holds one window of a generated tree, and the first frame of it out of a visualizer
// that has just been started: what a question costs before anything is kept in memory.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "http/finish.h"
#include "store/profile_store.h"
#include "visualizer/random_tree.h"
#include "visualizer/routes.h"

namespace stacksampler {
namespace {

constexpr int64_t kEndNs = 1'795'326'000'000'000'000;  // 2026-11-22T05:40:00Z

int Fail(const Status& status) {
  std::fprintf(stderr, "page_store: %s\n", status.message().c_str());
  return 1;
}

int Write(size_t nodes, const std::string& dir) {
  const Profile profile = visualizer::RandomTree(nodes);
  auto writer = store::OpenWriter(dir, {});
  if (!writer.ok()) return Fail(writer.status());
  store::Record record;
  record.labels = {{"host", "bench"}, {"port", "16384"}};
  record.start_ns = kEndNs - 60'000'000'000;
  record.end_ns = kEndNs;
  record.profile = &profile;
  if (const auto added = (*writer)->Append(record); !added.ok()) return Fail(added.status());
  if (const Status status = (*writer)->Commit(); !status.ok()) return Fail(status);
  const Status sealed = (*writer)->Seal();
  return sealed.ok() ? 0 : Fail(sealed);
}

int Ask(const std::string& dir) {
  auto reader = store::OpenReader(dir);
  if (!reader.ok()) return Fail(reader.status());
  const http::Handler handler = visualizer::MakeHandler(reader->get(), [] { return kEndNs; });
  http::Response answer = handler({"GET", "/api/v1/flame", {}, {}, "127.0.0.1"});
  http::FinishResponse("gzip", &answer);
  std::printf("%d, %zu bytes\n", answer.status, answer.body.size());
  return answer.status == 200 ? 0 : 1;
}

}  // namespace
}  // namespace stacksampler

int main(int argc, char** argv) {
  if (argc == 3) return stacksampler::Write(std::strtoull(argv[1], nullptr, 10), argv[2]);
  if (argc == 2) return stacksampler::Ask(argv[1]);
  std::fprintf(stderr,
               "usage: page_store NODES DIR    writes the store DIR\n"
               "       page_store DIR          asks it\n");
  return 2;
}
