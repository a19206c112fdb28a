// SPDX-License-Identifier: MIT
#include "store/clickhouse/selection.h"

#include <algorithm>

#include "base/varint.h"
#include "store/clickhouse/connection.h"

namespace stacksampler::store {
namespace {

// A label that is not there has place 0, and place 0 of an array is "".
std::string Holds(const LabelMatch& match) {
  return "label_values[indexOf(label_keys, " + SqlText(match.key) + ")] " +
         (match.negated ? "!= " : "= ") + SqlText(match.value);
}

// Of several matches that are not negated and have one key, one is enough.
std::string HoldsOneOf(const LabelMatch& match, const std::vector<LabelMatch>& matches) {
  if (match.negated) return Holds(match);
  std::string any;
  for (const LabelMatch& other : matches) {
    if (other.negated || other.key != match.key) continue;
    any += (any.empty() ? "(" : " OR ") + Holds(other);
  }
  return any + ")";
}

std::string AndSeries(const std::vector<LabelMatch>& matches) {
  if (matches.empty()) return "";
  std::string where;
  for (const LabelMatch& match : matches) {
    where += where.empty() ? " AND series IN (SELECT series FROM label_sets WHERE " : " AND ";
    where += HoldsOneOf(match, matches);
  }
  return where + ")";
}

std::string InRanges(const std::vector<Range>& ranges) {
  std::string where;
  for (const Range& range : ranges) {
    where += where.empty() ? "(" : " OR ";
    where += "(end_ns >= " + std::to_string(range.from_ns) +
             " AND end_ns <= " + std::to_string(range.until_ns) + ")";
  }
  return where + ")";
}

// Sums of the upper and the lower half of numbers below 2^63: together exact, where their sum would
// pass 2^63 and start over.
std::string Halves(const std::string& number) {
  return "toInt64(sum(bitShiftRight(" + number + ", 32))), toInt64(sum(bitAnd(" + number +
         ", toInt64(4294967295))))";
}

int64_t ReadInt(ByteReader* in) { return static_cast<int64_t>(in->Fixed64()); }

int64_t ReadHalves(ByteReader* in, bool* overflow) {
  const int64_t upper = ReadInt(in);
  const int64_t lower = ReadInt(in);
  int64_t sum = 0;
  *overflow |= __builtin_mul_overflow(upper, int64_t{1} << 32, &sum) ||
               __builtin_add_overflow(sum, lower, &sum);
  return sum;
}

}  // namespace

// LIMIT BY takes one of the rows that a repeated insert left, which are all the same.
std::string FromSamples(const std::string& columns, const std::vector<Range>& ranges,
                        const std::vector<LabelMatch>& matches) {
  return "(SELECT end_ns, series, window_key, " + columns + " FROM samples WHERE " +
         InRanges(ranges) + AndSeries(matches) + " LIMIT 1 BY end_ns, series, window_key)";
}

std::string FromTiles(const std::string& columns, const std::vector<Tile>& tiles, bool whole,
                      const std::vector<LabelMatch>& matches) {
  return "(SELECT tier, bucket, version, series, period_ns, " + columns +
         " FROM tiles WHERE (tier, bucket, version) IN (" + NamesOf(tiles) +
         ") AND whole = " + (whole ? "1" : "0") + AndSeries(matches) +
         " LIMIT 1 BY tier, bucket, version, series, period_ns)";
}

std::string SelectKeys(const std::vector<Range>& ranges) {
  return "SELECT toUInt64(count()), toUInt64(sum(key)), toUInt64(sum(cityHash64(key))) FROM "
         "(SELECT cityHash64(end_ns, series, window_key) AS key FROM samples WHERE " +
         InRanges(ranges) + " GROUP BY key)";
}

std::string SelectTotals(const Cover& cover, const std::vector<LabelMatch>& matches) {
  const std::string sums =
      ", toInt64(min(start_ns)), toInt64(max(end_ns)), "
      "toUInt64(countIf(weight > 0)), toInt64(minIf(period_ns, weight > 0)), "
      "toInt64(maxIf(period_ns, weight > 0)), " +
      Halves("weight") + ", " + Halves("(weight * period_ns)") + " FROM ";
  std::string samples = "SELECT toUInt64(uniqExact(window_key))" + sums +
                        FromSamples("start_ns, period_ns, weight", cover.rest, matches);
  if (cover.tiles.empty()) return samples;
  const bool whole = matches.empty();
  const std::string tiles =
      std::string("SELECT toUInt64(") + (whole ? "sum(windows)" : "uniqExactArray(window_keys)") +
      ")" + sums +
      FromTiles(std::string("start_ns, end_ns, weight, ") + (whole ? "windows" : "window_keys"),
                cover.tiles, whole, matches);
  return cover.rest.empty() ? tiles : samples + " UNION ALL " + tiles;
}

Result<Totals> ReadTotals(const std::string& rows) {
  Totals sum;
  for (ByteReader in(rows); in.remaining() > 0;) {
    Totals totals;
    totals.records = in.Fixed64();
    totals.start_ns = ReadInt(&in);
    totals.end_ns = ReadInt(&in);
    totals.weighted_rows = in.Fixed64();
    totals.least_period_ns = ReadInt(&in);
    totals.most_period_ns = ReadInt(&in);
    totals.weight = ReadHalves(&in, &totals.overflow);
    totals.cpu_ns = ReadHalves(&in, &totals.overflow);
    const bool is_sum = totals.overflow || (totals.weight >= 0 && totals.cpu_ns >= 0);
    const bool is_time = 0 <= totals.start_ns && totals.start_ns <= totals.end_ns;
    const bool is_period =
        0 <= totals.least_period_ns && totals.least_period_ns <= totals.most_period_ns;
    const bool good = in.ok() && is_sum && is_time && is_period;
    if (!good) return Status(StatusCode::kDataLoss, "the server's sums are no rows of ours");
    Add(totals, &sum);
  }
  return sum;
}

std::string SelectCells(const Cover& cover, const std::vector<LabelMatch>& matches,
                        bool by_series) {
  const std::string columns = "period_ns, stack_ids, weights";
  const bool whole = matches.empty() && !by_series;
  std::string from;
  if (!cover.rest.empty()) {
    from = "SELECT series, " + columns + " FROM " + FromSamples(columns, cover.rest, matches);
  }
  if (!cover.tiles.empty()) {
    from += (from.empty() ? "" : " UNION ALL ");
    from += "SELECT series, " + columns + " FROM " +
            FromTiles("stack_ids, weights", cover.tiles, whole, matches);
  }
  const std::string series = by_series ? "series, " : "";
  return "SELECT " + series + "stack, toInt64(sum(cell)), toInt64(sum(cell * period_ns)) FROM (" +
         from + ") ARRAY JOIN stack_ids AS stack, weights AS cell GROUP BY " + series +
         "stack ORDER BY " + series + "stack";
}

std::string SelectVolumes(const Cover& cover, const std::vector<LabelMatch>& matches,
                          int64_t step_ns, int64_t first) {
  std::string from;
  if (!cover.rest.empty()) {
    from = "SELECT series, end_ns, period_ns, weight FROM " +
           FromSamples("period_ns, weight", cover.rest, matches);
  }
  if (!cover.tiles.empty()) {
    from += (from.empty() ? "" : " UNION ALL ");
    from += "SELECT series, end_ns, period_ns, weight FROM " +
            FromTiles("end_ns, weight", cover.tiles, false, matches);
  }
  const std::string step = std::to_string(step_ns);
  // What ends at the very begin of the range counts with its first interval.
  return "SELECT series, toInt64(greatest(intDiv(end_ns, " + step + ") - toInt64(end_ns % " + step +
         " = 0) - (" + std::to_string(first) +
         "), 0)) AS place, toInt64(sum(weight)), toInt64(sum(weight * period_ns)), "
         "toInt64(min(period_ns)) FROM (" +
         from + ") WHERE weight > 0 GROUP BY series, place";
}

void Add(const Totals& other, Totals* sum) {
  if (other.records == 0) return;
  const bool first = sum->records == 0;
  sum->start_ns = first ? other.start_ns : std::min(sum->start_ns, other.start_ns);
  sum->end_ns = first ? other.end_ns : std::max(sum->end_ns, other.end_ns);
  sum->records += other.records;
  if (other.weighted_rows > 0) {
    const bool only = sum->weighted_rows == 0;
    sum->least_period_ns =
        only ? other.least_period_ns : std::min(sum->least_period_ns, other.least_period_ns);
    sum->most_period_ns =
        only ? other.most_period_ns : std::max(sum->most_period_ns, other.most_period_ns);
    sum->weighted_rows += other.weighted_rows;
  }
  sum->overflow |= other.overflow ||
                   __builtin_add_overflow(sum->weight, other.weight, &sum->weight) ||
                   __builtin_add_overflow(sum->cpu_ns, other.cpu_ns, &sum->cpu_ns);
}

}  // namespace stacksampler::store
