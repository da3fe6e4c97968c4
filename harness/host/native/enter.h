/*
 * enter: runs one process inside a root of its own and reports its true end.
 *
 *   harness --(fd 3: spec, then control bytes)--> supervisor --(clone into new namespaces)--> init, pid 1 -->
 * payload, pid 2
 *           <-(fd 4: one JSON line an event)-----
 *
 * The supervisor stays in the machine's namespaces: it holds the clock, the control groups and the verdict on
 * how the payload ended. Init assembles the root and reaps. When the harness dies the supervisor gets SIGTERM
 * and the end of fd 3; when the supervisor dies init gets SIGKILL; when init dies the kernel ends the whole
 * pid namespace.
 *
 * In a container that somebody else made (spec.link) init is that container's first process, `enter --contained
 * SOCKET`: it connects to the supervisor and takes over the standard streams and the spec; when the supervisor
 * dies the socket tells.
 */
#ifndef REDOUBT_ENTER_H
#define REDOUBT_ENTER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

enum { CONTROL_FD = 3, STATUS_FD = 4, FIRST_PRIVATE_FD = 10 };

/* Control bytes above the signal numbers. */
enum { CONTROL_KILL = 128, CONTROL_OUTPUT_LIMIT = 129, CONTROL_PROCEED = 130 };

struct mount_point {
  const char *source;
  const char *target;
  bool read_only;
};

/* A soft limit, within what is inherited; -1 for none. */
struct resource {
  const char *name;
  int64_t value;
};

/* A symbolic link at the top of the chroot directory, where a container engine cannot make one. */
struct link_entry {
  const char *name;
  const char *destination;
};

/* Everything that the harness asks for; strings point into the blob that was read. */
struct spec {
  /* As it was read, without its length. */
  const char *blob;
  size_t blob_length;
  pid_t harness;
  /* The socket at which init of a container calls; NULL when init is made here. */
  const char *link;
  struct link_entry *links;
  size_t link_count;
  const char *root;
  const char *stage;
  const char *chroot;
  bool system_mounts;
  struct mount_point *mounts;
  size_t mount_count;
  uid_t uid;
  gid_t gid;
  const char *working_directory;
  char **argv;
  size_t argv_count;
  char **envp;
  size_t envp_count;
  bool stdin_closed;
  const char *stdin_path;
  int64_t stdin_offset;
  const char *stdout_path;
  bool stdout_append;
  const char *stderr_path;
  bool stderr_append;
  int64_t wall_ms;
  int64_t memory_bytes;
  int64_t output_bytes;
  int64_t processes;
  /* Circumstances; NULL and -1 for the usual ones. */
  int64_t umask;
  const char *argv0;
  int64_t descriptors;
  struct resource *resources;
  size_t resource_count;
  bool no_devices;
  /* The file that watch.c writes, or NULL; the last system call that it lets through, or -1; the folder of whose files
   * it says nothing, or an empty string. */
  const char *watch_path;
  int64_t newest_call;
  const char *untold_folder;
  /* "cgroup-v2", "cgroup-v1" or "rlimit". */
  const char *mechanism;
  /* Folders that do not exist yet; NULL without the controller. With v2 both are the same folder. */
  const char *memory_group;
  const char *pids_group;
};

/* A step of setting up that failed. */
struct failure {
  int error;
  char step[32];
  char path[PATH_MAX];
};

/* Whether the kernel has killed a process of a control group for want of memory: below the group's own limit it is the
 * machine, or a group above, that has run out of it. */
enum memory_deaths { MEMORY_DEATHS_NONE, MEMORY_DEATHS_AT_LIMIT, MEMORY_DEATHS_BELOW_LIMIT };

/* What init tells the supervisor. */
struct report {
  enum { REPORT_STARTED = 1, REPORT_FAILED, REPORT_ENDED } kind;
  int status;
  /* Of a container only: elsewhere the supervisor sees both for itself. */
  struct rusage usage;
  enum memory_deaths memory_deaths;
  struct failure failure;
};

