// SPDX-License-Identifier: MIT
#include "store/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/errno_status.h"
#include "base/varint.h"
#include "store/checksum.h"

namespace stacksampler::store {
namespace {

constexpr std::string_view kMagic = "stackjournal v1\n";
constexpr size_t kHeaderBytes = 16;
constexpr int kFileMode = 0644;

// Seeded with the place in the file: bytes that moved are damage as well.
uint32_t HeaderCheck(std::string_view header, uint64_t at) {
  return static_cast<uint32_t>(Checksum(header.substr(0, kHeaderBytes - 4), at));
}

std::string Header(std::string_view payload, uint64_t at) {
  std::string header;
  PutFixed32(&header, static_cast<uint32_t>(payload.size()));
  PutFixed64(&header, Checksum(payload));
  header.append(4, '\0');
  const uint32_t check = HeaderCheck(header, at);
  header.resize(kHeaderBytes - 4);
  PutFixed32(&header, check);
  return header;
}

bool AllZero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

Result<std::string> ReadFrom(const UniqueFd& fd, const std::string& path, uint64_t from_byte) {
  struct stat info = {};
  if (fstat(fd.get(), &info) != 0) return ErrnoStatus(errno, "stat " + path);
  const auto size = static_cast<uint64_t>(info.st_size);
  std::string bytes(size > from_byte ? size - from_byte : 0, '\0');
  size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t n = pread(fd.get(), bytes.data() + got, bytes.size() - got,
                            static_cast<off_t>(from_byte + got));
    if (n < 0 && errno != EINTR) return ErrnoStatus(errno, "read " + path);
    if (n == 0) break;  // cut off meanwhile
    if (n > 0) got += static_cast<size_t>(n);
  }
  bytes.resize(got);
  return bytes;
}

// One record at the start of `bytes`, which lie at `at` in the file: its payload, or how it ends.
struct Step {
  JournalEnd end = JournalEnd::kClean;
  std::string_view payload;
};

Step ReadRecord(std::string_view bytes, uint64_t at) {
  if (bytes.size() < kHeaderBytes) return {JournalEnd::kTorn, {}};
  const std::string_view header = bytes.substr(0, kHeaderBytes);
  ByteReader reader(header);
  const uint32_t length = reader.Fixed32();
  const uint64_t payload_check = reader.Fixed64();
  if (reader.Fixed32() != HeaderCheck(header, at)) {
    // After a power cut a file may be longer than what reached the disk: zeros follow.
    return {AllZero(bytes) ? JournalEnd::kTorn : JournalEnd::kDamaged, {}};
  }
  if (length > bytes.size() - kHeaderBytes) return {JournalEnd::kTorn, {}};
  const std::string_view payload = bytes.substr(kHeaderBytes, length);
  if (Checksum(payload) != payload_check) return {JournalEnd::kDamaged, {}};
  return {JournalEnd::kClean, payload};
}

// The magic is written before the first record, so that a shorter file is one just made.
JournalEnd CheckMagic(std::string_view bytes) {
  const size_t size = std::min(bytes.size(), kMagic.size());
  if (bytes.substr(0, size) != kMagic.substr(0, size) && !AllZero(bytes)) {
    return JournalEnd::kDamaged;
  }
  return bytes.empty() || bytes.substr(0, size) == kMagic ? JournalEnd::kClean : JournalEnd::kTorn;
}

}  // namespace

Result<Journal> Journal::Open(const std::string& path, uint64_t good_bytes) {
  Journal journal;
  journal.path_ = path;
  journal.fd_ = UniqueFd(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kFileMode));
  if (!journal.is_open()) return ErrnoStatus(errno, "open " + path);
  journal.good_bytes_ = good_bytes;
  if (Status status = journal.CutOff(); !status.ok()) return status;
  if (good_bytes > 0) return journal;
  if (Status status = journal.WriteAll(kMagic); !status.ok()) {
    unlink(path.c_str());
    return status;
  }
  return journal;
}

Status Journal::Append(std::string_view payload) {
  if (payload.size() > kMaxRecordBytes) {
    return {StatusCode::kResourceExhausted,
            path_ + ": a record of " + std::to_string(payload.size()) +
                " bytes passes the limit of " + std::to_string(kMaxRecordBytes) +
                "; collect more often"};
  }
  if (has_tail_) {
    if (Status status = CutOff(); !status.ok()) return status;
  }
  std::string record = Header(payload, good_bytes_);
  record += payload;
  return WriteAll(record);
}

Status Journal::WriteAll(std::string_view bytes) {
  ssize_t written = 0;
  do {
    written = pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(good_bytes_));
  } while (written < 0 && errno == EINTR);
  if (written == static_cast<ssize_t>(bytes.size())) {
    good_bytes_ += bytes.size();
    return Status::Ok();
  }
  // A write that comes short has hit the end of the disk or a limit on the file's size.
  const int error = written < 0 ? errno : ENOSPC;
  has_tail_ = true;
  Status cut = CutOff();  // when even this fails, the next append tries again
  (void)cut;
  return ErrnoStatus(error, "write " + path_,
                     "what was stored before stays; free space on its file system");
}

Status Journal::CutOff() {
  if (ftruncate(fd_.get(), static_cast<off_t>(good_bytes_)) != 0) {
    return ErrnoStatus(errno, "truncate " + path_);
  }
  has_tail_ = false;
  return Status::Ok();
}

Status Journal::Sync() {
  if (fdatasync(fd_.get()) != 0) return ErrnoStatus(errno, "fdatasync " + path_);
  return Status::Ok();
}

Status RewriteJournal(const std::string& path, uint64_t bytes) {
  const UniqueFd fd(open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, "open " + path);
  const Result<std::string> content = ReadFrom(fd, path, 0);
  if (!content.ok()) return content.status();
  std::string_view rest = std::string_view(*content).substr(0, bytes);
  for (off_t at = 0; !rest.empty();) {
    const ssize_t written = pwrite(fd.get(), rest.data(), rest.size(), at);
    if (written < 0 && errno != EINTR) return ErrnoStatus(errno, "write " + path);
    if (written <= 0) continue;
    rest.remove_prefix(static_cast<size_t>(written));
    at += written;
  }
  if (fdatasync(fd.get()) != 0) return ErrnoStatus(errno, "fdatasync " + path);
  return Status::Ok();
}

Result<JournalScan> ScanJournal(const UniqueFd& fd, const std::string& path, uint64_t from_byte,
                                const std::function<bool(std::string_view)>& apply) {
  const Result<std::string> bytes = ReadFrom(fd, path, from_byte);
  if (!bytes.ok()) return bytes.status();
  std::string_view rest = *bytes;
  JournalScan scan{from_byte, JournalEnd::kClean};
  if (from_byte == 0) {
    scan.end = CheckMagic(rest);
    if (scan.end != JournalEnd::kClean || rest.empty()) return scan;
    scan.good_bytes = kMagic.size();
    rest.remove_prefix(kMagic.size());
  }
  while (!rest.empty()) {
    const Step step = ReadRecord(rest, scan.good_bytes);
    scan.end = step.end;
    if (step.end == JournalEnd::kClean && !apply(step.payload)) scan.end = JournalEnd::kDamaged;
    if (scan.end != JournalEnd::kClean) return scan;
    const size_t size = kHeaderBytes + step.payload.size();
    rest.remove_prefix(size);
    scan.good_bytes += size;
  }
  return scan;
}

}  // namespace stacksampler::store
