// SPDX-License-Identifier: MIT
#include "preload/output_sink.h"

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
  switch (format_) {
    case OutputFormat::kWindowLog:
      return Status::Ok();  // Add() has written it
    case OutputFormat::kFolded:
      return WriteWholeFile(path_, EncodeFolded(profile_));
    case OutputFormat::kPprof:
      return WriteWholeFile(path_, EncodePprof(profile_));
    case OutputFormat::kCpuProfile:
      break;
  }
  return WriteWholeFile(path_, EncodeCpuProfile(profile_));
}

}  // namespace stacksampler::preload
