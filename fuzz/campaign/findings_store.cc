#include "fuzz/campaign/findings_store.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace portlab {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kFindingJson = "/finding.json";
constexpr const char* kHistory = "/history";

std::string JsonOf(const Finding& finding, const FuzzTarget& target) {
  json all = FindingToJson(finding);
  all["target"] = TargetToJson(target);
  // What a driver printed may be no UTF-8.
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

// As many digits as keep the names in order.
std::string HistoryName(std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(3 - std::min<std::size_t>(3, digits.size()), '0') + digits;
}

Result<void> WriteHistory(const std::string& folder, const std::vector<std::string>& inputs) {
  if (inputs.empty()) return {};
  if (auto made = MakeFolder(folder); !made) return made;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    auto written = WriteFileWhole(folder + "/" + HistoryName(i), inputs[i]);
    if (!written) return written;
  }
  return {};
}

Result<void> WriteFinding(const std::string& folder, const Finding& finding,
                          const FuzzTarget& target, const FindingFiles& files) {
  if (auto made = MakeFolder(folder); !made) return made;
  const std::pair<const char*, std::string> contents[] = {{"/input", files.input},
                                                          {"/original", files.original},
                                                          {"/operations.txt", files.operations},
                                                          {"/report.txt", files.report},
                                                          {kFindingJson, JsonOf(finding, target)}};
  for (const auto& [name, content] : contents) {
    if (auto written = WriteFileWhole(folder + name, content); !written) return written;
  }
  return WriteHistory(folder + kHistory, files.history);
}

// Folders with a dot in front were not finished.
void RemoveUnfinished(const std::string& findings) {
  std::error_code error;
  std::vector<fs::path> unfinished;
  for (const auto& entry : fs::directory_iterator(findings, error)) {
    if (entry.path().filename().string().starts_with('.')) unfinished.push_back(entry.path());
  }
  for (const fs::path& path : unfinished) fs::remove_all(path, error);
}

}  // namespace

nlohmann::json TargetToJson(const FuzzTarget& target) {
  return {{"kind", KindName(target.kind)},
          {"host", target.host},
          {"file", target.file},
          {"guarded", target.guarded},
          {"start_args", target.start_args},
          {"calls", target.calls},
          {"framing", FramingFlag(target.framing)},
          {"args", target.args},
          {"ok_exits", target.ok_exits},
          {"timeout_s", target.timeout_s},
          {"memory_mb", target.memory_mb},
          {"max_len", target.max_len}};
}

Result<FuzzTarget> TargetFromJson(const nlohmann::json& from) {
  try {
    FuzzTarget target;
    const std::string kind = from.at("kind");
    const auto known = std::ranges::find(kTargetKinds, kind, KindName);
    const auto framing = FramingFromFlag(from.at("framing").get<std::string>());
    if (known == std::end(kTargetKinds) || !framing) {
      return Fail(Error::General("no target: of an unknown kind or framing"));
    }
    target.kind = *known;
    target.framing = *framing;
    from.at("host").get_to(target.host);
    from.at("file").get_to(target.file);
    from.at("guarded").get_to(target.guarded);
    from.at("start_args").get_to(target.start_args);
    from.at("calls").get_to(target.calls);
    from.at("args").get_to(target.args);
    from.at("ok_exits").get_to(target.ok_exits);
    from.at("timeout_s").get_to(target.timeout_s);
    from.at("memory_mb").get_to(target.memory_mb);
    from.at("max_len").get_to(target.max_len);
    return target;
  } catch (const json::exception& problem) {
    return Fail(Error::General(std::string("no target: ") + problem.what()));
  }
}

Result<StoredFinding> ReadStoredFinding(const std::string& finding_folder) {
  const std::string path = finding_folder + kFindingJson;
  const Result<std::string> text = ReadFile(path);
  if (!text) return Fail(text.error());
  const json all = json::parse(*text, nullptr, false);
  if (!all.is_object()) return Fail(Error::General(path + " is damaged: it is no JSON object"));
  Result<Finding> finding = FindingFromJson(all);
  Result<FuzzTarget> target = TargetFromJson(all.value("target", json::object()));
  if (!finding) return Fail(Error::General(path + " is damaged: " + finding.error().detail));
  if (!target) return Fail(Error::General(path + " is damaged: " + target.error().detail));
  return StoredFinding{std::move(*finding), std::move(*target)};
}

Result<std::vector<std::string>> ReadInputsOf(const std::string& finding_folder) {
  std::vector<std::string> paths;
  std::error_code error;
  if (const std::string folder = finding_folder + kHistory; fs::is_directory(folder, error)) {
    const auto names = FilesIn(folder);
    if (!names) return Fail(names.error());
    for (const std::string& name : *names) paths.push_back(folder + "/" + name);
  }
  paths.push_back(finding_folder + "/input");
  std::vector<std::string> inputs;
  for (const std::string& path : paths) {
    auto input = ReadFile(path);
    if (!input) return Fail(input.error());
    inputs.push_back(std::move(*input));
  }
  return inputs;
}

Result<FindingsStore> FindingsStore::Open(const std::string& folder) {
  std::string path = folder;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  for (const char* part : {"", "/corpus", "/findings"}) {
    if (auto made = MakeFolder(path + part); !made) return Fail(made.error());
  }
  const std::string lock_path = path + "/.lock";
  UniqueFd lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!lock) return Fail(FileError("write", lock_path));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return Fail(Error::Errno(errno, "another campaign uses " + path +
                                        "; wait for it, or name another folder with --out"));
  }
  RemoveUnfinished(path + "/findings");
  return FindingsStore(path, std::move(lock));
}

Result<std::vector<Finding>> FindingsStore::Load() const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(PathOf("findings"), error)) {
    names.push_back(entry.path().filename().string());
  }
  if (error) {
    errno = error.value();
    return Fail(FileError("read the folder", PathOf("findings")));
  }
  std::ranges::sort(names);
  std::vector<Finding> findings;
  for (const std::string& name : names) {
    Result<StoredFinding> stored = ReadStoredFinding(FolderOf(name));
    if (!stored) return Fail(stored.error());
    findings.push_back(std::move(stored->finding));
  }
  return findings;
}

Result<void> FindingsStore::Add(const Finding& finding, const FuzzTarget& target,
                                const FindingFiles& files) const {
  const std::string unfinished = PathOf("findings/.") + finding.id;
  std::error_code error;
  fs::remove_all(unfinished, error);
  Result<void> written = WriteFinding(unfinished, finding, target, files);
  if (written) {
    fs::remove_all(FolderOf(finding.id), error);
    fs::rename(unfinished, FolderOf(finding.id), error);
    if (!error) return {};
    errno = error.value();
    written = Fail(FileError("write", FolderOf(finding.id)));
  }
  fs::remove_all(unfinished, error);
  return written;
}

Result<void> FindingsStore::Update(const Finding& finding, const FuzzTarget& target) const {
  return WriteFileWhole(FolderOf(finding.id) + kFindingJson, JsonOf(finding, target));
}

}  // namespace portlab
