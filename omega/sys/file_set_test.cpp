// SPDX-License-Identifier: Apache-2.0
// Sets of files: what is replaced, what is left alone, and what a process leaves that is killed at any of its system calls.
#include "omega/sys/file_set.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <thread>

namespace omega::sys {
namespace {

using Contents = std::map<std::string, std::string>;

class FileSetTest : public testing::Test {
 protected:
  FileSetTest() {
    char name[] = "/tmp/omega_file_set_test_XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~FileSetTest() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] Result<void> replace(const Contents& set) const {
    std::vector<NamedText> files;
    for (const auto& [name, text] : set) {
      files.push_back({name, text});
    }
    return replace_file_set(folder_, files, "main.c");
  }

  /// All files of the folder but the list of the set's names.
  [[nodiscard]] Contents contents() const {
    Contents found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      const std::string name = entry.path().filename();
      if (name != ".omega-files") {
        found[name] = entry.is_directory() ? "a folder" : real_files().read_file(entry.path()).value();
      }
    }
    return found;
  }

  [[nodiscard]] ino_t inode(const std::string& name) const {
    struct stat facts{};
    EXPECT_EQ(::stat((folder_ + "/" + name).c_str(), &facts), 0);
    return facts.st_ino;
  }

  std::string folder_;
};

const Contents first_set{{"main.c", "first"}, {"f.c", "first f"}, {"gone.c", "first gone"}, {"same.c", "the same"}};
const Contents second_set{{"main.c", "second"}, {"f.c", "second f"}, {"new.c", "second new"}, {"same.c", "the same"}};

Contents with(Contents set, const std::string& name, const std::string& text) {
  set[name] = text;
  return set;
}

TEST_F(FileSetTest, ReplacesItsOwnFilesAndNoOthers) {
  ASSERT_TRUE(real_files().write_file(folder_ + "/mine.c", "mine").has_value());
  ASSERT_TRUE(replace(first_set).has_value());
  EXPECT_EQ(contents(), with(first_set, "mine.c", "mine"));
  ASSERT_TRUE(replace(second_set).has_value());
  EXPECT_EQ(contents(), with(second_set, "mine.c", "mine"));
  ASSERT_TRUE(replace({}).has_value());
  EXPECT_EQ(contents(), (Contents{{"mine.c", "mine"}}));
}

TEST_F(FileSetTest, FilesThatStayAsTheyAreAreNotTouched) {
  ASSERT_TRUE(replace(first_set).has_value());
  const ino_t same = inode("same.c");
  const ino_t main = inode("main.c");
  ASSERT_TRUE(replace(second_set).has_value());
  EXPECT_EQ(inode("same.c"), same);
  EXPECT_NE(inode("main.c"), main);
  const ino_t second_main = inode("main.c");
  ASSERT_TRUE(replace(second_set).has_value());
  EXPECT_EQ(inode("main.c"), second_main);
  ASSERT_TRUE(replace(with(second_set, "f.c", "third f")).has_value());
  EXPECT_EQ(inode("main.c"), second_main) << "it was away meanwhile";
  EXPECT_EQ(contents(), with(second_set, "f.c", "third f"));
}

TEST_F(FileSetTest, OnlyNamesInTheFolderAreBelievedOfTheList) {
  ASSERT_TRUE(real_files().make_folders(folder_ + "/set").has_value());
  ASSERT_TRUE(real_files().write_file(folder_ + "/outside", "stays").has_value());
  ASSERT_TRUE(real_files().write_file(folder_ + "/set/.omega-files", "../outside\n.\n..\n\ngone\nno end of line").has_value());
  ASSERT_TRUE(replace_file_set(folder_ + "/set", {}, "main.c").has_value());
  EXPECT_EQ(real_files().read_file(folder_ + "/outside").value(), "stays");
}

TEST_F(FileSetTest, AFolderInTheWayIsAnErrorThatChangesNothing) {
  ASSERT_TRUE(replace(first_set).has_value());
  ASSERT_TRUE(real_files().make_folders(folder_ + "/new.c").has_value());
  const Result<void> done = replace(second_set);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().errno_value, EISDIR);
  EXPECT_EQ(done.error().path, folder_ + "/new.c");
  EXPECT_EQ(contents(), with(first_set, "new.c", "a folder"));
  EXPECT_EQ(replace_file_set(folder_ + "/missing", {}, "main.c").error().errno_value, ENOENT);
}

