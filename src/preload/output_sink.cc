// SPDX-License-Identifier: MIT
#include "preload/output_sink.h"

#include "base/stored_gzip.h"
#include "profile/whole_file.h"
#include "profile/window_log.h"
#include "stacksampler/cpuprofile.h"
#include "stacksampler/folded.h"
#include "stacksampler/pprof.h"

namespace stacksampler::preload {

Status OutputSink::Add(const Profile& window) {
  if (format_ == OutputFormat::kWindowLog) return AppendWindow(path_, window);
  profile_.Merge(window);
  return Status::Ok();
}

Status OutputSink::Finish() {
  return format_ == OutputFormat::kWindowLog ? AppendEnd(path_) : Write();
}

Status OutputSink::Write() {
  if (format_ == OutputFormat::kWindowLog) return Status::Ok();  // Add() has written it
  const std::string bytes = Encode();
  return WriteWholeFile(path_, gzip_ ? GzipStored(bytes) : bytes);
}

std::string OutputSink::Encode() const {
  switch (format_) {
    case OutputFormat::kFolded:
      return EncodeFolded(profile_);
    case OutputFormat::kPprof:
      return EncodePprof(profile_);
    case OutputFormat::kCpuProfile:
    case OutputFormat::kWindowLog:
      break;
  }
  return EncodeCpuProfile(profile_);
}

}  // namespace stacksampler::preload
