#include "client/options/option_table.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace xylem {
namespace {

struct Settings {
  std::string zone;
  std::vector<std::string> peers;
  std::uint64_t disk_bytes = 1'000'000'000;
  std::chrono::milliseconds window{100};
  bool quiet = false;
  std::string format = "human";
  std::string dns;
};

struct Fixture {
  Settings settings;
  OptionTable table{"xylem-test", "Tests the option table."};

  Fixture() {
    table.text("zone", &settings.zone, "ZONE", "DNS name of the zone").required();
    table.texts("peer", &settings.peers, "HOST", "another node");
    table.bytes("disk", &settings.disk_bytes, "never use more disk than this");
    table.group("Behaviour");
    table.duration("window", &settings.window, "collect this long");
    table.toggle("quiet", &settings.quiet, "print less");
    table.choice("log", &settings.format, {"human", "json"}, "form of the log");
    table.text("dns", &settings.dns, "HOST:PORT", "DNS server").environment("XYLEM_TEST_DNS");
  }

  Result<OptionTable::Outcome> parse(std::vector<const char*> words) {
    words.insert(words.begin(), "xylem-test");
    return table.parse(static_cast<int>(words.size()), words.data());
  }
};

std::string write_config(const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() / ("xylem-options-" + std::to_string(::getpid()) + ".toml");
  std::ofstream(path) << text;
  return path.string();
}

}  // namespace

TEST_CASE("the command line sets every kind of option") {
  Fixture f;
  REQUIRE(f.parse({"--zone", "a.example", "--peer", "x", "--peer=y", "--disk", "2GB", "--window", "1s", "--quiet",
                   "--log", "json"}));
  CHECK(f.settings.zone == "a.example");
  CHECK(f.settings.peers == std::vector<std::string>{"x", "y"});
  CHECK(f.settings.disk_bytes == 2'000'000'000);
  CHECK(f.settings.window == std::chrono::seconds(1));
  CHECK(f.settings.quiet);
  CHECK(f.settings.format == "json");
}

TEST_CASE("a mistyped option is named with the one that is meant") {
  Fixture f;
  auto outcome = f.parse({"--zone", "a.example", "--dsik", "2GB"});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::kUsage);
  CHECK(outcome.error().detail.find("did you mean --disk?") != std::string::npos);
}

TEST_CASE("a wrong value is named with its option and what would be right") {
  Fixture f;
  auto outcome = f.parse({"--zone", "a.example", "--disk", "lots"});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().detail.find("--disk: 'lots'") != std::string::npos);
  CHECK(outcome.error().detail.find("20GB") != std::string::npos);
}

TEST_CASE("a missing option is named") {
  Fixture f;
  auto outcome = f.parse({"--quiet"});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().detail.find("--zone is missing") != std::string::npos);
}

TEST_CASE("the command line wins over the file, the file over the environment") {
  const std::string path = write_config(
      "zone = \"file.example\"\ndisk = \"3GB\"\n[more]\npeer = [\"a\", \"b\"]\nquiet = true\ndns = \"f:53\"\n");
  ::setenv("XYLEM_TEST_DNS", "e:53", 1);
  Fixture f;
  REQUIRE(f.parse({"--config", path.c_str(), "--disk", "4GB"}));
  CHECK(f.settings.zone == "file.example");
  CHECK(f.settings.disk_bytes == 4'000'000'000);
  CHECK(f.settings.peers == std::vector<std::string>{"a", "b"});
  CHECK(f.settings.quiet);
  CHECK(f.settings.dns == "f:53");
  Fixture g;
  REQUIRE(g.parse({"--zone", "a.example"}));
  CHECK(g.settings.dns == "e:53");
  ::unsetenv("XYLEM_TEST_DNS");
  std::filesystem::remove(path);
}

TEST_CASE("a file's mistake is named with its line") {
  const auto error_of = [](const std::string& text) {
    const std::string path = write_config(text);
    Fixture f;
    auto outcome = f.parse({"--zone", "a.example", "--config", path.c_str()});
    std::filesystem::remove(path);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::kConfig);
    return outcome.error().detail;
  };
  CHECK(error_of("quiet = true\ndsik = 3\n").find(":2: 'dsik' is not an option; did you mean 'disk'?") !=
        std::string::npos);
  CHECK(error_of("\n\ndisk = \"lots\"\n").find(":3: disk: 'lots'") != std::string::npos);
  CHECK(error_of("disk = \n").find(":1:") != std::string::npos);
  CHECK(error_of("disk = [\"1GB\", \"2GB\"]\n").find(":1: 'disk' takes one value") != std::string::npos);
  CHECK(error_of("disk = 2011-12-08\n").find(":1: 'disk' must be") != std::string::npos);
}

TEST_CASE("the sample config is accepted when its lines are switched on") {
  Fixture f;
  std::string sample = f.table.sample_config();
  CHECK(sample.find("#disk = \"1.0 GB\"") != std::string::npos);
  std::string on;
  for (std::size_t at = 0; at < sample.size();) {
    const std::size_t end = sample.find('\n', at);
    std::string line = sample.substr(at, end - at);
    if (line.size() > 1 && line[0] == '#' && line[1] != ' ') line.erase(0, 1);
    on += line + '\n';
    at = end + 1;
  }
  const std::string path = write_config(on);
  Fixture g;
  auto outcome = g.parse({"--config", path.c_str()});
  std::filesystem::remove(path);
  INFO((outcome ? "" : outcome.error().detail));
  CHECK(outcome);
}

TEST_CASE("words by position may stand before, between and behind options") {
  for (const std::vector<const char*>& words : std::vector<std::vector<const char*>>{
           {"x", "a", "b", "--log", "json"}, {"x", "--log", "json", "a", "b"}, {"x", "a", "--log", "json", "b"}}) {
    std::vector<std::string> taken;
    std::string log;
    OptionTable table("x", "Takes words.");
    table.arguments("ZONE FEED", &taken, "what to read");
    table.text("log", &log, "FORM", "form of the log");
    REQUIRE(table.parse(static_cast<int>(words.size()), words.data()));
    CHECK(taken == std::vector<std::string>{"a", "b"});
    CHECK(log == "json");
  }
}

TEST_CASE("help names every option, its default and its group") {
  const std::string help = Fixture().table.help(false);
  for (const char* text :
       {"--zone ZONE", "(required)", "[1.0 GB]", "[100ms]", "Behaviour:", "human|json", "XYLEM_TEST_DNS"}) {
    INFO(text);
    CHECK(help.find(text) != std::string::npos);
  }
}

}  // namespace xylem
