// SPDX-License-Identifier: MIT
#include "sampler/symbolize/file_copy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "sampler/symbolize/same_file.h"

namespace stacksampler::symbolize {
namespace {

constexpr size_t kBlockBytes = size_t{64} << 10;

// Not to be held up by a FIFO that somebody left where a library was.
int OpenForReading(const std::string& path) {
  return open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

bool ReadFully(int fd, char* to, size_t size, uint64_t offset) {
  while (size > 0) {
    const ssize_t got = pread(fd, to, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    offset += static_cast<uint64_t>(got);
    size -= static_cast<size_t>(got);
  }
  return true;
}

size_t PageBytes() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

}  // namespace

std::unique_ptr<FileCopy> FileCopy::Open(const std::string& path) {
  const UniqueFd fd(OpenForReading(path));
  struct stat info {};
  if (!fd.valid() || fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_size <= 0) {
    return nullptr;
  }
  std::unique_ptr<FileCopy> copy(new FileCopy(path, info));
  return copy->image_ != nullptr ? std::move(copy) : nullptr;
}

// Read-only until something is loaded: such memory counts against no limit on what is committed.
FileCopy::FileCopy(std::string path, const struct stat& info)
    : path_(std::move(path)), info_(info) {
  const auto size = static_cast<size_t>(info.st_size);
  // A zero behind the last byte: a C string in a damaged file ends there at the latest.
  void* image =
      mmap(nullptr, size + 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (image == MAP_FAILED) return;
  madvise(image, size + 1, MADV_NOHUGEPAGE);  // a huge page would cost 2 MiB per small section
  image_ = static_cast<char*>(image);
  size_ = size;
}

FileCopy::~FileCopy() {
  if (image_ != nullptr) munmap(image_, size_ + 1);
}

UniqueFd FileCopy::OpenUnchanged() const {
  UniqueFd fd(OpenForReading(path_));
  struct stat now {};
  const bool same = fd.valid() && fstat(fd.get(), &now) == 0 && SameFile(now, info_);
  return same ? std::move(fd) : UniqueFd();
}

bool FileCopy::Load(uint64_t offset, uint64_t size) {
  if (offset > size_ || size > size_ - offset) return false;
  const auto known = loaded_.find(offset);
  if (size == 0 || (known != loaded_.end() && known->second >= size)) return true;
  if (size > kMaxCopiedBytes - std::min(loaded_bytes_, kMaxCopiedBytes)) return false;
  const UniqueFd fd = OpenUnchanged();
  const size_t in_page = offset % PageBytes();
  if (!fd.valid() ||
      mprotect(image_ + offset - in_page, size + in_page, PROT_READ | PROT_WRITE) != 0 ||
      !ReadFully(fd.get(), image_ + offset, size, offset)) {
    return false;
  }
  loaded_[offset] = size;
  loaded_bytes_ += size;
  return true;
}

// Pages that it shares with its neighbours stay.
void FileCopy::Drop(uint64_t offset, uint64_t size) {
  const auto known = loaded_.find(offset);
  if (known == loaded_.end() || known->second != size) return;
  loaded_.erase(known);
  loaded_bytes_ -= size;
  const size_t page = PageBytes();
  const uint64_t begin = (offset + page - 1) / page * page;
  const uint64_t end = (offset + size) / page * page;
  if (begin < end) madvise(image_ + begin, end - begin, MADV_DONTNEED);
}

bool FileCopy::ForEachBlock(const std::function<void(std::string_view)>& on_block) const {
  const UniqueFd fd = OpenUnchanged();
  if (!fd.valid()) return false;
  std::vector<char> block(kBlockBytes);
  for (uint64_t offset = 0; offset < size_;) {
    const size_t size = std::min<uint64_t>(block.size(), size_ - offset);
    if (!ReadFully(fd.get(), block.data(), size, offset)) return false;
    on_block({block.data(), size});
    offset += size;
  }
  return true;
}

}  // namespace stacksampler::symbolize
