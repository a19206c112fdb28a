// SPDX-License-Identifier: MIT
#include "base/errno_status.h"

#include <cerrno>
#include <system_error>

namespace stacksampler {
namespace {

StatusCode CodeOf(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return StatusCode::kNotFound;
    case EEXIST:
    case EADDRINUSE:
    case EBUSY:
      return StatusCode::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return StatusCode::kPermissionDenied;
    case EAGAIN:
    case EINTR:
    case ECONNREFUSED:
    case ECONNRESET:
    case ETIMEDOUT:
    case EHOSTUNREACH:
    case ENETUNREACH:
      return StatusCode::kUnavailable;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return StatusCode::kResourceExhausted;
    case EINVAL:
    case EISDIR:
    case ENAMETOOLONG:
      return StatusCode::kInvalidArgument;
    case ENOSYS:
    case EOPNOTSUPP:
      return StatusCode::kUnsupported;
    default:
      return StatusCode::kInternal;
  }
}

}  // namespace

Status ErrnoStatus(int error, const std::string& what, const std::string& hint) {
  // generic_category().message() is thread-safe where strerror() is not.
  std::string message = what + ": " + std::generic_category().message(error);
  if (!hint.empty()) message += "; " + hint;
  return {CodeOf(error), std::move(message)};
}

Status OutOfMemory() { return {StatusCode::kResourceExhausted, "out of memory"}; }

}  // namespace stacksampler
