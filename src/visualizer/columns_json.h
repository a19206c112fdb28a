// SPDX-License-Identifier: MIT
//
// Purpose: what the page's answers share as JSON: texts sent once and named by number, trees in
//   columns, the range that was meant.
// Units: values in the tree's unit; times as RFC 3339, and as nanoseconds in a string, because a
//   JavaScript number holds 53 bits.
// Thread safety: free functions, values.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_VISUALIZER_COLUMNS_JSON_H_
#define STACKSAMPLER_VISUALIZER_COLUMNS_JSON_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "profile/call_tree.h"
#include "store/profile_store.h"
#include "visualizer/query.h"

namespace stacksampler::visualizer {

/// A quarter of a pixel is the narrowest node sent.
inline constexpr int kNodesPerPixel = 4;
inline constexpr const char* kRootName = "all";

/// Those texts of a big dictionary that an answer needs, numbered in order of first use.
class UsedTexts {
 public:
  explicit UsedTexts(const std::vector<std::string>& all);
  uint32_t Use(uint32_t id);
  uint32_t Add(std::string_view text);
  [[nodiscard]] const std::vector<std::string_view>& used() const { return used_; }

 private:
  const std::vector<std::string>& all_;
  std::vector<uint32_t> place_;
  std::vector<std::string_view> used_;
};

template <typename Texts>
void WriteStrings(const char* key, const Texts& texts, JsonWriter* json) {
  json->Key(key).BeginArray();
  for (const auto& text : texts) json->String(text);
  json->EndArray();
}

template <typename Items, typename Value>
void WriteColumn(const char* key, const Items& items, Value value, JsonWriter* json) {
  json->Key(key).BeginArray();
  for (const auto& item : items) json->Int(value(item));
  json->EndArray();
}

/// "range": {"tz": ..., "from": ..., "until": ...}
void WriteRange(const Range& range, JsonWriter* json, const char* key = "range");
/// "stored": what the store holds.
void WriteExtent(const store::Extent& stored, JsonWriter* json);
/// "unit": "samples" or "microseconds"
void WriteUnit(TreeUnit unit, JsonWriter* json);
/// "root" and "root_complete": as much of `path` as was matched.
void WritePath(std::vector<std::string> path, size_t matched, JsonWriter* json);
/// The same of as much as the tree holds. The node it ends at.
uint32_t WriteRoot(const CallTree& tree, std::vector<std::string> path, JsonWriter* json);

/// Total of the narrowest node that is sent.
int64_t LeastTotal(int64_t root_total, int width);
/// "names", "modules" and "nodes": preorder columns. Node 0 is named kRootName where it is the
/// tree's. `more` writes further columns.
void WriteNodes(const TreeTexts& texts, const std::vector<CallNode>& nodes, bool is_whole_tree,
                JsonWriter* json, const std::function<void(JsonWriter*)>& more = {});

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_COLUMNS_JSON_H_
