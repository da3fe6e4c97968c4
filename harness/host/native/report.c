/* Events for the harness: one JSON object a line on STATUS_FD. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "enter.h"

bool failed(struct failure *failure, const char *step, const char *path) {
  failure->error = errno;
  snprintf(failure->step, sizeof failure->step, "%s", step);
  snprintf(failure->path, sizeof failure->path, "%s", path);
  errno = failure->error;
  return false;
}

/* One write an event: a line is shorter than PIPE_BUF but for absurd paths, and the socket keeps order
 * anyway. */
static void send_line(const char *line, size_t length) {
  while (length > 0) {
    ssize_t sent = write(STATUS_FD, line, length);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return;
    line += sent;
    length -= (size_t)sent;
  }
}

/* Bytes that JSON cannot carry raw are written as \u00XX; the harness reads them as Latin-1 would. */
void report_quote(char *out, size_t size, const char *text) {
  size_t used = 0;
  for (const unsigned char *at = (const unsigned char *)text; *at != '\0' && used + 7 < size; at++) {
    bool plain = *at >= 0x20 && *at < 0x7f && *at != '"' && *at != '\\';
    used += (size_t)(plain ? snprintf(out + used, size - used, "%c", *at)
                           : snprintf(out + used, size - used, "\\u%04x", *at));
  }
  out[used] = '\0';
}

void report_listening(void) {
  static const char line[] = "{\"event\":\"listening\"}\n";
  send_line(line, sizeof line - 1);
}

void report_started(void) {
  static const char line[] = "{\"event\":\"started\"}\n";
  send_line(line, sizeof line - 1);
}

void report_failed(const struct failure *failure) {
  static char path[6 * PATH_MAX];
  static char line[7 * PATH_MAX];
  report_quote(path, sizeof path, failure->path);
  const char *name = strerrorname_np(failure->error);
  int length =
      snprintf(line, sizeof line,
               "{\"event\":\"failed\",\"step\":\"%s\",\"path\":\"%s\",\"errno\":\"%s\",\"message\":\"%s\"}\n",
               failure->step, path, name == NULL ? "" : name, strerror(failure->error));
  send_line(line, (size_t)length);
}

void report_ended(const struct ending *ending) {
  char how[128];
  if (ending->kind == ENDING_EXITED)
    snprintf(how, sizeof how, "\"kind\":\"exited\",\"exitCode\":%d", ending->number);
  else if (ending->kind == ENDING_LIMITED)
    snprintf(how, sizeof how, "\"kind\":\"limited\",\"limit\":\"%s\"", ending->limit);
  else if (ending->kind == ENDING_STARVED)
    snprintf(how, sizeof how, "\"kind\":\"starved\"");
  else
    snprintf(how, sizeof how, "\"kind\":\"signaled\",\"signal\":%d,\"coreDumped\":%s", ending->number,
             ending->core_dumped ? "true" : "false");
  char line[512];
  int length = snprintf(line, sizeof line,
                        "{\"event\":\"ended\",%s,\"userCpuUs\":%" PRId64 ",\"systemCpuUs\":%" PRId64
                        ",\"peakRssBytes\":%" PRId64 ",\"wallTimeUs\":%" PRId64 ",\"mechanism\":\"%s\"}\n",
                        how, ending->user_us, ending->system_us, ending->peak_rss_bytes, ending->wall_us,
                        ending->mechanism);
  send_line(line, (size_t)length);
}
