#include "lib/ledger/database.h"

#include <sqlite3.h>

#include "fmt/format.h"

namespace hone {
namespace {

absl::Status SqliteError(int code, sqlite3* database, const std::string& path) {
  const std::string message = fmt::format("{}: {}", path, database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code));
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(message +
                                 "; the run's database is damaged: restore it from a copy, or start a new run from its last checkpoint");
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(message + "; free some disk space and resume the run");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(message + "; another hone process is using this run");
    case SQLITE_CANTOPEN:
      return absl::NotFoundError(message);
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return absl::PermissionDeniedError(message + "; check the owner and mode of the file and its folder");
    default:
      return absl::InternalError(message);
  }
}

}  // namespace

Statement::~Statement() {
  sqlite3_finalize(statement_);
}
Statement::Statement(Statement&& other) noexcept : database_(other.database_), statement_(other.statement_), path_(other.path_) {
  other.statement_ = nullptr;
}
Statement& Statement::Bind(int index, int64_t value) {
  sqlite3_bind_int64(statement_, index, value);
  return *this;
}
Statement& Statement::Bind(int index, double value) {
  sqlite3_bind_double(statement_, index, value);
  return *this;
}
Statement& Statement::Bind(int index, std::string_view value) {
  sqlite3_bind_text(statement_, index, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
  return *this;
}
absl::StatusOr<bool> Statement::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return SqliteError(code, database_, *path_);
}
absl::Status Statement::Run() {
  for (;;) {
    HONE_ASSIGN_OR_RETURN(const bool row, Step());
    if (!row) break;
  }
  Reset();
  return absl::OkStatus();
}
void Statement::Reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}
int64_t Statement::Integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
double Statement::Real(int column) const {
  return sqlite3_column_double(statement_, column);
}
bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::string Statement::Text(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int bytes = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), bytes);
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path, bool create, bool read_only) {
  sqlite3* handle = nullptr;
  const int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Database> database(new Database(path, handle));
  if (code != SQLITE_OK) return SqliteError(code, handle, path);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 10000);
  if (!read_only) HONE_RETURN_IF_ERROR(database->Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"));
  // The first read finds out whether this is a database at all.
  HONE_RETURN_IF_ERROR(database->Execute("SELECT count(*) FROM sqlite_master;"));
  return database;
}

Database::~Database() {
  sqlite3_close_v2(database_);
}

absl::StatusOr<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) return SqliteError(code, database_, path_);
  return Statement(database_, statement, &path_);
}

absl::Status Database::Execute(const std::string& sql) {
  const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : SqliteError(code, database_, path_);
}

absl::Status Database::CheckIntegrity() {
  HONE_ASSIGN_OR_RETURN(Statement check, Prepare("PRAGMA quick_check(1)"));
  HONE_ASSIGN_OR_RETURN(const bool row, check.Step());
  if (row && check.Text(0) == "ok") return absl::OkStatus();
  return absl::DataLossError(fmt::format("{}: {}", path_, row ? check.Text(0) : "no answer from the integrity check"));
}

absl::StatusOr<Transaction> Transaction::Begin(Database& database) {
  HONE_RETURN_IF_ERROR(database.Execute("BEGIN IMMEDIATE"));
  return Transaction(&database);
}
Transaction::~Transaction() {
  if (database_ != nullptr) database_->Execute("ROLLBACK").IgnoreError();
}
absl::Status Transaction::Commit() {
  HONE_RETURN_IF_ERROR(database_->Execute("COMMIT"));
  database_ = nullptr;
  return absl::OkStatus();
}

}  // namespace hone
