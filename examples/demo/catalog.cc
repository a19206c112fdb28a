// SPDX-License-Identifier: MIT
#include <sqlite3.h>

#include <stdexcept>

#include "demo/handlers.h"

namespace demo {
namespace {

constexpr char kSchema[] =
    "CREATE TABLE product(id INTEGER PRIMARY KEY, category TEXT, price INTEGER);"
    "CREATE TABLE sale(product INTEGER, day INTEGER, amount INTEGER);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
    " INSERT INTO product SELECT i, 'category-' || (i * 7 % 23), 100 + i * 37 % 900 FROM n;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)"
    " INSERT INTO sale SELECT 1 + i * 31 % 400, i % 365, 1 + i % 9 FROM n;";

constexpr char kBestSellers[] =
    "SELECT p.category, SUM(p.price * s.amount) AS revenue FROM sale s JOIN product p ON p.id = "
    "s.product"
    " WHERE s.day BETWEEN ?1 AND ?1 + 180 GROUP BY p.category ORDER BY revenue DESC LIMIT 10";

}  // namespace

void Catalog::Closer::operator()(sqlite3* db) const { sqlite3_close(db); }

Catalog::Catalog() {
  sqlite3* db = nullptr;
  const int opened = sqlite3_open(":memory:", &db);
  db_.reset(db);
  if (opened != SQLITE_OK || sqlite3_exec(db, kSchema, nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(std::string("sqlite: ") + sqlite3_errmsg(db));
  }
}

[[gnu::noinline]] int64_t Catalog::HandleQuery(uint32_t seed) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(db_.get(), kBestSellers, -1, &statement, nullptr);
  sqlite3_bind_int(statement, 1, static_cast<int>(seed % 180));
  int64_t revenue = 0;
  while (sqlite3_step(statement) == SQLITE_ROW) revenue += sqlite3_column_int64(statement, 1);
  sqlite3_finalize(statement);
  return revenue;
}

}  // namespace demo
