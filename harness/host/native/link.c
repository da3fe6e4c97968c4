/* The socket between the supervisor, on the machine, and the first process of a container (contained.c). */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "enter.h"

int link_listen(const struct spec *spec, struct failure *failure) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(spec->link);
  if (length >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    failed(failure, "listen", spec->link);
    return -1;
  }
  memcpy(address.sun_path, spec->link, length);
  int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0 &&
      listen(listener, 1) == 0)
    return listener;
  failed(failure, "listen", spec->link);
  if (listener >= 0) close(listener);
  return -1;
}

/* The spec as a file in memory, as it came: its length, then its words. */
static int spec_file(const struct spec *spec) {
  int fd = memfd_create("redoubt-spec", MFD_CLOEXEC);
  if (fd < 0) return -1;
  uint32_t length = (uint32_t)spec->blob_length;
  unsigned char prefix[] = {length, length >> 8, length >> 16, length >> 24};
  bool done = write(fd, prefix, sizeof prefix) == (ssize_t)sizeof prefix &&
              write(fd, spec->blob, length) == (ssize_t)length && lseek(fd, 0, SEEK_SET) == 0;
  if (done) return fd;
  close(fd);
  return -1;
}

bool link_hand_over(const struct spec *spec, int link, struct failure *failure) {
  int file = spec_file(spec);
  if (file < 0) return failed(failure, "write the spec", "");
  int descriptors[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, file, watch_log()};
  size_t size = sizeof descriptors - (watch_log() < 0 ? sizeof *descriptors : 0);
  char byte = 0;
  struct iovec content = {&byte, 1};
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof descriptors)] = {0};
  struct msghdr message = {
      .msg_iov = &content, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(size)};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(size);
  memcpy(CMSG_DATA(header), descriptors, size);
  bool done = sendmsg(link, &message, MSG_NOSIGNAL) == 1;
  if (!done) failed(failure, "hand over", spec->link);
  close(file);
  return done;
}
