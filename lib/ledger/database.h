#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/status.h"

struct sqlite3;
struct sqlite3_stmt;

namespace hone {

// A prepared SQLite statement. Values are bound from 1, columns read from 0, as SQLite counts.
// Threads: those of its database: one at a time.
class Statement {
 public:
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;

  Statement& Bind(int index, int64_t value);
  Statement& Bind(int index, double value);
  Statement& Bind(int index, std::string_view value);  // as a blob when it is not valid text does not matter: bytes come back as given
  // True when a row came, false at the end.
  absl::StatusOr<bool> Step();
  // Runs to the end and makes the statement ready for new values.
  absl::Status Run();
  void Reset();
  int64_t Integer(int column) const;
  double Real(int column) const;
  std::string Text(int column) const;
  bool IsNull(int column) const;

 private:
  friend class Database;
  Statement(sqlite3* database, sqlite3_stmt* statement, const std::string* path)
      : database_(database), statement_(statement), path_(path) {}
  sqlite3* database_;
  sqlite3_stmt* statement_;
  const std::string* path_;
};

// A SQLite database in WAL mode with full durability at each commit.
// Threads: one at a time (callers lock).
// Errors: DataLoss for a file that is damaged or no database, ResourceExhausted for a full disk, Unavailable when another process holds
//   the lock for longer than 10 s; each names the file.
class Database {
 public:
  // create: the file is made when missing; else NotFound.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path, bool create, bool read_only = false);
  ~Database();

  absl::StatusOr<Statement> Prepare(std::string_view sql);
  // One or more statements without values.
  absl::Status Execute(const std::string& sql);
  // Checks the pages of the whole file.
  absl::Status CheckIntegrity();
  const std::string& path() const { return path_; }

 private:
  Database(std::string path, sqlite3* database) : path_(std::move(path)), database_(database) {}
  const std::string path_;
  sqlite3* database_;
};

// BEGIN at construction, ROLLBACK at the end unless committed.
class Transaction {
 public:
  static absl::StatusOr<Transaction> Begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(other.database_) { other.database_ = nullptr; }
  ~Transaction();
  absl::Status Commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}
  Database* database_;
};

}  // namespace hone
