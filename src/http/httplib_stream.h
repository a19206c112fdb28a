// SPDX-License-Identifier: MIT
//
// Purpose: what server and client share of cpp-httplib's Stream: the parts that have no meaning for
//   a stream without a socket. Only for the two files that include httplib.h.
#ifndef STACKSAMPLER_HTTP_HTTPLIB_STREAM_H_
#define STACKSAMPLER_HTTP_HTTPLIB_STREAM_H_

#include <httplib.h>

#include <string>

namespace stacksampler::http {

class SocketlessStream : public httplib::Stream {
 public:
  using httplib::Stream::write;
  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  void get_remote_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }
};

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_HTTPLIB_STREAM_H_