/* spec.c: reads the spec from a descriptor; false when the harness went away first. */
bool spec_read(struct spec *spec, int fd);

/* tree.c: makes the root at spec->stage and pivots into it. */
bool tree_enter(const struct spec *spec, struct failure *failure);

/* watch.c: what a watched process and its descendants open, run and ask of the kernel. The supervisor opens the file,
 * init prepares and traces, the payload puts itself under the filter last of all. */
bool watch_open(const struct spec *spec, struct failure *failure);
/* The file, -1 without one: a container's init gets it from the supervisor. */
int watch_log(void);
void watch_adopt(int log);
bool watch_prepare(const struct spec *spec, struct failure *failure);
bool watch_seize(pid_t payload, struct failure *failure);
/* Traces a payload until it has become its program, or has ended, which is left for waitpid. */
void watch_until_exec(pid_t payload);
/* Deals with a stop that waitpid told of. */
void watch_stopped(pid_t pid, int status);
bool watch_enter_filter(const struct spec *spec, struct failure *failure);

/* group.c */
struct groups {
  const struct spec *spec;
  bool made_memory;
  bool made_pids;
  int join_memory;
  int join_pids;
  /* Readable when the memory limit was hit, or that of a group above; -1 where the kernel ends the whole group by
   * itself, or cannot tell. */
  int memory_hit;
};
bool groups_make(struct groups *groups, const struct spec *spec, struct failure *failure);
/* Called by the payload, on itself. */
bool groups_join(const struct groups *groups, struct failure *failure);
/* Whether the group has reached the limit of its own. */
bool groups_memory_is_full(const struct groups *groups);
enum memory_deaths groups_memory_deaths(const struct groups *groups);
/* The same of any group, by its folder. */
enum memory_deaths memory_deaths(const char *group, bool is_v2);
void groups_remove(struct groups *groups);

/* init.c: never returns; `link` is its socket to the supervisor. */
void init_run(const struct spec *spec, const struct groups *groups, int link) __attribute__((noreturn));
/* The part of init that a container's has as well: starts the payload and serves until it has ended. */
void init_serve(const struct spec *spec, const struct groups *groups, int link) __attribute__((noreturn));
/* For what goes wrong before. */
void init_fail(int link, const struct failure *failure) __attribute__((noreturn));

/* link.c: between the supervisor and the first process of a container. */
int link_listen(const struct spec *spec, struct failure *failure);
/* Gives a container's init the standard streams and the spec. */
bool link_hand_over(const struct spec *spec, int link, struct failure *failure);
/* contained.c: the first process of a container. */
void contained_run(const char *path) __attribute__((noreturn));

/* payload.c: becomes the process that was asked for; on failure writes a struct failure to `errors` and exits. Waits
 * first for a byte, or the end, of `seized`, if that is not -1. */
void payload_run(const struct spec *spec, const struct groups *groups, int errors, int seized)
    __attribute__((noreturn));

/* report.c: events for the harness. */
struct ending {
  enum { ENDING_EXITED, ENDING_SIGNALED, ENDING_LIMITED, ENDING_STARVED } kind;
  int number;
  bool core_dumped;
  const char *limit;
  int64_t user_us;
  int64_t system_us;
  int64_t peak_rss_bytes;
  int64_t wall_us;
  const char *mechanism;
};
/* Writes `text` as the inside of a JSON string. */
void report_quote(char *out, size_t size, const char *text);
void report_listening(void);
void report_started(void);
void report_failed(const struct failure *failure);
void report_ended(const struct ending *ending);

/* Fills a failure from errno, which it leaves as it is; always false, so that callers can return it. */
bool failed(struct failure *failure, const char *step, const char *path);

/* The path where the chroot directory is mounted inside the root. */
#define CHROOT_PLACE "/redoubt-chroot"

#endif
