// SPDX-License-Identifier: MIT
// Every route of every server, asked by every method, under every name, from every page, with every
// token: what it answers follows from four rules.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "endpoint/routes.h"
#include "gauntlet/running_server.h"
#include "http/raw_socket.h"
#include "stacksampler/folded.h"
#include "store/store_support.h"
#include "support/catch.h"
#include "support/delivered_weight.h"
#include "support/token_file.h"
#include "visualizer/assets.h"
#include "visualizer/route_paths.h"

namespace stacksampler {
namespace {

constexpr char kToken[] = "correct-horse-battery-staple";
constexpr size_t kMostTold = 10;

/// A way to ask, and the status by which it alone is refused: 0 where it is not.
struct Way {
  std::string text;
  int refusal;
};

// What a request must carry at least, and what it is answered then.
struct Row {
  std::string target;
  int status = 200;
  bool is_closed_to_other_sites = false;
};

const std::vector<Row> kEndpointRows = {{"/"},
                                        {"/?reset=true", 200, true},
                                        {"/window?reader=matrix", 200, true},
                                        {"/stats"},
                                        {"/no-such-route", 404}};

const std::vector<Row> kVisualizerRows = {{"/data"},
                                          {"/api/v1/flame"},
                                          {"/api/v1/search?q=main"},
                                          {"/api/v1/top"},
                                          {"/api/v1/sandwich?fn=main"},
                                          {"/api/v1/timeline"},
                                          {"/api/v1/share?fn=main"},
                                          {"/api/v1/heat"},
                                          {"/api/v1/callgraph"},
                                          {"/api/v1/source?fn=main"},
                                          {"/api/v1/diff?base_shift=range"},
                                          {"/api/v1/export?format=folded"},
                                          {"/api/v1/labels"},
                                          {"/healthz"},
                                          {"/"},
                                          {"/index.html"},
                                          {"/assets/app.js"},
                                          {"/assets/style.css"},
                                          {"/api/v1/openapi.json"},
                                          {"/no-such-route", 404}};

const std::vector<Way> kMethods = {{"GET", 0},      {"HEAD", 405},    {"POST", 405},
                                   {"DELETE", 405}, {"OPTIONS", 405}, {"get", 405}};

const std::vector<Way> kHosts = {{"Host: 127.0.0.1:16384\r\n", 0},
                                 {"Host: [::1]\r\n", 0},
                                 {"Host: LocalHost\r\n", 0},
                                 {"Host: evil.example\r\n", 421},
                                 {"Host: localhost.evil.example\r\n", 421},
                                 {"Host: localhost\r\nHost: evil.example\r\n", 400},
                                 {"", 400}};

// The refusal is that of routes that are closed to other sites.
const std::vector<Way> kPages = {
    {"", 0},
    {"Sec-Fetch-Site: none\r\n", 0},
    {"Sec-Fetch-Site: same-origin\r\nOrigin: http://localhost\r\n", 0},
    {"Sec-Fetch-Site: same-site\r\n", 403},
    {"Sec-Fetch-Site: cross-site\r\nOrigin: https://evil.example\r\n", 403},
    {"Origin: http://evil.example\r\n", 403},
    {"Origin: null\r\n", 403},
    // To a plain port beyond loopback a browser says no more than this, whoever's page it shows.
    {"User-Agent: Mozilla/5.0 (X11)\r\nAccept: image/avif,image/webp,*/*;q=0.8\r\n", 403},
    {"User-Agent: Mozilla/5.0 (X11)\r\nAccept: text/html,*/*;q=0.8\r\n", 403},
    {"User-Agent: Other\r\nReferer: http://evil.example/\r\n", 403},
    {"User-Agent: curl/8.5.0\r\nAccept: */*\r\n", 0}};

const std::string kRight = std::string("Authorization: Bearer ") + kToken + "\r\n";
const std::string kWrong = "Authorization: Bearer correct-horse-battery-stable\r\n";

const std::vector<Way> kToOpenServers = {{"", 0}, {kWrong, 0}};
const std::vector<Way> kToGuardedServers = {{"", 401},
                                            {kWrong, 401},
                                            {kWrong + kRight, 401},
                                            {kRight, 0},
                                            {"Authorization: Basic OmNvcnJlY3QtaG9yc2UtYmF0dGVyeS1z"
                                             "dGFwbGU=\r\n",
                                             0}};

// The rules, in the order in which a server looks: the name it is asked under, who asks, by which
// method, and, where a route moves something, for which page.
int Expected(const Row& row, const Way& method, const Way& host, const Way& page,
             const Way& token) {
  for (const int refusal : {host.refusal, token.refusal, method.refusal}) {
    if (refusal != 0) return refusal;
  }
  return row.is_closed_to_other_sites && page.refusal != 0 ? page.refusal : row.status;
}

struct Question {
  std::string request;
  int status;
};

std::vector<Question> Matrix(const std::vector<Row>& rows, const std::vector<Way>& tokens) {
  std::vector<Question> matrix;
  for (const Row& row : rows) {
    for (const Way& method : kMethods) {
      for (const Way& host : kHosts) {
        for (const Way& page : kPages) {
          for (const Way& token : tokens) {
            matrix.push_back({method.text + ' ' + row.target + " HTTP/1.1\r\n" + host.text +
                                  page.text + token.text + "\r\n",
                              Expected(row, method, host, page, token)});
          }
        }
      }
    }
  }
  return matrix;
}

// Nothing tells a browser that another site may read this, and what is refused says nothing.
bool IsAsExpected(const Question& question, const std::string& answer) {
  const bool is_refused = question.status >= 400;
  return http::StatusOf(answer) == question.status &&
         answer.find("Access-Control-") == std::string::npos &&
         (!is_refused || answer.find(endpoint::kInstanceHeader) == std::string::npos);
}

void AskAll(uint16_t port, const std::vector<Question>& questions) {
  size_t surprises = 0;
  for (const Question& question : questions) {
    const std::string answer = http::Ask(port, question.request);
    if (IsAsExpected(question, answer)) continue;
    if (++surprises <= kMostTold) {
      UNSCOPED_INFO(question.request << "expected " << question.status << ", answered\n" << answer);
    }
  }
  CHECK(surprises == 0);
}

int64_t Weight(uint16_t port) {
  const std::string answer = http::Ask(port, http::GetRequest("/", kRight));
  REQUIRE(http::StatusOf(answer) == 200);
  return DeliveredWeight(DecodeFolded(http::BodyOf(answer)).profile);
}

std::vector<std::string> WithToken(std::vector<std::string> command, const std::string& option,
                                   const std::string& token_file) {
  if (token_file.empty()) return command;
  if (!option.empty()) command.push_back(option);
  command.push_back(token_file);
  return command;
}

// `token_file` "": they have none.
void CheckServers(const std::string& token_file, const std::vector<Way>& tokens) {
  const store::TempDir dir;
  const RunningServer endpoint(WithToken({STACKSAMPLER_GAUNTLET_SERVICE}, "", token_file));
  Program collector(
      WithToken({STACKSAMPLER_BIN_DIR "/collector", "--once", "--host", "127.0.0.1", "--ports",
                 std::to_string(endpoint.port), "--dbpath", dir.path("db")},
                "--token-file", token_file));
  REQUIRE(collector.Wait().status == 0);
  const RunningServer visualizer(
      WithToken({STACKSAMPLER_BIN_DIR "/visualizer", "--port", "0", "--dbpath", dir.path("db")},
                "--token-file", token_file));
  AskAll(visualizer.port, Matrix(kVisualizerRows, tokens));

  std::vector<Question> refused = Matrix(kEndpointRows, tokens);
  const auto passing =
      std::stable_partition(refused.begin(), refused.end(),
                            [](const Question& question) { return question.status >= 400; });
  const std::vector<Question> passed(passing, refused.end());
  refused.erase(passing, refused.end());
  const int64_t before = Weight(endpoint.port);
  CHECK(before >= 10);
  AskAll(endpoint.port, refused);
  CHECK(Weight(endpoint.port) == before);
  AskAll(endpoint.port, passed);
  CHECK(Weight(endpoint.port) == 0);  // the resets that may
}

std::set<std::string> Paths(const std::vector<Row>& rows) {
  std::set<std::string> paths;
  for (const Row& row : rows) {
    if (row.status != 404) paths.insert(row.target.substr(0, row.target.find('?')));
  }
  return paths;
}

}  // namespace

TEST_CASE("Who may ask: every route of the servers has its row") {
  const std::vector<std::string> endpoint = endpoint::Routes::Paths();
  CHECK(Paths(kEndpointRows) == std::set<std::string>(endpoint.begin(), endpoint.end()));
  std::set<std::string> visualizer = {"/"};
  for (const std::string& path : visualizer::RoutePaths()) visualizer.insert(path);
  for (size_t i = 0; i < visualizer::kEmbeddedFileCount; ++i) {
    visualizer.insert(visualizer::kEmbeddedFiles[i].path);
  }
  CHECK(Paths(kVisualizerRows) == visualizer);
}

TEST_CASE("Who may ask: every route by every method, name, page and token, where a token is set") {
  const TokenFile token(kToken);
  CheckServers(token.path(), kToGuardedServers);
}

TEST_CASE("Who may ask: every route by every method, name and page, where there is no token") {
  CheckServers("", kToOpenServers);
}

}  // namespace stacksampler
