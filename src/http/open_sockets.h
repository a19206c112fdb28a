// SPDX-License-Identifier: MIT
//
// Purpose: the server's open connections, in a shape that a forked child can read at whatever
//   instant the fork came: it has copies of them that it must let go.
// Thread safety: Add and Remove on one thread; CloseCopies in a forked child.
// Signal safety: CloseCopies is async-signal-safe.
//
// Invariant: an entry that is half written, or that outlives its connection, names no socket there
//   is: no two sockets share an inode. It costs a forgotten copy at the worst, and never closes
//   another's file.
#ifndef STACKSAMPLER_HTTP_OPEN_SOCKETS_H_
#define STACKSAMPLER_HTTP_OPEN_SOCKETS_H_

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stacksampler::http {

class OpenSockets {
 public:
  /// More than `most` at a time are forgotten.
  explicit OpenSockets(size_t most) : entries_(most) {}

  void Add(uint64_t connection, int fd);
  void Remove(uint64_t connection);
  void CloseCopies() const;

 private:
  struct Entry {
    std::atomic<uint64_t> connection{0};  // 0 = free
    std::atomic<int> fd{-1};
    std::atomic<ino_t> inode{0};
  };
  Entry* Find(uint64_t connection);

  std::vector<Entry> entries_;
};

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_OPEN_SOCKETS_H_
