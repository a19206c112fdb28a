// SPDX-License-Identifier: MIT
#include "store/clickhouse/content_ids.h"

#include <xxhash.h>

#include <string>

#include "base/varint.h"

namespace stacksampler::store {
namespace {

ContentId HashFrame(const Profile& dictionary, const Frame& frame) {
  const Mapping& mapping = dictionary.mappings()[frame.mapping];
  std::string bytes;
  for (const StringId text :
       {frame.name, frame.mangled_name, mapping.module, mapping.build_id, frame.file}) {
    PutText(&bytes, dictionary.String(text));
  }
  PutVarint(&bytes, frame.line);
  PutVarint(&bytes, frame.inlined ? 1 : 0);
  return HashContent(bytes);
}

ContentId HashStack(const ContentId& parent, const ContentId& frame) {
  std::string bytes;
  for (const uint64_t word : {parent.id, parent.second, frame.id, frame.second}) {
    PutFixed64(&bytes, word);
  }
  return HashContent(bytes);
}

}  // namespace

ContentId HashContent(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

ContentId HashLabels(const Labels& labels) {
  std::string bytes;
  for (const auto& [key, value] : labels) {
    PutText(&bytes, key);
    PutText(&bytes, value);
  }
  return HashContent(bytes);
}

ContentIds::ContentIds(const Profile& dictionary) {
  frames_.reserve(dictionary.frames().size());
  for (const Frame& frame : dictionary.frames()) frames_.push_back(HashFrame(dictionary, frame));
  stacks_.reserve(dictionary.stacks().size());
  for (const StackNode& node : dictionary.stacks()) {
    stacks_.push_back(stacks_.empty() ? ContentId{}
                                      : HashStack(stacks_[node.parent], frames_[node.frame]));
  }
  for (const Labels& labels : dictionary.label_sets()) label_sets_.push_back(HashLabels(labels));
}

}  // namespace stacksampler::store
