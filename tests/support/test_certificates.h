// SPDX-License-Identifier: MIT
//
// Purpose: an authority of a test's own and certificates by it, made by the openssl program when they
//   are first asked for: no key is ever stored. They go with the process.
// Thread safety: none.
#ifndef STACKSAMPLER_TESTS_SUPPORT_TEST_CERTIFICATES_H_
#define STACKSAMPLER_TESTS_SUPPORT_TEST_CERTIFICATES_H_

#include <string>

#include "support/temporary_folder.h"

namespace stacksampler::tests {

class TestCertificates {
 public:
  struct Files {
    std::string cert;
    std::string key;
  };

  static TestCertificates& Get();

  /// For localhost, 127.0.0.1 and ::1.
  [[nodiscard]] Files good() const { return FilesOf("good"); }
  /// For web-1.example alone.
  [[nodiscard]] Files elsewhere() const { return FilesOf("elsewhere"); }
  /// For localhost, until some years ago.
  [[nodiscard]] Files expired() const { return FilesOf("expired"); }
  /// The authority that signed them all, and one that signed none.
  [[nodiscard]] std::string ca() const { return folder_ / "ca.pem"; }
  [[nodiscard]] std::string other_ca() const { return folder_ / "other.pem"; }
  /// A file of this name, for what a test writes beside.
  [[nodiscard]] std::string file(const std::string& name) const { return folder_ / name; }

 private:
  TestCertificates();
  void MakeAuthority(const std::string& name) const;
  void MakeCertificate(const std::string& name, const std::string& names,
                       const std::string& dates) const;
  [[nodiscard]] Files FilesOf(const std::string& name) const {
    return {folder_ / (name + ".pem"), folder_ / (name + ".key")};
  }

  TemporaryFolder folder_;
};

}  // namespace stacksampler::tests

#endif  // STACKSAMPLER_TESTS_SUPPORT_TEST_CERTIFICATES_H_
