// SPDX-License-Identifier: MIT
//
// Purpose: stands in for the HTTP client: a target that includes this gets the answers to its
//   requests from its input. The linker takes these two functions in place of http/client.cc.
#ifndef STACKSAMPLER_TESTS_FUZZ_HTTP_ANSWERS_H_
#define STACKSAMPLER_TESTS_FUZZ_HTTP_ANSWERS_H_

#include "fuzz/fuzz.h"
#include "http/client.h"

namespace stacksampler::fuzz {

/// Defined by the target.
http::Fetched NextAnswer();

}  // namespace stacksampler::fuzz

namespace stacksampler::http {

Result<Fetched> Get(const std::string& /*host*/, uint16_t /*port*/, const std::string& path,
                    const FetchOptions& /*options*/) {
  fuzz::Promise(path.find_first_of(std::string_view(" \r\n\0", 4)) == std::string::npos,
                "no answer puts its bytes into a later request's line");
  return fuzz::NextAnswer();
}

Result<Fetched> Post(const std::string& /*host*/, uint16_t /*port*/, const std::string& /*path*/,
                     const std::string& /*body*/, const FetchOptions& /*options*/) {
  return fuzz::NextAnswer();
}

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_TESTS_FUZZ_HTTP_ANSWERS_H_
