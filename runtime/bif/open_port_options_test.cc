#include "bif/open_port_options.h"

#include <gtest/gtest.h>

#include "term/parse.h"

namespace portlab {
namespace {

Result<StartOptions> Parse(std::string_view name, std::string_view options) {
  return ParseOpenPort(*ParseTerm(name), *ParseTerm(options));
}

// Golden behaviours 19, 21 and 28 of OTP, and the table of options.
TEST(OpenPortOptionsTest, WrongOptionsAreBadopt) {
  const char* wrong[] = {"[{line,0}]",
                         "[{line,5},{packet,2}]",
                         "[{packet,3}]",
                         "[stderr_to_stdout,nouse_stdio]",
                         "[foo]",
                         "[binary|eof]",
                         "foo",
                         "[{env,foo}]",
                         "[{cd,1}]",
                         "[{args,[\"a\"]}]",
                         "[{arg0,\"a\"}]",
                         "[{parallelism,x}]",
                         "[{env,[{\"A=B\",\"x\"}]}]",
                         "[{env,[{\"A\",[0]}]}]",
                         "[{env,[{\"A\",1}]}]",
                         "[{env,[{a,\"b\"}]}]",
                         "[{env,[{<<\"A\">>,\"b\"}]}]",
                         "[{env,[{\"A\",<<\"b\">>}]}]",
                         "[{cd,[97|<<\"b\">>]}]",
                         "[{cd,[\"a\",<<\"b\">>]}]",
                         "[{cd,[55296]}]",
                         "[{cd,[1114112]}]",
                         "[{cd,[97,0]}]"};
  for (const char* options : wrong) {
    auto parsed = Parse("{spawn,\"cat\"}", options);
    ASSERT_FALSE(parsed.has_value()) << options;
    EXPECT_EQ(parsed.error().type, ErrorType::kBadOpt) << options;
    EXPECT_EQ(parsed.error().Reason(), "badarg") << options;
    EXPECT_FALSE(parsed.error().detail.empty()) << options;
  }
}

TEST(OpenPortOptionsTest, WrongNamesAreBadarg) {
  for (const char* name :
       {"{spawn,\"\"}", "{spawn_executable,\"\"}", "{spawn}", "{foo,\"x\"}", "[]", "17",
        "<<\"cat\">>", "{fd,a,1}", "{fd,0}", "[\"a\",\"b\"]", "[300]"}) {
    auto parsed = Parse(name, "[]");
    ASSERT_FALSE(parsed.has_value()) << name;
    EXPECT_EQ(parsed.error().type, ErrorType::kBadArg) << name;
  }
}

TEST(OpenPortOptionsTest, DescriptorsAndFilesAreNames) {
  const auto fds = Parse("{fd,3,-1}", "[in]");
  EXPECT_EQ(fds->name_kind, PortNameKind::kFd);
  EXPECT_EQ(fds->fd_in, 3);
  EXPECT_EQ(fds->fd_out, -1);
  EXPECT_EQ(fds->command, "3/-1");
  for (const char* name : {"\"file\"", "file", "[102,105,108,101,0,120]"}) {
    const auto file = Parse(name, "[]");
    EXPECT_EQ(file->name_kind, PortNameKind::kVanilla) << name;
    EXPECT_EQ(file->command, "file") << name;
  }
}

// Golden behaviour 66.
TEST(OpenPortOptionsTest, BusyLimits) {
  const auto limits = [](const char* value) {
    return Parse("{spawn,\"cat\"}", "[{busy_limits_port," + std::string(value) + "}]");
  };
  EXPECT_EQ(limits("{1,9}")->busy_limits_port, (BusyLimits{1, 9}));
  EXPECT_EQ(limits("{10,5}")->busy_limits_port, (BusyLimits{5, 5}));
  EXPECT_EQ(limits("disabled")->busy_limits_port, BusyLimits::Disabled());
  EXPECT_TRUE(limits("{1,18446744073709551614}").has_value());
  for (const char* wrong : {"{0,5}", "{5,0}", "{1,18446744073709551615}", "5", "{1,a}", "foo"}) {
    EXPECT_FALSE(limits(wrong).has_value()) << wrong;
  }
  EXPECT_EQ(Parse("{spawn,\"cat\"}", "[{busy_limits_msgq,{3,4}}]")->busy_limits_msgq,
            (BusyLimits{3, 4}));
}

// Of several, the last counts; stream takes packet back.
TEST(OpenPortOptionsTest, LaterOptionsReplaceEarlierOnes) {
  const auto parsed =
      Parse("{spawn,\"cat\"}",
            "[{packet,1},stream,{line,3},{env,[{\"A\",\"x\"}]},{env,[{\"B\",\"y\"}]}]");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().ToString();
  EXPECT_EQ(parsed->packet_bytes, 0);
  ASSERT_EQ(parsed->env.size(), 1u);
  EXPECT_EQ(parsed->env[0].first, "B");
}

TEST(OpenPortOptionsTest, OptionsAreUnderstood) {
  auto parsed = Parse(
      "{spawn_executable,\"/bin/sh\"}",
      "[{packet,2},binary,exit_status,eof,stderr_to_stdout,{args,[\"-c\",<<\"x "
      "y\">>]},{arg0,\"zero\"},"
      "{cd,\"/usr\"},{env,[{\"A\",\"1\"},{\"B\",false},{\"C\",\"\"}]},hide,{parallelism,true}]");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().ToString();
  EXPECT_EQ(parsed->packet_bytes, 2);
  EXPECT_TRUE(parsed->binary && parsed->exit_status && parsed->eof && parsed->stderr_to_stdout &&
              parsed->parallelism);
  EXPECT_EQ(*parsed->args, (std::vector<std::string>{"-c", "x y"}));
  EXPECT_EQ(*parsed->arg0, "zero");
  EXPECT_EQ(*parsed->cd, "/usr");
  ASSERT_EQ(parsed->env.size(), 3u);
  EXPECT_EQ(parsed->env[0].second, "1");
  EXPECT_FALSE(parsed->env[1].second.has_value());
  EXPECT_FALSE(parsed->env[2].second.has_value());
}

// Golden behaviour 31 of OTP: a string's elements are characters, a binary's are bytes.
TEST(OpenPortOptionsTest, StringsBecomeUtf8AndBinariesStayBytes) {
  auto parsed = Parse("{spawn_executable,[\"/bin/\",[\"e\",[]],\"cho\"]}",
                      "[{args,[[229,8364],<<229>>,<<97,0,98>>,abc]}]");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().ToString();
  EXPECT_EQ(parsed->command, "/bin/echo");
  EXPECT_EQ(*parsed->args, (std::vector<std::string>{"\xc3\xa5\xe2\x82\xac", "\xe5", "a", "abc"}));
}

TEST(OpenPortOptionsTest, DirectionIsBothUnlessOneIsNamed) {
  EXPECT_TRUE(Parse("{spawn,\"cat\"}", "[]")->in);
  auto in = Parse("{spawn,\"cat\"}", "[in]");
  EXPECT_TRUE(in->in && !in->out);
  auto both = Parse("{spawn,\"cat\"}", "[in,out]");
  EXPECT_TRUE(both->in && both->out);
}

TEST(OpenPortOptionsTest, BareLineIs512) {
  EXPECT_EQ(Parse("{spawn,\"cat\"}", "[line]")->line_length, 512);
}

}  // namespace
}  // namespace portlab
