// SPDX-License-Identifier: MIT
//
// Purpose: what the endpoint inside a sampled process answers:
//     /        folded stacks as the original prints them: ?reset=1  ?headers=0
//              ?by=thread|state  ?names=full  ?limit=STACKS; &confirm=INSTANCE resets for a browser
//              that does not tell which page asks
//     /window  the acknowledged window for collectors, as pprof: ?reader=NAME &ack=INSTANCE:ID
//              &turn=N &timeline=1 &sample_times=MS &close=1
//     /stats   the sampler's counters, see stats_text.h
// Thread safety: Answer() from any thread.
// Signal safety: not async-signal-safe.
#ifndef STACKSAMPLER_ENDPOINT_ROUTES_H_
#define STACKSAMPLER_ENDPOINT_ROUTES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "endpoint/readers.h"
#include "http/server.h"
#include "stacksampler/sampler.h"

namespace stacksampler::endpoint {

inline constexpr char kWindowPath[] = "/window";
inline constexpr char kInstanceHeader[] = "X-Stacksampler-Instance";
inline constexpr char kWindowHeader[] = "X-Stacksampler-Window";
/// The turn that is answered; of a late request the latest turn that was taken.
inline constexpr char kTurnHeader[] = "X-Stacksampler-Turn";
/// Of the text of "/", before its line "[omitted] N": what a person's tools still take.
inline constexpr size_t kMaxFoldedBytes = size_t{16} << 20;

class Routes {
 public:
  explicit Routes(std::shared_ptr<Sampler> sampler);

  http::Response Answer(const http::Request& request);
  /// All that is answered, for the test that asks each of them as strangers do.
  static std::vector<std::string> Paths();

 private:
  struct Route {
    const char* path;
    http::Response (Routes::*answer)(const http::Request& request);
  };
  static const Route kRoutes[];

  http::Response Folded(const http::Request& request);
  http::Response WindowOf(const http::Request& request);
  http::Response Stats(const http::Request& request);

  std::shared_ptr<Sampler> sampler_;
  Readers readers_;
  std::atomic<uint64_t> folded_weight_{0};   // in windows that were too long to send
  std::atomic<uint64_t> untimed_weight_{0};  // likewise, without its times
  // One text at a time: a text is large, and an acknowledgement is for the last window read.
  std::mutex plain_mutex_;
  ReaderId plain_reader_;  // the cursor of "/", which ?reset=true moves
};

}  // namespace stacksampler::endpoint

#endif  // STACKSAMPLER_ENDPOINT_ROUTES_H_
