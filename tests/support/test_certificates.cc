// SPDX-License-Identifier: MIT
#include "support/test_certificates.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace stacksampler::tests {
namespace {

// `openssl ca` is the one form in which every version takes dates of the past.
constexpr char kConfiguration[] = R"([req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical,CA:TRUE
subjectKeyIdentifier = hash
[ca]
default_ca = test
[test]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
)";
constexpr char kNewKey[] = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ";

void Run(const std::string& folder, const std::string& arguments) {
  const std::string command = "cd " + folder + " && openssl " + arguments + " >>log 2>&1";
  if (std::system(command.c_str()) == 0) return;
  throw std::runtime_error("failed: " + command);
}

}  // namespace

TestCertificates& TestCertificates::Get() {
  static TestCertificates certificates;
  return certificates;
}

TestCertificates::TestCertificates() {
  std::ofstream(folder_ / "openssl.cnf") << kConfiguration;
  std::ofstream(folder_ / "index.txt").flush();
  MakeAuthority("ca");
  MakeAuthority("other");
  MakeCertificate("good", "DNS:localhost,IP:127.0.0.1,IP:::1", "-days 2");
  MakeCertificate("elsewhere", "DNS:web-1.example", "-days 2");
  MakeCertificate("expired", "DNS:localhost,IP:127.0.0.1",
                  "-startdate 20200101000000Z -enddate 20200201000000Z");
}

void TestCertificates::MakeAuthority(const std::string& name) const {
  Run(folder_.path(), "req -config openssl.cnf -x509 -extensions authority -days 2 -subj '/CN=" +
                          name + "' " + kNewKey + "-keyout " + name + ".key -out " + name + ".pem");
}

void TestCertificates::MakeCertificate(const std::string& name, const std::string& names,
                                       const std::string& dates) const {
  Run(folder_.path(), "req -config openssl.cnf -new -subj '/CN=" + name +
                          "' -addext 'subjectAltName=" + names + "' " + kNewKey + "-keyout " +
                          name + ".key -out " + name + ".csr");
  Run(folder_.path(), "ca -config openssl.cnf -batch -notext -cert ca.pem -keyfile ca.key -in " +
                          name + ".csr -out " + name + ".pem " + dates);
}

}  // namespace stacksampler::tests
