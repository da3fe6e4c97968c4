/* Control groups of one payload: memory and number of processes, v1 or v2. Without them, rlimits (payload.c).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "enter.h"

static bool is_v2(const struct spec *spec) {
  return strcmp(spec->mechanism, "cgroup-v2") == 0;
}

static int open_in(const char *group, const char *file, int flags) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", group, file);
  return open(path, flags | O_CLOEXEC);
}

static bool write_number(const char *group, const char *file, int64_t value) {
  char text[32];
  int length = snprintf(text, sizeof text, "%" PRId64, value);
  int fd = open_in(group, file, O_WRONLY);
  if (fd < 0) return false;
  bool done = write(fd, text, (size_t)length) == length;
  int kept = errno;
  close(fd);
  errno = kept;
  return done;
}

static bool limit_memory(const struct spec *spec, struct failure *failure) {
  const char *file = is_v2(spec) ? "memory.max" : "memory.limit_in_bytes";
  if (!write_number(spec->memory_group, file, spec->memory_bytes))
    return failed(failure, file, spec->memory_group);
  /* Swap would only put the limit off; kernels without swap accounting lack the file. */
  bool no_swap = is_v2(spec)
                     ? write_number(spec->memory_group, "memory.swap.max", 0)
                     : write_number(spec->memory_group, "memory.memsw.limit_in_bytes", spec->memory_bytes);
  if (!no_swap && errno != ENOENT && errno != EOPNOTSUPP)
    return failed(failure, "memory.swap", spec->memory_group);
  return true;
}

static void close_once(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

/*
 * The limit is for all processes together, so hitting it ends them all: v2 does that when asked, v1 tells of
 * it through an eventfd (the kernel's cgroup-v1/memory.rst, section 9). A kernel without either still ends
 * the largest process.
 */
static void end_all_when_hit(struct groups *groups) {
  const char *group = groups->spec->memory_group;
  if (is_v2(groups->spec)) {
    write_number(group, "memory.oom.group", 1);
    return;
  }
  int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  int condition = open_in(group, "memory.oom_control", O_RDONLY);
  int control = open_in(group, "cgroup.event_control", O_WRONLY);
  char text[32];
  int length = snprintf(text, sizeof text, "%d %d", event, condition);
  bool done = event >= 0 && condition >= 0 && control >= 0 && write(control, text, (size_t)length) == length;
  if (done)
    groups->memory_hit = event;
  else
    close_once(&event);
  close_once(&control);
  close_once(&condition);
}

bool groups_make(struct groups *groups, const struct spec *spec, struct failure *failure) {
  *groups = (struct groups){.spec = spec, .join_memory = -1, .join_pids = -1, .memory_hit = -1};
  if (spec->memory_group != NULL) {
    if (mkdir(spec->memory_group, 0755) < 0) return failed(failure, "mkdir", spec->memory_group);
    groups->made_memory = true;
    if (spec->memory_bytes > 0) {
      if (!limit_memory(spec, failure)) return false;
      end_all_when_hit(groups);
    }
    groups->join_memory = open_in(spec->memory_group, "cgroup.procs", O_WRONLY);
    if (groups->join_memory < 0) return failed(failure, "cgroup.procs", spec->memory_group);
  }
  if (spec->pids_group == NULL) return true;
  bool shared = spec->memory_group != NULL && strcmp(spec->memory_group, spec->pids_group) == 0;
  if (!shared) {
    if (mkdir(spec->pids_group, 0755) < 0) return failed(failure, "mkdir", spec->pids_group);
    groups->made_pids = true;
    groups->join_pids = open_in(spec->pids_group, "cgroup.procs", O_WRONLY);
    if (groups->join_pids < 0) return failed(failure, "cgroup.procs", spec->pids_group);
  }
  if (!write_number(spec->pids_group, "pids.max", spec->processes))
    return failed(failure, "pids.max", spec->pids_group);
  return true;
}

bool groups_join(const struct groups *groups, struct failure *failure) {
  /* 0 means the writer, whichever pid namespace it is in. */
  if (groups->join_memory >= 0 && write(groups->join_memory, "0", 1) != 1)
    return failed(failure, "cgroup.procs", groups->spec->memory_group);
  if (groups->join_pids >= 0 && write(groups->join_pids, "0", 1) != 1)
    return failed(failure, "cgroup.procs", groups->spec->pids_group);
  return true;
}

/* The number in a file of a group: all that it holds, or what follows a name at the beginning of a line; 0 without it. */
static int64_t read_number(const char *group, const char *file, const char *name) {
  int fd = open_in(group, file, O_RDONLY);
  if (fd < 0) return 0;
  char text[1024];
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return 0;
  text[length] = '\0';
  if (name == NULL) return strtoll(text, NULL, 10);
  for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (strncmp(line, name, strlen(name)) == 0) return strtoll(line + strlen(name), NULL, 10);
  }
  return 0;
}

/* How near to its limit a group gets whose next pages do not fit: a huge page is tried first, then what is needed. */
enum { LARGEST_CHARGE_BYTES = 2 << 20 };

/*
 * v2 counts when the group's own limit was the reason (the kernel's cgroup-v2.rst). Of v1 no counter can be relied on:
 * memory.memsw.failcnt, which is the one where swap is limited as well, stays 0 on Linux 6.18.
 */
static bool is_full(const char *group, bool v2) {
  if (v2) return read_number(group, "memory.events", "oom ") > 0;
  int64_t limit = read_number(group, "memory.limit_in_bytes", NULL);
  return read_number(group, "memory.max_usage_in_bytes", NULL) > limit - LARGEST_CHARGE_BYTES;
}

enum memory_deaths memory_deaths(const char *group, bool v2) {
  if (read_number(group, v2 ? "memory.events" : "memory.oom_control", "oom_kill ") == 0) return MEMORY_DEATHS_NONE;
  return is_full(group, v2) ? MEMORY_DEATHS_AT_LIMIT : MEMORY_DEATHS_BELOW_LIMIT;
}

bool groups_memory_is_full(const struct groups *groups) {
  return groups->made_memory && is_full(groups->spec->memory_group, is_v2(groups->spec));
}

enum memory_deaths groups_memory_deaths(const struct groups *groups) {
  if (!groups->made_memory) return MEMORY_DEATHS_NONE;
  return memory_deaths(groups->spec->memory_group, is_v2(groups->spec));
}

/* The kernel lets go of the last member a little after it was reaped: on a loaded machine that little can be long. */
static void remove_group(const char *group) {
  for (int attempt = 0; attempt < 12000; attempt++) {
    if (rmdir(group) == 0 || errno != EBUSY) return;
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
  }
}

void groups_remove(struct groups *groups) {
  close_once(&groups->join_memory);
  close_once(&groups->join_pids);
  close_once(&groups->memory_hit);
  if (groups->made_memory) remove_group(groups->spec->memory_group);
  if (groups->made_pids) remove_group(groups->spec->pids_group);
  groups->made_memory = groups->made_pids = false;
}
