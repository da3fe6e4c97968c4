/*
 * Watches what a process and its descendants open, look for, run and connect to, and which system calls they make that
 * a given kernel would not have. A seccomp filter stops the few calls of interest, so that all others run at full
 * speed; init, which traces, writes one JSON object a line:
 *
 *   {"pid":2,"call":257,"path":"/etc/passwd","result":3}    a call with its path made absolute, and what it returned
 *   {"pid":2,"call":1,"path":"","result":8192}              a write to standard output
 *   {"pid":2,"refused":441}                                 a call beyond the newest one, answered with ENOSYS
 *   {"pid":2,"forked":3}                                    a new process or thread
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "enter.h"

static int log_fd = -1;
static int proc_fd = -1;
static bool in_chroot;
static int64_t newest_call = -1;
static const char *untold_folder = "";
/* A container's own programs have had the first pids: the payload is told of as 2, like everywhere. */
static pid_t pid_shift;

/* Which argument is the path, and which the directory that a relative one starts from (-1: the working directory). */
struct path_call {
  int number;
  int path;
  int directory;
};

static const struct path_call path_calls[] = {
    {__NR_open, 0, -1},      {__NR_stat, 0, -1},      {__NR_lstat, 0, -1},    {__NR_access, 0, -1},
    {__NR_creat, 0, -1},     {__NR_readlink, 0, -1},  {__NR_execve, 0, -1},   {__NR_openat, 1, 0},
    {__NR_newfstatat, 1, 0}, {__NR_readlinkat, 1, 0}, {__NR_faccessat, 1, 0}, {__NR_execveat, 1, 0},
    {__NR_statx, 1, 0},      {__NR_openat2, 1, 0},    {__NR_faccessat2, 1, 0}};

enum { PATH_CALLS = sizeof path_calls / sizeof *path_calls };

/* What was seen at the beginning of a call whose end is awaited. */
struct pending {
  pid_t pid;
  int number;
  char path[PATH_MAX];
};

enum { MAX_PENDING = 64 };
static struct pending pending[MAX_PENDING];

static struct pending *find_pending(pid_t pid) {
  for (int i = 0; i < MAX_PENDING; i++)
    if (pending[i].pid == pid) return &pending[i];
  return NULL;
}

bool watch_open(const struct spec *spec, struct failure *failure) {
  if (spec->watch_path == NULL) return true;
  log_fd = open(spec->watch_path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOCTTY | O_CLOEXEC, 0644);
  return log_fd >= 0 || failed(failure, "open", spec->watch_path);
}

int watch_log(void) {
  return log_fd;
}

void watch_adopt(int log) {
  log_fd = log;
}

/* A /proc that is mounted nowhere: only init can look into it. A container has one that anybody can. */
bool watch_prepare(const struct spec *spec, struct failure *failure) {
  if (spec->watch_path == NULL) return true;
  in_chroot = spec->chroot != NULL;
  newest_call = spec->newest_call;
  untold_folder = spec->untold_folder;
  if (spec->link != NULL) {
    proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return proc_fd >= 0 || failed(failure, "watch /proc", "");
  }
  int context = fsopen("proc", FSOPEN_CLOEXEC);
  if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
    return failed(failure, "watch /proc", "");
  proc_fd = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
  close(context);
  return proc_fd >= 0 || failed(failure, "watch /proc", "");
}

bool watch_seize(pid_t payload, struct failure *failure) {
  pid_shift = payload - 2;
  long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC |
                 PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
  return ptrace(PTRACE_SEIZE, payload, NULL, options) == 0 || failed(failure, "ptrace", "");
}

static struct sock_filter statement(unsigned short code, unsigned value) {
  return (struct sock_filter)BPF_STMT(code, value);
}

static struct sock_filter jump(unsigned short test, unsigned value, unsigned char yes, unsigned char no) {
  return (struct sock_filter)BPF_JUMP(BPF_JMP | test | BPF_K, value, yes, no);
}

