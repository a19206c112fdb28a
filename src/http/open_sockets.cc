// SPDX-License-Identifier: MIT
#include "http/open_sockets.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace stacksampler::http {
namespace {

// 0 for what is no socket.
ino_t SocketInode(int fd) {
  struct stat info {};
  return fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode) ? info.st_ino : 0;
}

}  // namespace

OpenSockets::Entry* OpenSockets::Find(uint64_t connection) {
  const auto entry = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& candidate) {
    return candidate.connection == connection;
  });
  return entry == entries_.end() ? nullptr : &*entry;
}

void OpenSockets::Add(uint64_t connection, int fd) {
  Entry* const entry = Find(0);
  if (entry == nullptr) return;
  entry->inode = SocketInode(fd);
  entry->fd = fd;
  entry->connection = connection;
}

void OpenSockets::Remove(uint64_t connection) {
  if (Entry* const entry = Find(connection)) entry->connection = 0;
}

void OpenSockets::CloseCopies() const {
  for (const Entry& entry : entries_) {
    const ino_t inode = entry.inode;
    if (entry.connection != 0 && inode != 0 && SocketInode(entry.fd) == inode) close(entry.fd);
  }
}

}  // namespace stacksampler::http
