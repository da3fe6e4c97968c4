/*
 * Pid 1 of the namespace: sets it up, starts the payload as another pid (as pid 1 a process shrugs off its
 * own SIGKILL and abort), reaps, passes signals on, and ends when the payload has ended, which ends all that
 * is left.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "enter.h"

static struct report report;

static void tell(int link, int kind) {
  report.kind = kind;
  if (send(link, &report, sizeof report, MSG_NOSIGNAL) < 0) _exit(1);
}

static void fail(int link) __attribute__((noreturn));
static void fail(int link) {
  tell(link, REPORT_FAILED);
  _exit(1);
}

void init_fail(int link, const struct failure *failure) {
  report.failure = *failure;
  fail(link);
}

/* Starts the payload; returns when it has become the program that was asked for. */
static pid_t start(const struct spec *spec, const struct groups *groups, int link) {
  int errors[2], seized[2] = {-1, -1};
  bool watched = spec->watch_path != NULL;
  if (pipe2(errors, O_CLOEXEC) < 0 || (watched && pipe2(seized, O_CLOEXEC) < 0)) {
    failed(&report.failure, "pipe", "");
    fail(link);
  }
  pid_t payload = fork();
  if (payload < 0) {
    failed(&report.failure, "fork", "");
    fail(link);
  }
  if (payload == 0) {
    if (watched) close(seized[1]);
    payload_run(spec, groups, errors[1], seized[0]);
  }
  close(errors[1]);
  if (watched) {
    if (!watch_seize(payload, &report.failure)) fail(link);
    close(seized[0]);
    close(seized[1]);
    watch_until_exec(payload);
  }
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) close(fd);
  ssize_t length;
  while ((length = read(errors[0], &report.failure, sizeof report.failure)) < 0 && errno == EINTR) continue;
  close(errors[0]);
  if (length != 0) fail(link);
  tell(link, REPORT_STARTED);
  return payload;
}

/* By the control group that this container is in. */
static enum memory_deaths contained_deaths(void) {
  enum memory_deaths deaths = memory_deaths("/sys/fs/cgroup", true);
  return deaths == MEMORY_DEATHS_NONE ? memory_deaths("/sys/fs/cgroup/memory", false) : deaths;
}

/* Ends whatever the payload left and sums it all up: nobody else sees a container's processes end. */
static void end_contained(void) {
  kill(-1, SIGKILL);
  while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR) continue;
  getrusage(RUSAGE_CHILDREN, &report.usage);
  report.memory_deaths = contained_deaths();
}

/* Reaps all that ended; does not return once the payload is among them. */
static void reap(const struct spec *spec, pid_t payload, int link) {
  int status;
  for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG | __WALL)) > 0;) {
    if (WIFSTOPPED(status)) {
      watch_stopped(ended, status);
      continue;
    }
    if (ended != payload) continue;
    report.status = status;
    if (spec->link != NULL) end_contained();
    tell(link, REPORT_ENDED);
    _exit(0);
  }
}

void init_run(const struct spec *spec, const struct groups *groups, int link) {
  /* If the supervisor died before this took hold, its end of the link is closed and `tell` or `poll` sees it.
   */
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0) {
    failed(&report.failure, "prctl", "");
    fail(link);
  }
  close(CONTROL_FD);
  close(STATUS_FD);
  if (sethostname("redoubt", strlen("redoubt")) < 0) {
    failed(&report.failure, "sethostname", "");
    fail(link);
  }
  if (!tree_enter(spec, &report.failure) || !watch_prepare(spec, &report.failure)) fail(link);
  init_serve(spec, groups, link);
}

/* How often a container's init looks whether its memory is used up; elsewhere the supervisor is told. */
enum { MEMORY_CHECK_MS = 100 };

void init_serve(const struct spec *spec, const struct groups *groups, int link) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, NULL);
  int signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  pid_t payload = start(spec, groups, link);

  struct pollfd watched[] = {{.fd = link, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
  for (;;) {
    int count = poll(watched, 2, spec->link == NULL ? -1 : MEMORY_CHECK_MS);
    if (count < 0 && errno != EINTR) _exit(1);
    /* The limit is for all of them together. */
    if (count == 0 && contained_deaths() == MEMORY_DEATHS_AT_LIMIT) kill(-1, SIGKILL);
    if (count <= 0) continue;
    if (watched[1].revents != 0) {
      struct signalfd_siginfo info;
      while (read(signals, &info, sizeof info) > 0) continue;
      reap(spec, payload, link);
    }
    if (watched[0].revents != 0) {
      int number;
      if (recv(link, &number, sizeof number, 0) != sizeof number) _exit(1);
      if (number == CONTROL_KILL)
        kill(-1, SIGKILL);
      else
        kill(payload, number);
    }
  }
}
