#include "stress/otp/real_erl.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <regex>
#include <string_view>

#include "portlab/term.h"

namespace portlab {
namespace {

constexpr std::string_view kHeading = "=== ";
constexpr int kNotFound = 127;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteQuestions(const std::string& path, const std::vector<Question>& questions,
                    const ErlangVariables& variables) {
  std::vector<Term> pairs;
  for (const auto& [name, value] : variables) {
    pairs.push_back(Term::Tuple({Term::Atom(name), Term::String(value)}));
  }
  std::ofstream file(path, std::ios::binary);
  file << Term::List(pairs).ToString() << ".\n";
  for (const Question& question : questions) {
    file << Term::Tuple({Term::String(question.name), Term::String(question.expression)}).ToString()
         << ".\n";
  }
}

// The module is compiled in the same `erl`: starting one takes longer than that.
constexpr const char* kBoot =
    "[Module,Questions,Answers]=init:get_plain_arguments(),"
    "{ok,Name,Code}=compile:file(Module,[binary]),"
    "{module,Name}=code:load_binary(Name,Module,Code),"
    "Name:run(Questions,Answers),"
    "halt(0,[{flush,false}]).";

// No flags from outside: they could ask for distribution. File names are UTF-8, as ours.
constexpr const char* kStart =
    "unset ERL_AFLAGS ERL_FLAGS ERL_ZFLAGS; LC_ALL=C.UTF-8 exec timeout -s KILL 110 erl \"$@\"";

// Exit status of `erl`; what it prints goes to `log`. Nullopt: it cannot be started.
std::optional<int> RunErl(const std::string& questions, const std::string& answers,
                          const std::string& log) {
  const char* const argv[] = {"sh",
                              "-c",
                              kStart,
                              "sh",
                              "-noinput",
                              "-noshell",
                              "-eval",
                              kBoot,
                              "-extra",
                              PORTLAB_OTP_ANSWERS,
                              questions.c_str(),
                              answers.c_str(),
                              nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, "/bin/sh", &actions, nullptr, const_cast<char* const*>(argv), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  if (error != 0 || ::waitpid(pid, &status, 0) != pid) return std::nullopt;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::map<std::string, std::string> ParseAnswers(const std::string& text) {
  std::map<std::string, std::string> answers;
  std::string* answer = nullptr;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    at = end == std::string::npos ? text.size() : end + 1;
    if (line.starts_with(kHeading)) {
      answer = &answers[line.substr(kHeading.size())];
    } else if (answer != nullptr) {
      *answer += line + "\n";
    }
  }
  return answers;
}

}  // namespace

Result<std::map<std::string, std::string>> AskErl(const std::vector<Question>& questions,
                                                  const ErlangVariables& variables) {
  const ScratchDirectory scratch;
  const std::string asked = scratch.path() + "/questions";
  const std::string answered = scratch.path() + "/answers";
  const std::string log = scratch.path() + "/log";
  WriteQuestions(asked, questions, variables);
  const std::optional<int> status = RunErl(asked, answered, log);
  if (!status) return Fail(Error::General("no child process can be started"));
  if (*status == kNotFound) {
    return Fail(Error::General("there is no `erl`: install the Debian package erlang-base"));
  }
  if (*status != 0) {
    return Fail(Error::General("`erl` ended with status " + std::to_string(*status) +
                               " (137: it was stopped after 110 s): " + ReadFile(log)));
  }
  return ParseAnswers(ReadFile(answered));
}

std::string WithPlainIdentities(const std::string& text) {
  static const std::regex identity(R"((#Port|#Ref)?<[0-9]+(\.[0-9]+)+>)");
  std::map<std::string, std::string> names;
  std::map<std::string, int> counts;
  std::string plain;
  auto at = text.cbegin();
  for (std::sregex_iterator found(text.begin(), text.end(), identity), none; found != none;
       ++found) {
    const std::string word = found->str();
    const std::string kind = (*found)[1] == "#Port" ? "P" : (*found)[1] == "#Ref" ? "Ref" : "Pid";
    if (!names.contains(word)) names[word] = kind + std::to_string(++counts[kind]);
    plain.append(at, (*found)[0].first).append(names[word]);
    at = (*found)[0].second;
  }
  return plain.append(at, text.cend());
}

ScratchDirectory::ScratchDirectory() {
  path_ = (std::filesystem::temp_directory_path() / "portlab_otp_XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr) path_.clear();
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace portlab
