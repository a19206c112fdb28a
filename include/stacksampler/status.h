// SPDX-License-Identifier: MIT
//
// Purpose: the outcome of an operation that can fail: few codes, and a message that names the
//   object and the way out ("listen on 127.0.0.1:16384: address already in use; pass another port
//   or a range").
// Thread safety: values; as thread-safe as an int.
// Signal safety: none.
// Errors: this is them. The libraries throw nothing but std::bad_alloc.
#ifndef STACKSAMPLER_STATUS_H_
#define STACKSAMPLER_STATUS_H_

#include <cassert>
#include <optional>
#include <string>
#include <utility>

#include "stacksampler/export.h"

namespace stacksampler {

enum class StatusCode {
  kOk,
  kInvalidArgument,  // the caller's words are off; the same call never works
  kNotFound,         // the named thing does not exist
  kAlreadyExists,  // the named thing is taken: a port, a signal, a second sampler, a second writer
  kPermissionDenied,   // the system refused
  kUnavailable,        // may work later: connection refused, time-out
  kResourceExhausted,  // a named limit was reached: bytes, descriptors, disk
  kDataLoss,           // bytes that should be a profile or a store are damaged
  kUnsupported,        // a newer version, or a platform that cannot
  kInternal,           // anything else the system said
};

/// "invalid argument", "not found", ... for logs. Not async-signal-safe.
STACKSAMPLER_EXPORT const char* StatusCodeName(StatusCode code);

class [[nodiscard]] Status {
 public:
  Status() = default;  // ok
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  static Status Ok() { return {}; }

  [[nodiscard]] bool ok() const { return code_ == StatusCode::kOk; }
  [[nodiscard]] StatusCode code() const { return code_; }
  /// Empty when ok; else one line without a newline at its end.
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
};

/// A Status that has already been logged by the callee, so that a bare call statement is good
/// manners.
class ReportedStatus : public Status {
 public:
  using Status::Status;
  explicit ReportedStatus(Status status) : Status(std::move(status)) {}
};

/// Either a T or the Status that says why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Status status) : status_(std::move(status)) {
    assert(!status_.ok());
  }  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return value_.has_value(); }
  [[nodiscard]] const Status& status() const { return status_; }

  /// REQUIRES: ok().
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return *std::move(value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_STATUS_H_
