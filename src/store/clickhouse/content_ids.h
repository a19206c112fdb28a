// SPDX-License-Identifier: MIT
//
// Purpose: what frames, stacks and label sets are called across machines: a hash of their content.
// Shapes: 128 bits of XXH3: `id` stands in the samples, `second` beside the content, so that two
//   contents of one id are found out. A stack is hashed as (its parent, its frame). The empty
//   stack is 0.
// Thread safety: values.
// Errors: none.
#ifndef STACKSAMPLER_STORE_CLICKHOUSE_CONTENT_IDS_H_
#define STACKSAMPLER_STORE_CLICKHOUSE_CONTENT_IDS_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "stacksampler/profile.h"

namespace stacksampler::store {

struct ContentId {
  uint64_t id = 0;
  uint64_t second = 0;
};

ContentId HashContent(std::string_view bytes);
ContentId HashLabels(const Labels& labels);

/// The ids of all that a profile's dictionary holds.
class ContentIds {
 public:
  explicit ContentIds(const Profile& dictionary);

  [[nodiscard]] const ContentId& frame(FrameId id) const { return frames_[id]; }
  [[nodiscard]] const ContentId& stack(StackId id) const { return stacks_[id]; }
  [[nodiscard]] const ContentId& labels(LabelSetId id) const { return label_sets_[id]; }

 private:
  std::vector<ContentId> frames_;
  std::vector<ContentId> stacks_;
  std::vector<ContentId> label_sets_;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CLICKHOUSE_CONTENT_IDS_H_
