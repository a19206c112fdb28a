// SPDX-License-Identifier: MIT
#include "sampler/readers.h"

#include "support/catch.h"

namespace stacksampler::sampling {
namespace {

using Weights = std::vector<int64_t>;

TEST_CASE("Readers: an unacknowledged window is offered again, with what came after") {
  Readers readers(10, 100);
  const ReaderId reader = readers.Open({}, 200);
  readers.Add(1, 0, 5);
  const OfferedWindow first = readers.Offer(reader, 300);
  CHECK(first.weights == Weights{5});
  CHECK(first.start_ns == 200);
  CHECK(first.end_ns == 300);
  readers.Add(1, 2, 7);
  const OfferedWindow second = readers.Offer(reader, 400);
  CHECK(second.id == first.id + 1);
  CHECK(second.weights == Weights{5, 0, 7});
  CHECK(second.start_ns == 200);
  readers.Add(1, 0, 1);
  CHECK(readers.Acknowledge(reader, second.id));
  const OfferedWindow third = readers.Offer(reader, 500);
  CHECK(third.weights == Weights{1, 0, 0});
  CHECK(third.start_ns == 400);
}

TEST_CASE("Readers: only the last window can be acknowledged, and once") {
  Readers readers(10, 0);
  const ReaderId reader = readers.Open({}, 0);
  CHECK_FALSE(readers.Acknowledge(reader, 0));
  readers.Add(1, 0, 1);
  const uint64_t first = readers.Offer(reader, 1).id;
  const uint64_t second = readers.Offer(reader, 2).id;
  CHECK_FALSE(readers.Acknowledge(reader, first));
  CHECK_FALSE(readers.Acknowledge(reader, second + 1));
  CHECK(readers.Offer(reader, 3).weights == Weights{1});
  CHECK(readers.Acknowledge(reader, second + 1));
  CHECK_FALSE(readers.Acknowledge(reader, second + 1));
  CHECK_FALSE(readers.Acknowledge(reader + 1, 1));
}

TEST_CASE("Readers: a reader sees all since the start only when it asks") {
  Readers readers(10, 50);
  readers.Add(1, 0, 3);
  ReaderOptions from_start;
  from_start.from_start = true;
  const ReaderId all = readers.Open(from_start, 100);
  const ReaderId later = readers.Open({}, 100);
  readers.Add(1, 0, 4);
  CHECK(readers.Offer(all, 200).weights == Weights{7});
  CHECK(readers.Offer(all, 200).start_ns == 50);
  CHECK(readers.Offer(later, 200).weights == Weights{4});
}

constexpr int64_t kBucketNs = 20'000'000;

// Begin of bucket, counter and weight of each moment.
std::vector<std::vector<int64_t>> TimesOf(const OfferedWindow& window) {
  std::vector<std::vector<int64_t>> times;
  for (const Moment& moment : window.moments) {
    times.push_back({moment.unix_ns / kBucketNs, moment.counter, moment.weight});
  }
  return times;
}

TEST_CASE("Readers: sample times of one bucket and stack are one, and weights stay as they are") {
  Readers readers(10, 0);
  const ReaderId reader = readers.Open({}, 0);
  const ReaderId plain = readers.Open({}, 0);
  REQUIRE(readers.KeepTimes(reader, kBucketNs));
  readers.AddMoment(1, {kBucketNs + 1, 0, 2});
  readers.AddMoment(1, {kBucketNs + 5, 1, 1});
  readers.AddMoment(1, {2 * kBucketNs - 1, 0, 3});
  readers.AddMoment(1, {2 * kBucketNs, 0, 4});
  const OfferedWindow window = readers.Offer(reader, 1);
  CHECK(TimesOf(window) == std::vector<std::vector<int64_t>>{{1, 0, 5}, {1, 1, 1}, {2, 0, 4}});
  CHECK(window.weights == Weights{9, 1});
  CHECK(readers.Offer(plain, 1).weights == Weights{9, 1});
  CHECK(readers.Offer(plain, 1).moments.empty());
}

TEST_CASE("Readers: sample times are offered until they are acknowledged, and never after") {
  Readers readers(10, 0);
  const ReaderId reader = readers.Open({}, 0);
  REQUIRE(readers.KeepTimes(reader, kBucketNs));
  readers.AddMoment(1, {1, 0, 1});
  const uint64_t first = readers.Offer(reader, 1).id;
  readers.AddMoment(1, {2, 0, 1});  // of the same bucket, and not of the window that was offered
  CHECK(TimesOf(readers.Offer(reader, 2)) ==
        std::vector<std::vector<int64_t>>{{0, 0, 1}, {0, 0, 1}});
  CHECK_FALSE(readers.Acknowledge(reader, first));
  const uint64_t second = readers.Offer(reader, 3).id;
  readers.AddMoment(1, {3, 0, 5});
  REQUIRE(readers.Acknowledge(reader, second));
  const OfferedWindow third = readers.Offer(reader, 4);
  CHECK(TimesOf(third) == std::vector<std::vector<int64_t>>{{0, 0, 5}});
  CHECK(third.weights == Weights{5});
}

TEST_CASE("Readers: sample times past their bound are counted, and keep their weight") {
  Readers readers(10, 0);
  const ReaderId reader = readers.Open({}, 0);
  const size_t without = readers.bytes();
  REQUIRE(readers.KeepTimes(reader, kBucketNs));
  uint64_t lost = 0;
  const auto count = static_cast<int64_t>(kMaxSampleTimes) + 100;
  for (int64_t i = 0; i < count; ++i) lost += readers.AddMoment(1, {i * kBucketNs, 0, 1});
  CHECK(lost == 100);
  CHECK(readers.bytes() - without <= (size_t{4} << 20) + 2048);
  CHECK(readers.Offer(reader, 1).weights == Weights{count});
}

TEST_CASE("Readers: another bucket begins anew, none ends it, and what is none is refused") {
  Readers readers(10, 0);
  const ReaderId reader = readers.Open({}, 0);
  ReaderOptions timeline;
  timeline.timeline = true;
  CHECK_FALSE(readers.KeepTimes(readers.Open(timeline, 0), kBucketNs));
  CHECK_FALSE(readers.KeepTimes(reader + 5, kBucketNs));
  CHECK_FALSE(readers.KeepTimes(reader, 999'999));
  CHECK_FALSE(readers.KeepTimes(reader, 1'000'000'001));
  REQUIRE(readers.KeepTimes(reader, kBucketNs));
  readers.AddMoment(1, {1, 0, 1});
  REQUIRE(readers.KeepTimes(reader, kBucketNs));
  CHECK(readers.Offer(reader, 1).moments.size() == 1);
  REQUIRE(readers.KeepTimes(reader, 2 * kBucketNs));
  CHECK(readers.Offer(reader, 2).moments.empty());
  readers.AddMoment(1, {1, 0, 1});
  REQUIRE(readers.KeepTimes(reader, 0));
  readers.AddMoment(1, {2, 0, 1});
  const OfferedWindow last = readers.Offer(reader, 3);
  CHECK(last.moments.empty());
  CHECK(last.weights == Weights{3});
}

TEST_CASE("Readers: a reader of one thread sees nothing of others") {
  Readers readers(10, 0);
  ReaderOptions options;
  options.timeline = true;
  options.only_thread = 7;
  const ReaderId reader = readers.Open(options, 0);
  readers.AddMoment(7, {10, 0, 1});
  readers.AddMoment(8, {11, 0, 2});
  readers.Add(0, 0, 4);
  const OfferedWindow window = readers.Offer(reader, 20);
  CHECK(window.weights == Weights{1});
  REQUIRE(window.moments.size() == 1);
  CHECK(window.moments[0].unix_ns == 10);
}

TEST_CASE("Readers: a full timeline keeps weights, and acknowledging makes room") {
  Readers readers(2, 0);
  ReaderOptions options;
  options.timeline = true;
  const ReaderId reader = readers.Open(options, 0);
  CHECK(readers.AddMoment(1, {1, 0, 1}) == 0);
  CHECK(readers.AddMoment(1, {2, 0, 1}) == 0);
  CHECK(readers.AddMoment(1, {3, 0, 1}) == 1);
  const OfferedWindow window = readers.Offer(reader, 4);
  CHECK(window.weights == Weights{3});
  CHECK(window.moments.size() == 2);
  CHECK(readers.Acknowledge(reader, window.id));
  CHECK(readers.AddMoment(1, {5, 0, 1}) == 0);
  CHECK(readers.Offer(reader, 6).moments.size() == 1);
}

TEST_CASE("Readers: a weight that is taken back makes an open window or later ones smaller") {
  Readers readers(2, 0);
  const ReaderId open = readers.Open({}, 0);
  const ReaderId acknowledged = readers.Open({}, 0);
  readers.Add(1, 0, 5);
  CHECK(readers.Offer(open, 1).weights == Weights{5});
  CHECK(readers.Acknowledge(acknowledged, readers.Offer(acknowledged, 1).id));
  readers.Add(1, 0, -3);
  CHECK(readers.Offer(open, 2).weights == Weights{2});
  const OfferedWindow in_debt = readers.Offer(acknowledged, 2);
  CHECK(in_debt.weights == Weights{0});
  CHECK(readers.Acknowledge(acknowledged, in_debt.id));
  readers.Add(1, 0, 4);
  CHECK(readers.Offer(acknowledged, 3).weights == Weights{1});
}

TEST_CASE("Readers: a clock set back never makes a window end before it starts") {
  Readers readers(2, 0);
  const ReaderId reader = readers.Open({}, 1000);
  CHECK(readers.Offer(reader, 400).end_ns == 1000);
}

}  // namespace
}  // namespace stacksampler::sampling
