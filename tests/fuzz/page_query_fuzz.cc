// SPDX-License-Identifier: MIT
//
// The parameters of a URL as the visualizer reads them, each on a line of its own.
#include "fuzz/fuzz.h"
#include "visualizer/query.h"
#include "visualizer/stack_edit.h"

using namespace stacksampler;
using visualizer::BadRequest;

namespace {

constexpr int64_t kNow = 1'763'800'000'123'456'789;

http::Request RequestOf(std::string_view text) {
  http::Request request;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::string_view name = line.substr(0, line.find('='));
    request.params.emplace(name, line.substr(std::min(name.size() + 1, line.size())));
  }
  return request;
}

bool Good(const std::optional<BadRequest>& bad) {
  if (!bad) return true;
  fuzz::Promise(!bad->message.empty() && !bad->parameter.empty(), "a refusal says what and why");
  fuzz::Promise(!bad->position || *bad->position <= bad->value.size(), "and where in the value");
  return false;
}

template <typename Query>
std::optional<Query> Read(const http::Request& request) {
  Query query;
  return Good(visualizer::ReadQuery(request, kNow, &query)) ? std::optional(query) : std::nullopt;
}

void CheckTree(const http::Request& request) {
  const auto tree = Read<visualizer::TreeQuery>(request);
  if (!tree) return;
  fuzz::Promise(tree->range.from.ns <= tree->range.until.ns, "a range ends after it begins");
  fuzz::Promise(!tree->at || (tree->at->begin_ns >= 0 && tree->at->begin_ns < tree->at->end_ns),
                "a part of a second ends after it begins, from 1970 on");
  visualizer::StackEdit edit;
  fuzz::Promise(!visualizer::ParseEdit(tree->edit, &edit), "an edit that was taken is one");
}

void CheckBounds(const http::Request& request) {
  if (const auto flame = Read<visualizer::FlameQuery>(request)) {
    fuzz::Promise(flame->width >= visualizer::kLeastWidth && flame->width <= visualizer::kMostWidth,
                  "a width has its bounds");
  }
  if (const auto top = Read<visualizer::TopQuery>(request)) {
    fuzz::Promise(top->limit <= visualizer::kMostRows, "a table has its bound");
  }
  if (const auto lines = Read<visualizer::TimelineQuery>(request)) {
    fuzz::Promise(lines->intervals >= 1 && lines->intervals <= visualizer::kMostIntervals,
                  "intervals have their bounds");
  }
  if (const auto heat = Read<visualizer::HeatQuery>(request)) {
    fuzz::Promise(
        heat->columns >= visualizer::kLeastColumns && heat->columns <= visualizer::kMostColumns,
        "a heat map has its bounds");
  }
  if (const auto data = Read<visualizer::DataQuery>(request)) {
    fuzz::Promise(data->threshold >= 0 && data->threshold <= 1, "a threshold is a fraction");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const http::Request request = RequestOf(fuzz::AsText(data, size));
  CheckTree(request);
  CheckBounds(request);
  Read<visualizer::SandwichQuery>(request);
  Read<visualizer::ShareQuery>(request);
  Read<visualizer::CallGraphQuery>(request);
  Read<visualizer::SourceQuery>(request);
  Read<visualizer::ExportQuery>(request);
  Read<visualizer::DiffQuery>(request);
  return 0;
}
