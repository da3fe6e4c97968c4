/* The supervisor: see enter.h for how the parts stand to each other. */
#define _GNU_SOURCE
#include "enter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct supervision {
  const struct spec *spec;
  pid_t init;
  int link;
  int signals;
  int64_t started_us;
  /* Init's last word, and why the supervisor ended it, if it did. */
  struct report report;
  bool has_ended;
  bool was_killed;
  /* The container is as it must be: its init may be let in. */
  bool may_proceed;
  /* Nothing can come from init any more. */
  bool is_over;
  const char *limit;
};

static int64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t time_us(struct timeval time) {
  return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

static bool redirect(const char *path, int flags, int64_t offset, int target, struct failure *failure) {
  if (path == NULL) return true;
  int fd = open(path, flags | O_NOCTTY | O_CLOEXEC, 0644);
  if (fd < 0) return failed(failure, "open", path);
  if (offset > 0 && lseek(fd, offset, SEEK_SET) < 0) return failed(failure, "lseek", path);
  if (dup2(fd, target) < 0) return failed(failure, "dup2", path);
  close(fd);
  return true;
}

static bool open_streams(const struct spec *spec, struct failure *failure) {
  int write_flags = O_WRONLY | O_CREAT;
  return redirect(spec->stdin_path, O_RDONLY, spec->stdin_offset, STDIN_FILENO, failure) &&
         redirect(spec->stdout_path, write_flags | (spec->stdout_append ? O_APPEND : O_TRUNC), 0,
                  STDOUT_FILENO, failure) &&
         redirect(spec->stderr_path, write_flags | (spec->stderr_append ? O_APPEND : O_TRUNC), 0,
                  STDERR_FILENO, failure);
}

/* Ends the namespace; the first reason counts. */
static void end_now(struct supervision *now, const char *limit) {
  if (now->was_killed) return;
  now->was_killed = true;
  now->limit = limit;
  if (now->spec->link == NULL) {
    kill(now->init, SIGKILL);
    return;
  }
  /* Its init ends all others and then tells how it went; without the link there is nobody to tell. */
  int number = CONTROL_KILL;
  if (now->link < 0 || send(now->link, &number, sizeof number, MSG_NOSIGNAL) < 0) now->is_over = true;
}

static void hear_control(struct supervision *now) {
  unsigned char bytes[64];
  ssize_t length = read(CONTROL_FD, bytes, sizeof bytes);
  if (length <= 0) {
    end_now(now, NULL);
    return;
  }
  for (ssize_t i = 0; i < length; i++) {
    if (bytes[i] == CONTROL_KILL)
      end_now(now, NULL);
    else if (bytes[i] == CONTROL_OUTPUT_LIMIT)
      end_now(now, "output");
    else if (bytes[i] == CONTROL_PROCEED)
      now->may_proceed = true;
    else {
      int number = bytes[i];
      send(now->link, &number, sizeof number, MSG_NOSIGNAL);
    }
  }
}

/* Reads one word of init; false at the end of the link. */
static bool hear_init(struct supervision *now) {
  struct report report;
  if (recv(now->link, &report, sizeof report, 0) != (ssize_t)sizeof report) return false;
  now->report = report;
  if (report.kind == REPORT_STARTED) {
    now->started_us = now_us();
    report_started();
  }
  if (report.kind == REPORT_ENDED) now->has_ended = true;
  return true;
}

static int time_left_ms(const struct supervision *now) {
  if (now->spec->wall_ms <= 0 || now->was_killed) return -1;
  int64_t left = now->spec->wall_ms - (now_us() - now->started_us) / 1000;
  return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* Until init has closed its end of the link, which it does only by ending. */
static void watch(struct supervision *now, const struct groups *groups) {
  struct pollfd watched[] = {{.fd = now->link, .events = POLLIN},
                             {.fd = CONTROL_FD, .events = POLLIN},
                             {.fd = now->signals, .events = POLLIN},
                             {.fd = groups->memory_hit, .events = POLLIN}};
  while (!now->is_over) {
    int count = poll(watched, 4, time_left_ms(now));
    if (count < 0 && errno != EINTR) end_now(now, NULL);
    if (count == 0) end_now(now, "wall-time");
    if (count <= 0) continue;
    if (watched[0].revents != 0 && !hear_init(now)) return;
    if (watched[1].revents != 0) {
      hear_control(now);
      /* A closed control pipe would be ready for ever. */
      if (now->was_killed) watched[1].fd = -1;
    }
    if (watched[2].revents != 0) {
      watched[2].fd = -1;
      end_now(now, NULL);
    }
    if (watched[3].revents != 0) {
      uint64_t times;
      bool is_told = read(watched[3].fd, &times, sizeof times) == (ssize_t)sizeof times;
      /* It may be the limit of a group above, which is nobody's fault here. */
      bool is_full = groups_memory_is_full(groups);
      if (is_full || !is_told) watched[3].fd = -1;
      if (is_full) end_now(now, "memory");
    }
  }
}

static bool output_is_full(const struct spec *spec) {
  struct stat file;
  if (spec->output_bytes <= 0 || spec->stdout_path == NULL || stat(spec->stdout_path, &file) < 0)
    return false;
  return S_ISREG(file.st_mode) && file.st_size >= spec->output_bytes;
}

static void judge(struct ending *ending, const struct supervision *now, const struct groups *groups) {
  int status = now->has_ended ? now->report.status : SIGKILL;
  enum memory_deaths deaths = now->spec->link == NULL ? groups_memory_deaths(groups) : now->report.memory_deaths;
  ending->kind = WIFEXITED(status) ? ENDING_EXITED : ENDING_SIGNALED;
  ending->number = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
  ending->core_dumped = WIFSIGNALED(status) && WCOREDUMP(status);
  /* A container's init also tells how those ended that it was told to end. */
  if (now->limit != NULL && (!now->has_ended || now->spec->link != NULL))
    ending->limit = now->limit;
  else if (deaths == MEMORY_DEATHS_AT_LIMIT)
    ending->limit = "memory";
  else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
    ending->limit = "output";
  /* A process that ignores SIGXFSZ sees EFBIG and goes its own way. */
  else if (status != 0 && now->has_ended && output_is_full(now->spec))
    ending->limit = "output";
  if (ending->limit != NULL) ending->kind = ENDING_LIMITED;
  /* Whatever became of the rest: one of them was taken from it. */
  else if (deaths == MEMORY_DEATHS_BELOW_LIMIT && !now->was_killed)
    ending->kind = ENDING_STARVED;
}

/* Waits until the container's init has called; false when that cannot come any more. */
static bool accept_init(struct supervision *now, int listener, struct failure *failure) {
  struct pollfd watched[] = {{.fd = -1, .events = POLLIN},
                             {.fd = CONTROL_FD, .events = POLLIN},
                             {.fd = now->signals, .events = POLLIN}};
  while (now->link < 0) {
    if (now->may_proceed) watched[0].fd = listener;
    if (poll(watched, 3, -1) < 0) {
      if (errno == EINTR) continue;
      return failed(failure, "poll", "");
    }
    if (watched[1].revents != 0) hear_control(now);
    if (watched[2].revents != 0) end_now(now, NULL);
    if (now->was_killed) {
      errno = ECANCELED;
      return failed(failure, "wait for the container", now->spec->link);
    }
    if (watched[0].revents == 0) continue;
    now->link = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (now->link < 0) return failed(failure, "accept", now->spec->link);
  }
  now->started_us = now_us();
  return link_hand_over(now->spec, now->link, failure);
}

static int clone_init(int link[2]) {
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, link) < 0) return -1;
  return (int)syscall(SYS_clone,
                      SIGCHLD | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS, NULL,
                      NULL, NULL, NULL);
}

