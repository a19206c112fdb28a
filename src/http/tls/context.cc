// SPDX-License-Identifier: MIT
#include "http/tls/context.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/errno_status.h"
#include "base/unique_fd.h"

namespace stacksampler::http {
namespace {

// Nobody is there to type one, least of all on the terminal of the process we are a guest of.
int NoPassword(char* /*to*/, int /*size*/, int /*is_writing*/, void* /*data*/) { return -1; }

}  // namespace

Result<Context> NewContext(const SSL_METHOD* method) {
  // Its clean-up at exit would pull the ground from under a server thread that still runs.
  OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, nullptr);
  ERR_clear_error();
  Context context(SSL_CTX_new(method));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    return Status(StatusCode::kResourceExhausted, "start TLS: " + TakeError());
  }
  SSL_CTX_set_options(context.get(),
                      SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(context.get(), NoPassword);
  return context;
}

std::string TakeError() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "no reason given" : reason;
}

Status CheckReadable(const std::string& what, const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info {};
  if (!fd.valid() || fstat(fd.get(), &info) != 0) {
    return ErrnoStatus(errno, "open the " + what + ' ' + path,
                       "name a file in PEM that this user may read");
  }
  if (S_ISREG(info.st_mode)) return Status::Ok();
  return {StatusCode::kInvalidArgument, what + ' ' + path + ": is no regular file"};
}

}  // namespace stacksampler::http
