// SPDX-License-Identifier: MIT
#include "visualizer/discreet_reader.h"

#include <cctype>

namespace stacksampler::visualizer {
namespace {

// "." and "db" are also the ends of other names.
bool IsPartOfPath(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '.' || c == '_' ||
         c == '-';
}

std::string WithoutSlashes(std::string folder) {
  while (!folder.empty() && folder.back() == '/') folder.pop_back();
  return folder;
}

}  // namespace

DiscreetReader::DiscreetReader(std::unique_ptr<store::StoreReader> reader, std::string folder)
    : reader_(std::move(reader)), folder_(WithoutSlashes(std::move(folder))) {}

std::string DiscreetReader::WithoutFolder(std::string text) const {
  if (folder_.empty()) return text;
  for (size_t at = text.find(folder_); at != std::string::npos; at = text.find(folder_, at)) {
    size_t end = at + folder_.size();
    const bool is_file = end < text.size() && text[end] == '/';
    const bool begins = at == 0 || !IsPartOfPath(text[at - 1]);
    while (end < text.size() && text[end] == '/') ++end;
    if (begins && is_file) {
      text.erase(at, end - at);
    } else if (begins && folder_.front() == '/' &&
               (end == text.size() || !IsPartOfPath(text[end]))) {
      text.replace(at, folder_.size(), "the store");
    } else {
      at = end;
    }
  }
  return text;
}

Status DiscreetReader::WithoutFolder(const Status& status) const {
  return {status.code(), WithoutFolder(status.message())};
}

template <typename T>
Result<T> DiscreetReader::WithoutFolder(Result<T> answer) const {
  if (!answer.ok()) return WithoutFolder(answer.status());
  for (std::string& warning : answer->warnings) warning = WithoutFolder(std::move(warning));
  return answer;
}

Result<std::string> DiscreetReader::Contents(int64_t from_ns, int64_t until_ns) {
  Result<std::string> contents = reader_->Contents(from_ns, until_ns);
  if (!contents.ok()) return WithoutFolder(contents.status());
  return contents;
}

Result<store::QueryResult> DiscreetReader::Merge(const store::Query& query) {
  return WithoutFolder(reader_->Merge(query));
}

Result<std::vector<store::QueryResult>> DiscreetReader::MergeParts(
    const std::vector<store::Query>& parts) {
  auto results = reader_->MergeParts(parts);
  if (!results.ok()) return WithoutFolder(results.status());
  for (store::QueryResult& result : *results) {
    for (std::string& warning : result.warnings) warning = WithoutFolder(std::move(warning));
  }
  return results;
}

Result<store::VolumeResult> DiscreetReader::Volumes(const store::VolumeQuery& query) {
  return WithoutFolder(reader_->Volumes(query));
}

Result<store::Extent> DiscreetReader::StoredExtent() {
  return WithoutFolder(reader_->StoredExtent());
}

Result<store::SeriesResult> DiscreetReader::Series(int64_t from_ns, int64_t until_ns) {
  return WithoutFolder(reader_->Series(from_ns, until_ns));
}

Result<store::SampleTimes> DiscreetReader::SampleTimesOf(const store::SampleTimesQuery& query) {
  return WithoutFolder(reader_->SampleTimesOf(query));
}

}  // namespace stacksampler::visualizer
