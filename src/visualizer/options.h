// SPDX-License-Identifier: MIT
//
// Purpose: the visualizer's command line.
// Thread safety: none.
// Signal safety: none.
// Errors: one line on stderr and exit code 2.
#ifndef STACKSAMPLER_VISUALIZER_OPTIONS_H_
#define STACKSAMPLER_VISUALIZER_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stacksampler::visualizer {

struct Options {
  std::string host = "127.0.0.1";
  uint16_t port = 9999;  // 0 for any free one
  std::string dbpath = "/var/lib/stackcollector/db";
  std::string store;  // "clickhouse://..." instead of the directory, "" for none
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> source_roots;  // as SourceFiles::Open() takes them
  std::string token_file;                 // "": anybody is answered
  std::string tls_cert_file;              // with the key: TLS alone; "": plain HTTP
  std::string tls_key_file;
};

/// Exit code when there is nothing left to do: help was shown (0) or the words are off (2).
std::optional<int> ParseOptions(int argc, const char* const* argv, Options* options);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_OPTIONS_H_