TEST_F(FileSetTest, AFullDiskLeavesTheOldSet) {
  if (::mount("none", folder_.c_str(), "tmpfs", 0, "size=256k") != 0) {
    GTEST_SKIP() << "mounting is not allowed here";
  }
  ASSERT_TRUE(replace(first_set).has_value());
  EXPECT_EQ(replace(with(second_set, "z.c", std::string(500'000, 'z'))).error().errno_value, ENOSPC);
  EXPECT_EQ(contents(), first_set);
  EXPECT_TRUE(replace(with(second_set, "z.c", std::string(100'000, 'z'))).has_value()) << "nothing of the failure takes room";
  EXPECT_EQ(::umount(folder_.c_str()), 0);
}

TEST_F(FileSetTest, CallsForOneFolderWaitForEachOther) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(replace(t % 2 == 0 ? first_set : second_set).has_value());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_TRUE(contents() == first_set || contents() == second_set);
}

/// Runs `work` in a process of its own that is killed at its system call number `stop` (each has two: going in and coming out). False
/// when it ended before.
template <class Work>
bool run_until_system_call(int stop, const Work& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    work();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  for (int i = 0; i < stop && WIFSTOPPED(status); ++i) {
    EXPECT_EQ(::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr), 0);
    ::waitpid(child, &status, 0);
  }
  if (!WIFSTOPPED(status)) {
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return false;
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  return true;
}

TEST_F(FileSetTest, KilledAtAnySystemCallTheNextCallIsRight) {
  int stop = 0;
  bool is_killed = true;
  int halves = 0;
  for (; is_killed; ++stop) {
    std::filesystem::remove_all(folder_);
    ASSERT_TRUE(real_files().make_folders(folder_).has_value());
    ASSERT_TRUE(real_files().write_file(folder_ + "/mine.c", "mine").has_value());
    ASSERT_TRUE(replace(first_set).has_value());
    is_killed = run_until_system_call(stop, [&] { (void)replace(second_set); });
    Contents left = contents();
    EXPECT_EQ(left["mine.c"], "mine");
    if (left.contains("main.c")) {
      left.erase("mine.c");
      left.erase(".omega-new");
      EXPECT_TRUE(left == first_set || left == second_set) << "killed at system call " << stop;
    } else {
      ++halves;
    }
    const Contents& next = stop % 3 == 0 ? first_set : second_set;
    ASSERT_TRUE(replace(next).has_value());
    EXPECT_EQ(contents(), with(next, "mine.c", "mine")) << "after a process that was killed at system call " << stop;
  }
  EXPECT_GT(stop, 40) << "it is killed everywhere";
  EXPECT_GT(halves, 3) << "and in the midst";
}

TEST_F(FileSetTest, FilesThatHoldTheirTextAreNotTouched) {
  const auto inode_of = [&](const char* name) {
    struct stat facts{};
    EXPECT_EQ(::stat((folder_ + "/" + name).c_str(), &facts), 0);
    return facts.st_ino;
  };
  for (const char* name : {"a.new.123.0", "b.new.4000000.17", "c.new.1.1"}) {
    ASSERT_TRUE(real_files().write_file(folder_ + "/" + name, "").has_value());
  }
  const NamedText before[] = {{"a", "text of a"}, {"b", "text of b"}, {"empty", ""}};
  ASSERT_TRUE(replace_files(folder_, before).has_value());
  EXPECT_EQ(contents(), (Contents{{"a", "text of a"}, {"b", "text of b"}, {"c.new.1.1", ""}, {"empty", ""}}));
  const auto a = inode_of("a"), b = inode_of("b"), empty = inode_of("empty");
  const NamedText after[] = {{"a", "text of a"}, {"b", "other of b"}, {"empty", ""}};
  ASSERT_TRUE(replace_files(folder_, after).has_value());
  EXPECT_EQ(inode_of("a"), a);
  EXPECT_NE(inode_of("b"), b);
  EXPECT_EQ(inode_of("empty"), empty);
  EXPECT_EQ(contents()["b"], "other of b");
  const NamedText same_length[] = {{"b", "text_of b"}};
  ASSERT_TRUE(replace_files(folder_, same_length).has_value());
  EXPECT_EQ(contents()["b"], "text_of b");
  ASSERT_TRUE(real_files().make_folders(folder_ + "/d").has_value());
  const NamedText folder_in_the_way[] = {{"d", "x"}};
  EXPECT_EQ(replace_files(folder_, folder_in_the_way).error().errno_value, EISDIR);
}

TEST_F(FileSetTest, WhatAKilledProcessLeftOfOneFileGoes) {
  const std::string text = "program";
  const std::span<const uint8_t> piece{reinterpret_cast<const uint8_t*>(text.data()), text.size()};
  for (const char* name : {"p.new.123.0", "p.new.4000000.17", "p.new.12", "p.new.x.1", "pp.new.1.1", "p.new.1.1.c"}) {
    ASSERT_TRUE(real_files().write_file(folder_ + "/" + name, "").has_value());
  }
  ASSERT_TRUE(replace_file(folder_, "p", {&piece, 1}, FileMode::executable).has_value());
  EXPECT_EQ(real_files().list_folder(folder_).value(), (std::vector<std::string>{"p", "p.new.1.1.c", "p.new.12", "p.new.x.1", "pp.new.1.1"}));
  EXPECT_EQ(::access((folder_ + "/p").c_str(), X_OK), 0);
}

}  // namespace
}  // namespace omega::sys
