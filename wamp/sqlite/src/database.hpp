// SQLite's C interface, as much as we need of it.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace autobahn::inline v0::wamp::sqlite {

/// What SQLite says went wrong.
class SqliteError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An open database. One thread at a time.
class Database {
 public:
  /// Opens or makes a file. Throws SqliteError.
  explicit Database(const std::string& file);

  /// Runs statements that give nothing.
  void execute(const std::string& sql);
  /// The one number that a statement gives.
  std::int64_t number(const std::string& sql);
  sqlite3* handle() const { return handle_.get(); }

 private:
  struct Closer {
    void operator()(sqlite3* handle) const;
  };
  std::unique_ptr<sqlite3, Closer> handle_;
};

/// A prepared statement; parameters count from 1, columns from 0. All but the destructor may throw
/// SqliteError. The database outlives it.
class Statement {
 public:
  Statement(const Database& database, std::string_view sql);

  Statement& bind(int parameter, std::int64_t value);
  /// The bytes must live until `reset` or `run`.
  Statement& bindText(int parameter, std::string_view text);
  /// Likewise; empty: NULL.
  Statement& bindBytes(int parameter, std::string_view bytes);
  /// The next row, if there is one.
  bool step();
  /// All there is to do, then `reset`.
  void run();
  /// Ready for other parameters.
  void reset();

  std::int64_t number(int column) const;
  /// Text or bytes, valid until the next step; NULL is empty.
  std::string_view bytes(int column) const;

 private:
  void check(int code) const;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

}  // namespace autobahn::inline v0::wamp::sqlite
