// What a test case is, and where all of them are.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/deflate.hpp"

namespace wstest {

class Exchange;

/// "6.4.1": compared number by number.
struct CaseId {
  std::vector<int> numbers;
  std::string text() const;
  int group() const { return numbers.empty() ? 0 : numbers.front(); }
  auto operator<=>(const CaseId&) const = default;  // NOLINT(modernize-use-nullptr): there is none
  bool operator==(const CaseId&) const = default;
};
/// Throws std::invalid_argument when `text` is no ID.
CaseId parseCaseId(std::string_view text);

/// Whom a case can test.
enum class Tests : std::uint8_t { both, servers, clients };
/// required: an RFC's MUST; recommended: a SHOULD or what keeps users safe; informational: good to know.
enum class Strictness : std::uint8_t { required, recommended, informational };
std::string_view name(Strictness strictness);

/// What the server of a client's case presents itself with.
enum class Presents : std::uint8_t { rightCertificate, otherHost, unknownAuthority, expired };

/// How much of a case is run: `full` is the classic amount, `quick` a part (1000 round trips become few).
enum class Profile : std::uint8_t { quick, full };

/// Which connection a case is given.
enum class Opening : std::uint8_t {
  done,    ///< the opening handshake is over, as any application would have it
  byCase,  ///< the case does it, byte by byte: TCP (and TLS) stands. A client's request has been read already
  tcp,     ///< only TCP stands, even for wss: the case does TLS as well (servers only)
};

struct Case {
  CaseId id;
  std::string description;
  std::string expectation;
  std::string section;  ///< "RFC 6455, 5.2"
  Strictness strictness = Strictness::required;
  Tests tests = Tests::both;
  Opening opening = Opening::done;
  bool needsTls = false;
  Presents presents = Presents::rightCertificate;
  bool isTimed = false;   ///< the report shows the duration
  bool isInQuick = true;  ///< run in the quick profile
  /// permessage-deflate, in order of preference: offered to servers, accepted from clients.
  std::vector<DeflateParameters> deflate{};
  std::function<void(Exchange&)> run;
};

/// "5", "Fragmentation"; "6.4", "Fail-fast on invalid UTF-8".
struct Group {
  CaseId id;
  std::string title;
};

/// Every case in order, made once.
const std::vector<Case>& allCases();
/// Groups and sub-groups in order.
const std::vector<Group>& allGroups();
const Case* findCase(const CaseId& id);

/// Resolves patterns as of Autobahn's specs ("*", "5.*", "6.4.1", "7.7.1*"), less those of `exclude`. Throws
/// std::invalid_argument naming the pattern that matches nothing.
std::vector<const Case*> selectCases(const std::vector<std::string>& patterns,
                                     const std::vector<std::string>& exclude, Tests tested);
/// Whether a pattern with * matches the whole of `text`.
bool matchesPattern(std::string_view pattern, std::string_view text);

/// Where a group adds its own: one function per file of cases/.
struct Catalog {
  std::vector<Case> cases{};
  std::vector<Group> groups{};
  void group(std::string_view id, std::string title);
  /// The reference is good for naming further properties, until the next call.
  Case& add(std::string_view id, std::string description, std::string expectation, std::string section,
            std::function<void(Exchange&)> run);
};

void addFraming(Catalog& catalog);             // 1
void addPings(Catalog& catalog);               // 2
void addReservedBits(Catalog& catalog);        // 3
void addOpcodes(Catalog& catalog);             // 4
void addFragmentation(Catalog& catalog);       // 5
void addUtf8(Catalog& catalog);                // 6
void addClosing(Catalog& catalog);             // 7
void addLimits(Catalog& catalog);              // 9
void addAutoFragmentation(Catalog& catalog);   // 10
void addCompression(Catalog& catalog);         // 12, 13
void addServerHandshake(Catalog& catalog);     // 14
void addClientHandshake(Catalog& catalog);     // 15
void addDeflateNegotiation(Catalog& catalog);  // 16
void addResources(Catalog& catalog);           // 17
void addMasking(Catalog& catalog);             // 17.6
void addTcpClosing(Catalog& catalog);          // 18
void addTls(Catalog& catalog);                 // 19

}  // namespace wstest
