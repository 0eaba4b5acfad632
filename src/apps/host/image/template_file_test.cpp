#include "apps/host/image/template_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace obelisk::host {
namespace {

namespace fs = std::filesystem;

class TemplateFileTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

 private:
  fs::path folder_ = fs::temp_directory_path() / ("templates-" + std::to_string(::getpid()));
};

TEST_F(TemplateFileTest, SaysWhatRunsInAnImage) {
  const auto read = read_template(write("vllm.toml",
                                        "title = \"A server\"\noci = \"docker.io/a/b\"\n"
                                        "ports = [8000]\nstart = \"exec serve\"\n"
                                        "[environment]\nHF_HOME = \"/workspace/hf\"\n"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->name, "vllm");
  EXPECT_EQ(read->title, "A server");
  EXPECT_EQ(read->oci, "docker.io/a/b");
  EXPECT_EQ(read->start, (std::vector<std::string>{"/bin/sh", "-c", "exec serve"}));
  EXPECT_EQ(read->ports, std::vector<std::uint16_t>{8000});
  EXPECT_EQ(read->environment.at("HF_HOME"), "/workspace/hf");
}

TEST_F(TemplateFileTest, WithoutAProgramNothingRuns) {
  const auto read = read_template(write("plain.toml", "title = \"Nothing\"\n"));
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->start.empty());
}

TEST_F(TemplateFileTest, RefusesWhatCannotBeMeant) {
  EXPECT_FALSE(read_template(write("Upper.toml", "")));
  EXPECT_FALSE(read_template(write("a.toml", "title = ")));
  EXPECT_FALSE(read_template(write("b.toml", "ports = [0]")));
  EXPECT_FALSE(read_template(write("c.toml", "ports = [70000]")));
  EXPECT_FALSE(read_template(write("d.toml", "[environment]\nA = \"two\\nlines\"")));
  EXPECT_FALSE(read_template(write("e.toml", "start = \"" + std::string(5000, 'a') + "\"")));
  EXPECT_FALSE(read_template(write("g.toml", "stat = \"exec serve\"")));
  EXPECT_FALSE(read_template("/nowhere/f.toml"));
}

// The ones we ship are all such files.
TEST_F(TemplateFileTest, OurOwnCanBeRead) {
  int read = 0;
  for (const auto& entry : fs::directory_iterator("images/templates")) {
    EXPECT_TRUE(read_template(entry.path())) << entry.path();
    ++read;
  }
  EXPECT_GE(read, 5);
}

}  // namespace
}  // namespace obelisk::host
