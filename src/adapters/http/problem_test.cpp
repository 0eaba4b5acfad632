#include "adapters/http/problem.hpp"

#include <gtest/gtest.h>

namespace obelisk::http {
namespace {

using base::Code;
using base::Error;

TEST(Problem, CarriesEveryPartThereAndBack) {
  const Error error{Code::insufficient_funds,
                    "The wallet has 0.1 SOL.\n\"Too little\" \\ for this.", "Add 0.2 SOL.", 5000};
  const Response response = problem(error);
  EXPECT_EQ(response.status, 402);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_NE(response.body.find("\"type\":\"urn:obelisk:error:insufficient_funds\""),
            std::string::npos);
  EXPECT_NE(response.body.find("\"title\":\"Insufficient funds\""), std::string::npos);
  EXPECT_NE(response.body.find("\"status\":402"), std::string::npos);
  EXPECT_NE(response.body.find("\"charged_lamports\":\"5000\""), std::string::npos);
  const Error back = error_from(response);
  EXPECT_EQ(back.code, Code::insufficient_funds);
  EXPECT_EQ(back.message, "The wallet has 0.1 SOL. \"Too little\" \\ for this.");
  EXPECT_EQ(back.action, "Add 0.2 SOL.");
  EXPECT_EQ(back.charged_lamports, 5000U);
}

TEST(Problem, StaysValidJsonForAnyBytes) {
  std::string every;
  for (int byte = 1; byte < 128; ++byte) every.push_back(static_cast<char>(byte));
  const Error back = error_from(problem({Code::conflict, every, every}));
  EXPECT_EQ(back.code, Code::conflict);
  EXPECT_EQ(back.message.size(), every.size());
}

TEST(Problem, SpeaksForServersThatDoNot) {
  Response response;
  response.body = "<html>nginx</html>";
  response.status = 502;
  EXPECT_EQ(error_from(response).code, Code::unreachable);
  EXPECT_NE(error_from(response).message.find("502"), std::string::npos);
  response.status = 404;
  EXPECT_EQ(error_from(response).code, Code::not_found);
  response.status = 418;
  EXPECT_EQ(error_from(response).code, Code::internal);
  response.body = R"({"code":"a_code_of_the_future","detail":"New.","action":7})";
  response.status = 409;
  EXPECT_EQ(error_from(response).code, Code::conflict);
  EXPECT_EQ(error_from(response).message, "New.");
  EXPECT_EQ(error_from(response).action, "");
  for (const char* body : {"", "[]", "{}", "null", R"({"code":"expired"})", R"({"detail":"x"})",
                           "[[[[[[[[[[[[]]]]]]]]]]]]", "{\"code\":\"expired\",\"detail\":\""}) {
    response.body = body;
    EXPECT_EQ(error_from(response).code, Code::conflict) << body;
    EXPECT_NE(error_from(response).message.find("409"), std::string::npos) << body;
  }
}

TEST(Problem, TamesHostileTexts) {
  Response response;
  response.status = 404;
  response.body = "{\"code\":\"not_found\",\"detail\":\"\\u001b[2Jgone\\u009b\\u0007" +
                  std::string(5000, 'x') + "\",\"charged_lamports\":\"12x\"}";
  const Error error = error_from(response);
  EXPECT_EQ(error.message.substr(0, 11), " [2Jgone   ");
  EXPECT_LE(error.message.size(), 1024U);
  EXPECT_EQ(error.charged_lamports, 0U);
  response.body = "{\"code\":\"expired\",\"detail\":\"" + std::string(70'000, 'x') + "\"}";
  EXPECT_EQ(error_from(response).code, Code::not_found);
}

TEST(Problem, MayHaveAStatusOfItsOwn) {
  const Response response = problem_with_status({Code::usage, "No.", "Do."}, 405);
  EXPECT_EQ(response.status, 405);
  EXPECT_NE(response.body.find("\"status\":405"), std::string::npos);
}

}  // namespace
}  // namespace obelisk::http
