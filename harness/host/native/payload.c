/* Becomes the process that was asked for, with nothing of the machine or of root left to it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "enter.h"

/* This limit counts the processes of the user on the whole machine, other runs' too: it only stops a fork
 * bomb. */
enum { NPROC_FLOOR = 4096 };

static bool set_limit(__rlimit_resource_t resource, int64_t value, const char *name,
                      struct failure *failure) {
  struct rlimit limit = {(rlim_t)value, (rlim_t)value};
  return setrlimit(resource, &limit) == 0 || failed(failure, "setrlimit", name);
}

/* The usual soft limit of a login, within what is inherited: the harness's runtime raises its own to the
 * ceiling. */
static bool set_usual(__rlimit_resource_t resource, rlim_t usual, const char *name, struct failure *failure) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) < 0) return failed(failure, "getrlimit", name);
  limit.rlim_cur = limit.rlim_max < usual ? limit.rlim_max : usual;
  return setrlimit(resource, &limit) == 0 || failed(failure, "setrlimit", name);
}

/* What was asked for by name, or else the usual. */
static bool set_named(const struct spec *spec, const char *name, __rlimit_resource_t resource, rlim_t usual,
                      struct failure *failure) {
  for (size_t i = 0; i < spec->resource_count; i++)
    if (strcmp(spec->resources[i].name, name) == 0)
      usual = spec->resources[i].value < 0 ? RLIM_INFINITY : (rlim_t)spec->resources[i].value;
  return set_usual(resource, usual, name, failure);
}

static bool set_limits(const struct spec *spec, struct failure *failure) {
  if (!set_named(spec, "open-files", RLIMIT_NOFILE, 1024, failure)) return false;
  if (!set_named(spec, "stack", RLIMIT_STACK, 8 << 20, failure)) return false;
  if (!set_named(spec, "core", RLIMIT_CORE, 0, failure)) return false;
  if (!set_named(spec, "address-space", RLIMIT_AS, RLIM_INFINITY, failure)) return false;
  if (spec->output_bytes > 0 && !set_limit(RLIMIT_FSIZE, spec->output_bytes, "RLIMIT_FSIZE", failure))
    return false;
  if (spec->memory_bytes > 0 && spec->memory_group == NULL &&
      !set_limit(RLIMIT_AS, spec->memory_bytes, "RLIMIT_AS", failure))
    return false;
  if (spec->processes <= 0 || spec->pids_group != NULL) return true;
  int64_t ceiling = spec->processes > NPROC_FLOOR ? spec->processes : NPROC_FLOOR;
  return set_limit(RLIMIT_NPROC, ceiling, "RLIMIT_NPROC", failure);
}

/* Descriptors that a careless parent leaves open; they lead nowhere. */
static bool leave_open(const struct spec *spec, struct failure *failure) {
  for (int64_t i = 0; i < spec->descriptors; i++)
    if (memfd_create("redoubt", 0) < 0) return failed(failure, "memfd_create", "");
  return true;
}

static bool drop_privileges(const struct spec *spec, struct failure *failure) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return failed(failure, "no_new_privs", "");
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) return failed(failure, "drop capability", "");
  if (setgroups(0, NULL) < 0) return failed(failure, "setgroups", "");
  if (setresgid(spec->gid, spec->gid, spec->gid) < 0) return failed(failure, "setresgid", "");
  if (setresuid(spec->uid, spec->uid, spec->uid) < 0) return failed(failure, "setresuid", "");
  /* Only uid 0 still has any here. */
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
  if (syscall(SYS_capset, &header, none) < 0) return failed(failure, "capset", "");
  return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 ||
         failed(failure, "clear ambient capabilities", "");
}

/* Every signal at its default and none blocked: the harness's runtime ignores some. */
static void reset_signals(void) {
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Closes all but the standard streams and `kept`, which closes itself at exec. */
static bool close_others(int kept, struct failure *failure) {
  if (kept > 3 && syscall(SYS_close_range, 3U, (unsigned)kept - 1, 0U) < 0)
    return failed(failure, "close_range", "");
  return syscall(SYS_close_range, (unsigned)kept + 1, ~0U, 0U) == 0 || failed(failure, "close_range", "");
}

static bool become(const struct spec *spec, const struct groups *groups, int errors,
                   struct failure *failure) {
  if (setsid() < 0) return failed(failure, "setsid", "");
  if (!groups_join(groups, failure)) return false;
  if (!close_others(errors, failure) || !set_limits(spec, failure)) return false;
  if (!leave_open(spec, failure)) return false;
  if (spec->chroot != NULL && (chroot(CHROOT_PLACE) < 0 || chdir("/") < 0))
    return failed(failure, "chroot", spec->chroot);
  if (!drop_privileges(spec, failure)) return false;
  const char *directory = spec->working_directory == NULL ? "/" : spec->working_directory;
  if (chdir(directory) < 0) return failed(failure, "chdir", directory);
  umask(spec->umask < 0 ? 022 : (mode_t)spec->umask);
  reset_signals();
  if (spec->stdin_closed) close(STDIN_FILENO);
  const char *program = spec->argv[0];
  if (spec->argv0 != NULL) spec->argv[0] = (char *)spec->argv0;
  if (spec->watch_path != NULL && !watch_enter_filter(spec, failure)) return false;
  execve(program, spec->argv, spec->envp);
  int error = errno;
  /* ENOENT for a file that is there speaks of its interpreter or loader. */
  bool lacks_interpreter =
      error == ENOENT && faccessat(AT_FDCWD, program, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  errno = error;
  return failed(failure, lacks_interpreter ? "exec interpreter" : "exec", program);
}

void payload_run(const struct spec *spec, const struct groups *groups, int errors, int seized) {
  static struct failure failure;
  char byte;
  /* Without its tracer the filter would refuse every call that it watches. */
  while (seized >= 0 && read(seized, &byte, 1) < 0 && errno == EINTR) continue;
  become(spec, groups, errors, &failure);
  ssize_t sent = write(errors, &failure, sizeof failure);
  _exit(sent == (ssize_t)sizeof failure ? 126 : 127);
}