bool watch_enter_filter(const struct spec *spec, struct failure *failure) {
  struct sock_filter program[2 * PATH_CALLS + 16];
  unsigned short at = 0;
  const unsigned number = offsetof(struct seccomp_data, nr), first = offsetof(struct seccomp_data, args);
  program[at++] = statement(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
  program[at++] = jump(BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0);
  program[at++] = statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  program[at++] = statement(BPF_LD | BPF_W | BPF_ABS, number);
  if (spec->newest_call >= 0) {
    program[at++] = jump(BPF_JGT, (unsigned)spec->newest_call, 0, 1);
    program[at++] = statement(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
  }
  for (size_t i = 0; i < PATH_CALLS; i++) {
    program[at++] = jump(BPF_JEQ, (unsigned)path_calls[i].number, 0, 1);
    program[at++] = statement(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
  }
  program[at++] = jump(BPF_JEQ, __NR_connect, 0, 1);
  program[at++] = statement(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
  program[at++] = jump(BPF_JEQ, __NR_write, 1, 0);
  program[at++] = statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  program[at++] = statement(BPF_LD | BPF_W | BPF_ABS, first);
  program[at++] = jump(BPF_JEQ, STDOUT_FILENO, 0, 1);
  program[at++] = statement(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
  program[at++] = statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog filter = {.len = at, .filter = program};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0 || failed(failure, "seccomp", "");
}

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...) {
  static char line[7 * PATH_MAX];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  /* A log that cannot be written must not look like a process that did nothing. */
  if (length < 0 || write(log_fd, line, (size_t)length) != length) _exit(1);
}

/* A string of the process, page by page: the next page may not be there. */
static void read_string(pid_t pid, unsigned long address, char *out, size_t size) {
  size_t used = 0;
  while (used + 1 < size) {
    size_t step = 4096 - (address + used) % 4096;
    if (step > size - 1 - used) step = size - 1 - used;
    struct iovec local = {out + used, step}, remote = {(void *)(address + used), step};
    ssize_t got = process_vm_readv(pid, &local, 1, &remote, 1, 0);
    if (got <= 0) break;
    if (memchr(out + used, '\0', (size_t)got) != NULL) return;
    used += (size_t)got;
  }
  out[used] = '\0';
}

/* The directory that a relative path starts from, as the process sees it; with a final slash. */
static void read_directory(pid_t pid, int directory, char *out) {
  char link[64];
  if (directory == AT_FDCWD)
    snprintf(link, sizeof link, "%d/cwd", pid);
  else
    snprintf(link, sizeof link, "%d/fd/%d", pid, directory);
  ssize_t length = readlinkat(proc_fd, link, out, PATH_MAX - 2);
  if (length < 0) length = 0;
  size_t cut = in_chroot && strncmp(out, CHROOT_PLACE, strlen(CHROOT_PLACE)) == 0 ? strlen(CHROOT_PLACE) : 0;
  memmove(out, out + cut, (size_t)length - cut);
  strcpy(out + length - cut, (size_t)length - cut > 1 ? "/" : "");
  if (out[0] == '\0') strcpy(out, "/");
}

static void read_path(pid_t pid, const struct path_call *call, const unsigned long arguments[6], char *path) {
  static char given[PATH_MAX], directory[PATH_MAX];
  read_string(pid, arguments[call->path], given, sizeof given);
  path[0] = '\0';
  /* An empty path speaks of an open descriptor. */
  if (given[0] == '\0') return;
  directory[0] = '\0';
  if (given[0] != '/')
    read_directory(pid, call->directory < 0 ? AT_FDCWD : (int)arguments[call->directory], directory);
  if (snprintf(path, PATH_MAX, "%s%s", directory, given) >= PATH_MAX) path[PATH_MAX - 1] = '\0';
}

/* `unix:PATH`, `unix:@NAME` (abstract), `inet:ADDRESS:PORT`, `family:N`. */
static void read_address(pid_t pid, const unsigned long arguments[6], char *out) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
  } address;
  char digits[INET6_ADDRSTRLEN];
  memset(&address, 0, sizeof address);
  struct iovec local = {&address, arguments[2] < sizeof address ? arguments[2] : sizeof address - 1};
  struct iovec remote = {(void *)arguments[1], local.iov_len};
  if (process_vm_readv(pid, &local, 1, &remote, 1, 0) < 0) address.any.sa_family = AF_UNSPEC;
  switch (address.any.sa_family) {
  case AF_UNIX:
    if (address.local.sun_path[0] == '\0' && local.iov_len > 3) address.local.sun_path[0] = '@';
    snprintf(out, PATH_MAX, "unix:%s", address.local.sun_path);
    return;
  case AF_INET:
    inet_ntop(AF_INET, &address.v4.sin_addr, digits, sizeof digits);
    snprintf(out, PATH_MAX, "inet:%s:%d", digits, ntohs(address.v4.sin_port));
    return;
  case AF_INET6:
    inet_ntop(AF_INET6, &address.v6.sin6_addr, digits, sizeof digits);
    snprintf(out, PATH_MAX, "inet:[%s]:%d", digits, ntohs(address.v6.sin6_port));
    return;
  default:
    snprintf(out, PATH_MAX, "family:%d", address.any.sa_family);
  }
}

static bool is_untold(const char *path) {
  size_t length = strlen(untold_folder);
  return length > 0 && strncmp(path, untold_folder, length) == 0 && path[length] == '/' &&
         strstr(path, "/../") == NULL;
}

/* The beginning of a call that the filter stops; returns how the process goes on. */
static enum __ptrace_request call_begins(pid_t pid) {
  struct user_regs_struct registers;
  if (ptrace(PTRACE_GETREGS, pid, NULL, &registers) < 0) return PTRACE_CONT;
  long number = (long)registers.orig_rax;
  if (newest_call >= 0 && (unsigned long)number > (unsigned long)newest_call) {
    say("{\"pid\":%d,\"refused\":%ld}\n", pid - pid_shift, number);
    registers.orig_rax = (unsigned long)-1;
    registers.rax = (unsigned long)-ENOSYS;
    ptrace(PTRACE_SETREGS, pid, NULL, &registers);
    return PTRACE_CONT;
  }
  const unsigned long arguments[6] = {registers.rdi, registers.rsi, registers.rdx,
                                      registers.r10, registers.r8,  registers.r9};
  struct pending *entry = find_pending(pid);
  if (entry == NULL) entry = find_pending(0);
  if (entry == NULL) return PTRACE_CONT;
  entry->pid = pid;
  entry->number = (int)number;
  entry->path[0] = '\0';
  if (number == __NR_connect) read_address(pid, arguments, entry->path);
  for (size_t i = 0; i < PATH_CALLS; i++)
    if (path_calls[i].number == number) read_path(pid, &path_calls[i], arguments, entry->path);
  if (!is_untold(entry->path)) return PTRACE_SYSCALL;
  entry->pid = 0;
  return PTRACE_CONT;
}

static void call_ends(pid_t pid) {
  static char quoted[6 * PATH_MAX];
  struct pending *entry = find_pending(pid);
  struct user_regs_struct registers;
  if (entry == NULL) return;
  entry->pid = 0;
  if (ptrace(PTRACE_GETREGS, pid, NULL, &registers) < 0) return;
  if (entry->path[0] == '\0' && entry->number != __NR_write) return;
  report_quote(quoted, sizeof quoted, entry->path);
  say("{\"pid\":%d,\"call\":%d,\"path\":\"%s\",\"result\":%ld}\n", pid - pid_shift, entry->number, quoted,
      (long)registers.rax);
}

/* A thread that runs another program takes over its leader's pid. */
static void program_changes(pid_t pid) {
  unsigned long former = 0;
  ptrace(PTRACE_GETEVENTMSG, pid, NULL, &former);
  struct pending *entry = find_pending((pid_t)former);
  if (entry != NULL) entry->pid = pid;
}

void watch_stopped(pid_t pid, int status) {
  int number = WSTOPSIG(status), event = status >> 16;
  enum __ptrace_request onward = find_pending(pid) == NULL ? PTRACE_CONT : PTRACE_SYSCALL;
  unsigned long child = 0;
  bool stops = number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
  switch (event) {
  case 0:
    if (number == (SIGTRAP | 0x80)) {
      call_ends(pid);
      ptrace(PTRACE_CONT, pid, NULL, 0);
    } else
      ptrace(onward, pid, NULL, number);
    return;
  case PTRACE_EVENT_SECCOMP:
    onward = call_begins(pid);
    break;
  case PTRACE_EVENT_EXEC:
    program_changes(pid);
    break;
  case PTRACE_EVENT_FORK:
  case PTRACE_EVENT_VFORK:
  case PTRACE_EVENT_CLONE:
    ptrace(PTRACE_GETEVENTMSG, pid, NULL, &child);
    say("{\"pid\":%d,\"forked\":%lu}\n", pid - pid_shift, child - (unsigned long)pid_shift);
    break;
  case PTRACE_EVENT_STOP:
    if (stops) onward = PTRACE_LISTEN;
    break;
  }
  ptrace(onward, pid, NULL, 0);
}

void watch_until_exec(pid_t payload) {
  for (;;) {
    siginfo_t info;
    int status;
    if (waitid(P_PID, (id_t)payload, &info, WSTOPPED | WEXITED | WNOWAIT | __WALL) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if (info.si_code != CLD_STOPPED && info.si_code != CLD_TRAPPED) return;
    if (waitpid(payload, &status, __WALL) < 0) return;
    watch_stopped(payload, status);
    if (status >> 16 == PTRACE_EVENT_EXEC) return;
  }
}
