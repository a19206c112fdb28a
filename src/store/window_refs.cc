// SPDX-License-Identifier: MIT
#include "store/window_refs.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace stacksampler::store {

bool WindowRefs::Stored(const Labels& target, const WindowRef& window) const {
  const auto it = targets_.find(target);
  if (it == targets_.end()) return false;
  const auto& instances = it->second.instances;
  return std::any_of(instances.begin(), instances.end(), [&](const WindowRef& last) {
    return last.instance == window.instance && window.id <= last.id;
  });
}

void WindowRefs::Remember(const Labels& target, const WindowRef& window, uint64_t segment_number) {
  if (window.instance.empty()) return;
  Target& entry = targets_[target];
  entry.segment_number = segment_number;
  auto& instances = entry.instances;
  const auto known = std::find_if(instances.begin(), instances.end(), [&](const WindowRef& last) {
    return last.instance == window.instance;
  });
  if (known != instances.end()) {
    instances.erase(known);
  } else if (instances.size() == kMaxInstances) {
    instances.erase(instances.begin());
  }
  instances.push_back(window);
}

std::vector<WindowRef> WindowRefs::Last(const Labels& target) const {
  const auto it = targets_.find(target);
  if (it == targets_.end()) return {};
  std::vector<WindowRef> last(it->second.instances.rbegin(), it->second.instances.rend());
  std::erase_if(last, [](const WindowRef& ref) {
    return ref.instance.compare(0, kImportInstance.size(), kImportInstance) == 0;
  });
  return last;
}

std::string WindowRefs::Encode(uint64_t segment_number) {
  for (auto it = targets_.begin(); it != targets_.end();) {
    const bool old = it->second.segment_number + kMaxSegments < segment_number;
    it = old ? targets_.erase(it) : std::next(it);
  }
  std::string out;
  PutVarint(&out, targets_.size());
  for (const auto& [labels, target] : targets_) {
    PutVarint(&out, labels.size());
    for (const auto& [key, value] : labels) {
      PutText(&out, key);
      PutText(&out, value);
    }
    PutVarint(&out, target.segment_number);
    PutVarint(&out, target.instances.size());
    for (const WindowRef& window : target.instances) {
      PutText(&out, window.instance);
      PutVarint(&out, window.id);
    }
  }
  return out;
}

void WindowRefs::Decode(ByteReader* in) {
  for (size_t left = in->Count(); left > 0 && in->ok(); --left) {
    Labels labels;
    for (size_t pairs = in->Count(); pairs > 0 && in->ok(); --pairs) {
      std::string key(in->Text());
      labels.emplace_back(std::move(key), in->Text());
    }
    const uint64_t segment_number = in->Varint();
    for (size_t instances = in->Count(); instances > 0 && in->ok(); --instances) {
      const std::string instance(in->Text());
      Remember(labels, {instance, in->Varint()}, segment_number);
    }
  }
  if (!in->done()) in->Fail();
}

}  // namespace stacksampler::store
