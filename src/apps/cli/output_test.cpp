#include "apps/cli/output.hpp"

#include <gtest/gtest.h>

namespace obelisk::cli {
namespace {

// What a run wrote to its two streams.
class Capture {
 public:
  explicit Capture(OutputOptions options)
      : out_(std::tmpfile()), error_(std::tmpfile()), output_(out_, error_, options) {}
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture() {
    output_.clear_status();  // what it would write at its end needs the file
    std::fclose(out_);
    std::fclose(error_);
  }
  Output& output() { return output_; }
  std::string out() { return text(out_); }
  std::string error() { return text(error_); }

 private:
  static std::string text(std::FILE* file) {
    std::fflush(file);
    std::rewind(file);
    char part[4096];
    const std::size_t got = std::fread(part, 1, sizeof part, file);
    return {part, got};
  }
  std::FILE* out_;
  std::FILE* error_;
  Output output_;
};

const base::Error poor{base::Code::insufficient_funds, "The wallet has\n0 SOL.", "Send it some.",
                       5000};

TEST(Output, AnErrorIsThreeShortLines) {
  Capture capture({});
  capture.output().error(poor);
  EXPECT_EQ(capture.error(), "The wallet has 0 SOL.\nSend it some.\nCharged: 0.000005 SOL.\n");
  EXPECT_EQ(capture.out(), "");
  EXPECT_EQ(charged_text({}), "Charged: 0.");
}

TEST(Output, WithJsonAnErrorIsOneLineOnStdout) {
  Capture capture({.json = true});
  capture.output().line("for people");
  capture.output().table({"A", "b"});
  capture.output().status("[=>");
  capture.output().error(poor);
  EXPECT_EQ(capture.out(),
            R"({"error":{"code":"insufficient_funds","message":"The wallet has 0 SOL.",)"
            R"("action":"Send it some.","charged_lamports":"5000"}})"
            "\n");
  EXPECT_EQ(capture.error(), "");
}

TEST(Output, ResultsAreForMachinesAndLinesForPeople) {
  Capture people({});
  people.output().line("hello");
  people.output().result("{}");
  EXPECT_EQ(people.out(), "hello\n");
  Capture machine({.json = true});
  machine.output().line("hello");
  machine.output().result("{}");
  EXPECT_EQ(machine.out(), "{}\n");
}

TEST(Output, ColourAndTheStatusLineAreForTerminals) {
  Capture plain({});
  plain.output().table({"A"});
  plain.output().status("[=>");
  plain.output().line("b");
  EXPECT_EQ(plain.out(), "A\nb\n");
  Capture terminal({.terminal = true, .colour = true});
  terminal.output().table({"A"});
  terminal.output().status("[==>");
  terminal.output().status("[=>");
  terminal.output().line("b");
  EXPECT_EQ(terminal.out(), "\033[2mA\033[0m\n\r[==>\r[=> \r   \rb\n");
}

TEST(Output, AStatusNeverWraps) {
  Capture narrow({.terminal = true, .width = 6});
  narrow.output().status("[=>] 12 s of 60");
  EXPECT_EQ(narrow.out(), "\r[=>] ");
}

TEST(Output, OutsideTextMovesNoCursor) {
  Capture capture({});
  capture.output().line("a\033[2Jb");
  EXPECT_EQ(capture.out(), "a[2Jb\n");
}

}  // namespace
}  // namespace obelisk::cli