/* Runs the payload to its end; false when it was not started, or its end cannot be known. */
static bool supervise(const struct spec *spec, struct groups *groups, struct failure *failure) {
  int link[2];
  struct supervision now = {.spec = spec, .started_us = now_us()};
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGTERM);
  sigprocmask(SIG_BLOCK, &wanted, NULL);
  now.signals = signalfd(-1, &wanted, SFD_CLOEXEC);
  if (spec->link != NULL) {
    now.link = -1;
    int listener = link_listen(spec, failure);
    if (listener < 0) return false;
    report_listening();
    bool called = accept_init(&now, listener, failure);
    close(listener);
    if (!called) return false;
  } else {
    now.init = clone_init(link);
    if (now.init < 0) return failed(failure, "clone into namespaces", "");
    if (now.init == 0) {
      close(link[0]);
      init_run(spec, groups, link[1]);
    }
    close(link[1]);
    now.link = link[0];
  }
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) close(fd);
  watch(&now, groups);

  struct rusage usage;
  memset(&usage, 0, sizeof usage);
  if (spec->link != NULL)
    usage = now.report.usage;
  else
    while (wait4(now.init, NULL, 0, &usage) < 0 && errno == EINTR) continue;
  if (now.report.kind == REPORT_FAILED) {
    *failure = now.report.failure;
    return false;
  }
  if (!now.has_ended && !now.was_killed) {
    errno = ECHILD;
    return failed(failure, "init was lost", "");
  }
  struct ending ending = {
      .user_us = time_us(usage.ru_utime),
      .system_us = time_us(usage.ru_stime),
      .peak_rss_bytes = (int64_t)usage.ru_maxrss * 1024,
      .wall_us = now_us() - now.started_us,
      .mechanism = spec->mechanism,
  };
  judge(&ending, &now, groups);
  groups_remove(groups);
  report_ended(&ending);
  return true;
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "--contained") == 0) contained_run(argv[2]);
  struct spec spec = {.uid = 65534, .gid = 65534, .umask = -1, .newest_call = -1, .mechanism = "rlimit"};
  struct groups groups = {.join_memory = -1, .join_pids = -1, .memory_hit = -1};
  static struct failure failure;
  signal(SIGPIPE, SIG_IGN);
  if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || !spec_read(&spec, CONTROL_FD)) return 2;
  if (getppid() != spec.harness) return 2;
  bool started = open_streams(&spec, &failure) && watch_open(&spec, &failure) &&
                 groups_make(&groups, &spec, &failure) &&
                 supervise(&spec, &groups, &failure);
  groups_remove(&groups);
  if (!started) report_failed(&failure);
  return started ? 0 : 1;
}
