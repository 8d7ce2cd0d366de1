#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <autobahn/websocket/static_files.hpp>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

namespace autobahn::websocket {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "static_files_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    base_ = pattern;
    write("root/index.html", "<h1>hi</h1>");
    write("root/a b.js", "x");
    write("root/sub/index.html", "sub");
    write("root/bare/file.bin", std::string("\0\1", 2));
    write("root/.hidden", "secret");
    write("root/big", std::string(101, 'b'));
    write("secret.txt", "secret");
    write("rootsibling/secret.txt", "secret");
    fs::create_symlink("../secret.txt", base_ / "root/leak");
    fs::create_symlink("..", base_ / "root/up");
    fs::create_symlink("index.html", base_ / "root/alias.html");
    fs::create_symlink("../rootsibling", base_ / "root/sibling");
    ASSERT_EQ(::mkfifo((base_ / "root/fifo").c_str(), 0600), 0);
  }
  void TearDown() override { fs::remove_all(base_); }

  void write(const std::string& name, const std::string& content) const {
    fs::create_directories((base_ / name).parent_path());
    std::ofstream(base_ / name, std::ios::binary) << content;
  }
  StaticFiles files(StaticFilesOptions options = {}) const {
    return StaticFiles(base_ / "root", std::move(options));
  }

  static http::Request get(std::string target, http::Headers headers = {}) {
    http::Request request;
    request.method = "GET";
    request.target = std::move(target);
    request.headers = std::move(headers);
    return request;
  }

  fs::path base_;
};

TEST_F(StaticFilesTest, ServesFiles) {
  const struct {
    std::string target, type, body;
  } cases[] = {
      {"/", "text/html; charset=utf-8", "<h1>hi</h1>"},
      {"/index.html?x=../y", "text/html; charset=utf-8", "<h1>hi</h1>"},
      {"/a%20b.js", "text/javascript; charset=utf-8", "x"},
      {"/sub/", "text/html; charset=utf-8", "sub"},
      {"//sub///index.html", "text/html; charset=utf-8", "sub"},
      {"/bare/file.bin", "application/octet-stream", std::string("\0\1", 2)},
      {"/alias.html", "text/html; charset=utf-8", "<h1>hi</h1>"},
  };
  for (const auto& c : cases) {
    const auto response = files().respond(get(c.target));
    ASSERT_TRUE(response) << c.target;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, c.body);
    EXPECT_EQ(response->headers.get("Content-Type"), c.type);
    EXPECT_EQ(response->headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_NO_THROW(http::serialize(*response));
  }
}

TEST_F(StaticFilesTest, GivesNothingThatIsNotItsOwn) {
  for (const std::string target :
       {"/none", "/../secret.txt", "/%2e%2e/secret.txt", "/sub/../../secret.txt", "/sub/..%2f..%2fsecret.txt",
        "/leak", "/up/secret.txt", "/sibling/secret.txt", "/.hidden", "/./index.html", "/bare/", "/bare",
        "/fifo", "/index.html/", "/..", "/up", "*", "secret.txt", "/..%5csecret.txt"}) {
    EXPECT_FALSE(files().respond(get(target))) << target;
  }
  http::Request post = get("/");
  post.method = "POST";
  EXPECT_FALSE(files().respond(post));
}

TEST_F(StaticFilesTest, MalformedPathsAndLargeFiles) {
  EXPECT_EQ(files().respond(get("/index.html%00.js"))->status, 400);
  EXPECT_EQ(files().respond(get("/%zz"))->status, 400);
  StaticFilesOptions options;
  options.maxFileSize = 100;
  EXPECT_EQ(files(options).respond(get("/big"))->status, 403);
  options.maxFileSize = 101;
  EXPECT_EQ(files(options).respond(get("/big"))->status, 200);
}

TEST_F(StaticFilesTest, HeadHasNoBody) {
  http::Request request = get("/");
  request.method = "HEAD";
  const auto response = files().respond(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "");
  EXPECT_EQ(response->headers.get("Content-Length"), "11");
}

TEST_F(StaticFilesTest, AnswersConditionalRequests) {
  StaticFilesOptions options;
  options.headers = {{"Cache-Control", "no-cache"}};
  const auto first = files(options).respond(get("/"));
  const std::string tag(first->headers.get("ETag"));
  const std::string modified(first->headers.get("Last-Modified"));
  const struct {
    http::Headers headers;
    int status;
  } cases[] = {
      {{{"If-None-Match", tag}}, 304},
      {{{"If-None-Match", "\"x\", W/" + tag}}, 304},
      {{{"If-None-Match", "*"}}, 304},
      {{{"If-None-Match", "\"x\""}}, 200},
      {{{"If-None-Match", "\"x\""}, {"If-Modified-Since", modified}}, 200},
      {{{"If-Modified-Since", modified}}, 304},
      {{{"If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"}}, 200},
  };
  for (const auto& c : cases) {
    const auto response = files(options).respond(get("/", c.headers));
    EXPECT_EQ(response->status, c.status);
    EXPECT_EQ(response->headers.get("ETag"), tag);
    EXPECT_EQ(response->headers.get("Cache-Control"), "no-cache");
    EXPECT_EQ(response->body.empty(), c.status == 304);
  }
  fs::last_write_time(base_ / "root/index.html", fs::file_time_type::clock::now() - std::chrono::hours(24));
  EXPECT_EQ(files().respond(get("/", {{"If-None-Match", tag}}))->status, 200);
}

TEST_F(StaticFilesTest, LastModifiedIsAnHttpDate) {
  const struct timespec times[2] = {{784111777, 0}, {784111777, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (base_ / "root/index.html").c_str(), times, 0), 0);
  EXPECT_EQ(files().respond(get("/"))->headers.get("Last-Modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_F(StaticFilesTest, FoldersAreRedirectedToTheirSlash) {
  const auto response = files().respond(get("/sub?x=1"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 301);
  EXPECT_EQ(response->headers.get("Location"), "./sub/?x=1");
  EXPECT_EQ(files().respond(get("//sub"))->headers.get("Location"), "./sub/") << "leads to no other host";
}

TEST_F(StaticFilesTest, Prefix) {
  StaticFilesOptions options;
  options.prefix = "/static";
  EXPECT_TRUE(files(options).respond(get("/static/index.html")));
  EXPECT_TRUE(files(options).respond(get("/static/")));
  EXPECT_FALSE(files(options).respond(get("/index.html")));
  EXPECT_FALSE(files(options).respond(get("/staticindex.html")));
  options.prefix = "x";
  EXPECT_THROW(files(options), std::invalid_argument);
}

TEST_F(StaticFilesTest, NeedsAFolder) {
  EXPECT_THROW(StaticFiles(base_ / "none"), std::invalid_argument);
  EXPECT_THROW(StaticFiles(base_ / "secret.txt"), std::invalid_argument);
}

TEST(ContentType, ByExtension) {
  EXPECT_EQ(contentType("a.HTML"), "text/html; charset=utf-8");
  EXPECT_EQ(contentType("a.png"), "image/png");
  EXPECT_EQ(contentType("a"), "application/octet-stream");
  EXPECT_EQ(contentType("a.html.exe"), "application/octet-stream");
}

}  // namespace
}  // namespace autobahn::websocket
