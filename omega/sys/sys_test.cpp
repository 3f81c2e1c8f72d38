// SPDX-License-Identifier: Apache-2.0
// Tests of real files in a folder of their own, of files in memory, and of the surroundings.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "omega/sys/environment.h"
#include "omega/sys/files.h"
#include "omega/sys/memory_files.h"
#include "omega/sys/processors.h"

namespace omega::sys {
namespace {

class RealFilesTest : public testing::Test {
 protected:
  RealFilesTest() {
    char name[] = "/tmp/omega_sys_test_XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~RealFilesTest() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
  FileSystem& files_ = real_files();
};

TEST_F(RealFilesTest, WritesAndReads) {
  const std::string path = folder_ + "/a";
  for (const size_t size : {0u, 1u, 100000u, 3000000u}) {
    std::string contents(size, 'x');
    contents += '\0';
    ASSERT_TRUE(files_.write_file(path, contents).has_value());
    const auto read = files_.read_file(path);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read, contents);
    EXPECT_GE(read->capacity(), contents.size() + 64);
  }
  EXPECT_EQ(files_.list_folder(folder_).value(), std::vector<std::string>{"a"});
}

TEST_F(RealFilesTest, LargeFilesAreReadInParts) {
  const std::string path = folder_ + "/large";
  std::string contents(9'000'001, '\0');
  for (size_t i = 0; i < contents.size(); ++i) {
    contents[i] = static_cast<char>(i * 0x9e3779b97f4a7c15u >> 56);
  }
  ASSERT_TRUE(files_.write_file(path, contents).has_value());
  size_t parts = 0;
  const RunTasks last_first = [&](size_t count, const std::function<void(size_t)>& task) {
    for (parts = count; count > 0; --count) {
      task(count - 1);
    }
  };
  EXPECT_EQ(files_.read_file(path, FileSystem::default_largest, last_first).value(), contents);
  EXPECT_GT(parts, 2u);
}

TEST_F(RealFilesTest, AFileThatGrowsShorterMeanwhileIsReadAsItIs) {
  const std::string path = folder_ + "/shrinking";
  const std::string contents(9'000'000, 's');
  ASSERT_TRUE(files_.write_file(path, contents).has_value());
  const RunTasks cut_first = [&](size_t count, const std::function<void(size_t)>& task) {
    ASSERT_EQ(::truncate(path.c_str(), 5'000'000), 0);
    for (size_t i = 0; i < count; ++i) {
      task(i);
    }
  };
  EXPECT_EQ(files_.read_file(path, FileSystem::default_largest, cut_first).value(), contents.substr(0, 5'000'000));
}

TEST_F(RealFilesTest, WritesPiecesInOrder) {
  // More pieces than one system call takes, small ones and large ones.
  std::vector<std::vector<uint8_t>> bytes;
  std::vector<std::span<const uint8_t>> pieces;
  std::string expected;
  for (size_t i = 0; i < 3000; ++i) {
    bytes.emplace_back(i % 500 == 0 ? 100'000 : i % 17, static_cast<uint8_t>('a' + i % 26));
    expected.append(bytes.back().begin(), bytes.back().end());
  }
  pieces.assign(bytes.begin(), bytes.end());
  ASSERT_TRUE(files_.write_pieces(folder_ + "/p", pieces, FileMode::data).has_value());
  EXPECT_EQ(files_.read_file(folder_ + "/p").value(), expected);
  EXPECT_EQ(files_.list_folder(folder_).value(), std::vector<std::string>{"p"});
}

TEST_F(RealFilesTest, FailuresSayWhatAndWhy) {
  const auto missing = files_.read_file(folder_ + "/none");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().errno_value, ENOENT);
  EXPECT_EQ(missing.error().path, folder_ + "/none");
  EXPECT_EQ(files_.read_file(folder_).error().errno_value, EISDIR);
  EXPECT_EQ(files_.write_file(folder_, "x").error().errno_value, EISDIR);
  EXPECT_EQ(files_.write_file(folder_ + "/no/file", "x").error().errno_value, ENOENT);
  ASSERT_TRUE(files_.write_file(folder_ + "/f", "12345").has_value());
  EXPECT_EQ(files_.read_file(folder_ + "/f", 4).error().errno_value, EFBIG);
  EXPECT_TRUE(files_.read_file(folder_ + "/f", 5).has_value());
  EXPECT_EQ(files_.read_file("/dev/zero", 100000).error().errno_value, EFBIG);
  EXPECT_EQ(files_.make_folders(folder_ + "/f/g").error().errno_value, ENOTDIR);
}

TEST_F(RealFilesTest, FullDiskIsAnError) { EXPECT_EQ(files_.write_file("/dev/full", "x").error().errno_value, ENOSPC); }

TEST_F(RealFilesTest, AFullDiskLeavesTheOldFile) {
  if (::mount("none", folder_.c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "mounting is not allowed here";
  }
  const std::string path = folder_ + "/program";
  ASSERT_TRUE(files_.write_file(path, "old", FileMode::executable).has_value());
  EXPECT_EQ(files_.write_file(path, std::string(2'000'000, 'n'), FileMode::executable).error().errno_value, ENOSPC);
  EXPECT_EQ(files_.read_file(path).value(), "old");
  EXPECT_EQ(files_.list_folder(folder_).value(), std::vector<std::string>{"program"});
  EXPECT_TRUE(files_.write_file(path, std::string(900'000, 'n'), FileMode::executable).has_value()) << "nothing of the failure takes room";
  EXPECT_EQ(::umount(folder_.c_str()), 0);
}

TEST_F(RealFilesTest, PipesAreReadToTheirEnd) {
  const std::string path = folder_ + "/pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const std::string contents(300000, 'p');
  std::thread writer([&] { EXPECT_TRUE(files_.write_file(path, contents).has_value()); });
  const auto read = files_.read_file(path);
  writer.join();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, contents);
}

TEST_F(RealFilesTest, ModeAndFoldersAndTypes) {
  const std::string deep = folder_ + "/x/y/z";
  ASSERT_TRUE(files_.make_folders(deep).has_value());
  ASSERT_TRUE(files_.make_folders(deep).has_value());
  ASSERT_TRUE(files_.write_file(deep + "/program", "#!", FileMode::executable).has_value());
  EXPECT_EQ(::access((deep + "/program").c_str(), X_OK), 0);
  EXPECT_EQ(files_.type_of(deep), FileType::folder);
  EXPECT_EQ(files_.type_of(deep + "/program"), FileType::file);
  EXPECT_EQ(files_.type_of("/dev/zero"), FileType::other);
  ASSERT_TRUE(files_.remove_file(deep + "/program").has_value());
  ASSERT_TRUE(files_.remove_file(deep + "/program").has_value());
  EXPECT_EQ(files_.type_of(deep + "/program"), FileType::missing);
}

TEST(MemoryFiles, BehaveLikeFiles) {
  MemoryFiles files;
  files.put("src/a.omega", "text");
  EXPECT_EQ(files.read_file("src/a.omega").value(), "text");
  EXPECT_EQ(files.read_file("src").error().errno_value, EISDIR);
  EXPECT_EQ(files.read_file("b").error().errno_value, ENOENT);
  EXPECT_EQ(files.write_file("out/b", "x").error().errno_value, ENOENT);
  ASSERT_TRUE(files.make_folders("out/deep").has_value());
  ASSERT_TRUE(files.write_file("out/b", "x").has_value());
  EXPECT_EQ(files.list_folder("out").value(), (std::vector<std::string>{"b", "deep"}));
  EXPECT_EQ(files.list_folder("").value(), (std::vector<std::string>{"out", "src"}));
  files.fail("out/b", EACCES);
  EXPECT_EQ(files.read_file("out/b").error().errno_value, EACCES);
}

TEST(Environment, ProcessorsAreThoseOfTheAffinityMask) {
  const unsigned all = cpu_count();
  EXPECT_GE(all, 1u);
  std::thread([] {
    cpu_set_t old;
    ASSERT_EQ(::sched_getaffinity(0, sizeof old, &old), 0);
    int first = 0;
    while (!CPU_ISSET(first, &old)) {
      ++first;
    }
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(cpu_count(), 1u);
  }).join();
}

TEST(Processors, AThreadIsKeptOffTheCallersAndLetGoAgain) {
  const Processors processors;
  EXPECT_EQ(processors.count(), cpu_count());
  std::atomic<bool> may_go{false};
  cpu_set_t after;
  CPU_ZERO(&after);
  std::thread thread([&] {
    may_go.wait(false);
    processors.go_anywhere();
    ASSERT_EQ(::sched_getaffinity(0, sizeof after, &after), 0);
  });
  const int kept_off = processors.keep_off_here(thread.native_handle());
  cpu_set_t kept;
  CPU_ZERO(&kept);
  EXPECT_EQ(::pthread_getaffinity_np(thread.native_handle(), sizeof kept, &kept), 0);
  may_go = true;
  may_go.notify_one();
  thread.join();
  EXPECT_EQ(kept_off >= 0, processors.count() > 1);
  EXPECT_EQ(static_cast<unsigned>(CPU_COUNT(&kept)), processors.count() - (kept_off >= 0 ? 1 : 0));
  EXPECT_FALSE(kept_off >= 0 && CPU_ISSET(kept_off, &kept));
  EXPECT_EQ(static_cast<unsigned>(CPU_COUNT(&after)), processors.count());
}

TEST(Environment, VariablesTerminalAndClock) {
  ::setenv("OMEGA_TEST_VARIABLE", "v", 1);
  EXPECT_EQ(environment_variable("OMEGA_TEST_VARIABLE"), "v");
  EXPECT_EQ(environment_variable("OMEGA_TEST_NOTHING"), std::nullopt);
  EXPECT_FALSE(terminal_at(-1).is_terminal);
  EXPECT_FALSE(wants_color(-1));
  const int64_t before = real_clock().now_ns();
  EXPECT_GE(real_clock().now_ns(), before);
}

}  // namespace
}  // namespace omega::sys
