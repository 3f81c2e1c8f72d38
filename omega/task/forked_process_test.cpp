// SPDX-License-Identifier: Apache-2.0
#include "omega/task/forked_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace omega::task {
namespace {

/// Sends back what comes, until the channel ends.
void echo(int channel) {
  int number;
  while (::recv(channel, &number, sizeof number, 0) == sizeof number) {
    ::send(channel, &number, sizeof number, 0);
  }
}

TEST(ForkedProcess, AnswersUntilItIsBuried) {
  ForkedProcess process;
  EXPECT_FALSE(process.running());
  process.begin(echo);
  EXPECT_NE(process.pid(), ::getpid());
  for (int number = 0; number < 3; ++number) {
    int answer = -1;
    ASSERT_EQ(::send(process.channel(), &number, sizeof number, MSG_NOSIGNAL), sizeof number);
    ASSERT_EQ(::recv(process.channel(), &answer, sizeof answer, 0), sizeof answer);
    EXPECT_EQ(answer, number);
  }
  EXPECT_EQ(process.bury(), 0);
  EXPECT_FALSE(process.running());
}

TEST(ForkedProcess, ADeathIsHeardThoughLaterProcessesLive) {
  ForkedProcess first;
  ForkedProcess second;
  first.begin([](int) { ::pause(); });
  second.begin(echo);
  first.kill();
  char byte;
  EXPECT_EQ(::recv(first.channel(), &byte, 1, 0), 0);
  const int status = first.bury();
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  first.begin(echo);
  EXPECT_TRUE(first.running());
}

TEST(ForkedProcess, WhatItsLifeThrowsStaysThere) {
  ForkedProcess process;
  process.begin([](int) {
    ::close(STDERR_FILENO);
    throw 1;
  });
  char byte;
  EXPECT_EQ(::recv(process.channel(), &byte, 1, 0), 0);
  const int status = process.bury();
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGABRT);
}

TEST(ForkedProcess, EndsThoughALaterOneHasItsChannelToo) {
  ForkedProcess first;
  first.begin(echo);
  ForkedProcess second;
  second.begin(echo);
  EXPECT_EQ(first.bury(), 0);
  EXPECT_EQ(second.bury(), 0);
}

}  // namespace
}  // namespace omega::task
