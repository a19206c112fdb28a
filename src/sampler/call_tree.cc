// SPDX-License-Identifier: MIT
#include "sampler/call_tree.h"

namespace stacksampler::sampling {
namespace {

constexpr size_t kFirstBuckets = 1024;

uint64_t Hash(NodeId parent, const CodeAddress& address) {
  constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;
  uint64_t hash = (uint64_t{parent} << 32 | address.module) * kOdd;
  hash = (hash ^ hash >> 32 ^ address.offset) * kOdd;
  return hash ^ hash >> 32;
}

}  // namespace

CallTree::CallTree(size_t max_nodes)
    : max_nodes_(max_nodes), nodes_(1), buckets_(kFirstBuckets, kRoot) {}

NodeId CallTree::Child(NodeId parent, const CodeAddress& address) {
  size_t bucket = FindBucket(parent, address);
  if (buckets_[bucket] != kRoot) return buckets_[bucket];
  if (nodes_.size() > max_nodes_) return kNone;
  if (nodes_.size() * 2 > buckets_.size()) {
    Grow();
    bucket = FindBucket(parent, address);
  }
  const auto id = static_cast<NodeId>(nodes_.size());
  nodes_.push_back({address, parent});
  buckets_[bucket] = id;
  return id;
}

size_t CallTree::FindBucket(NodeId parent, const CodeAddress& address) const {
  const size_t mask = buckets_.size() - 1;
  size_t bucket = Hash(parent, address) & mask;
  while (buckets_[bucket] != kRoot) {
    const Node& node = nodes_[buckets_[bucket]];
    if (node.parent == parent && node.address == address) break;
    bucket = (bucket + 1) & mask;
  }
  return bucket;
}

void CallTree::Grow() {
  buckets_.assign(buckets_.size() * 2, kRoot);
  for (NodeId id = 1; id < nodes_.size(); ++id) {
    buckets_[FindBucket(nodes_[id].parent, nodes_[id].address)] = id;
  }
}

}  // namespace stacksampler::sampling
