/*
 * The first process of a container that a container engine made: it has the mounts, limits and capabilities that the
 * engine was told to give it, and gets the standard streams and the spec from the supervisor.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "enter.h"

/* The standard streams, the spec, and the file of a watched process. */
enum { STREAMS = 3, SPEC = STREAMS, LOG, HANDED_OVER };

static int call(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(path);
  if (length >= sizeof address.sun_path) return -1;
  memcpy(address.sun_path, path, length);
  int link = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (link < 0 || connect(link, (struct sockaddr *)&address, sizeof address) < 0) return -1;
  return link;
}

static bool take_over(int link, int *descriptors) {
  char byte;
  struct iovec content = {&byte, 1};
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(HANDED_OVER * sizeof(int))];
  struct msghdr message = {
      .msg_iov = &content, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t length;
  while ((length = recvmsg(link, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) continue;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (length != 1 || header == NULL || header->cmsg_type != SCM_RIGHTS) return false;
  size_t size = header->cmsg_len - CMSG_LEN(0);
  if (size != LOG * sizeof *descriptors && size != HANDED_OVER * sizeof *descriptors) return false;
  memcpy(descriptors, CMSG_DATA(header), size);
  return true;
}

static bool make_links(const struct spec *spec, struct failure *failure) {
  for (size_t i = 0; i < spec->link_count; i++) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, CHROOT_PLACE "/%s", spec->links[i].name);
    if (symlink(spec->links[i].destination, path) < 0) return failed(failure, "symlink", path);
  }
  return true;
}

void contained_run(const char *path) {
  static struct failure failure;
  struct spec spec = {.uid = 65534, .gid = 65534, .umask = -1, .newest_call = -1, .mechanism = "rlimit"};
  struct groups none = {.spec = &spec, .join_memory = -1, .join_pids = -1, .memory_hit = -1};
  int descriptors[HANDED_OVER] = {-1, -1, -1, -1, -1};
  signal(SIGPIPE, SIG_IGN);
  int link = call(path);
  if (link < 0) {
    perror("redoubt: cannot reach the harness");
    _exit(125);
  }
  if (!take_over(link, descriptors)) _exit(125);
  if (!spec_read(&spec, descriptors[SPEC])) _exit(125);
  /* Above the standard streams, which may be among the numbers that were given. */
  for (int i = 0; i < HANDED_OVER; i++) {
    if (descriptors[i] < 0) continue;
    int high = fcntl(descriptors[i], F_DUPFD_CLOEXEC, FIRST_PRIVATE_FD);
    close(descriptors[i]);
    descriptors[i] = high;
  }
  close(descriptors[SPEC]);
  watch_adopt(descriptors[LOG]);
  for (int i = 0; i < STREAMS; i++) {
    if (dup2(descriptors[i], i) < 0) {
      failed(&failure, "dup2", "");
      init_fail(link, &failure);
    }
    close(descriptors[i]);
  }
  if (prctl(PR_SET_DUMPABLE, 0) < 0) {
    failed(&failure, "prctl", "");
    init_fail(link, &failure);
  }
  if (!make_links(&spec, &failure) || !watch_prepare(&spec, &failure)) init_fail(link, &failure);
  init_serve(&spec, &none, link);
}
