/* Reads the spec: a little-endian u32 length, then NUL-terminated words: a keyword and its values, again and
 * again. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enter.h"

struct words {
  char *next;
  char *end;
};

static bool read_fully(int fd, void *buffer, size_t length) {
  char *at = buffer;
  while (length > 0) {
    ssize_t got = read(fd, at, length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    length -= (size_t)got;
  }
  return true;
}

static char *word(struct words *words) {
  if (words->next >= words->end) _exit(2);
  char *found = words->next;
  words->next += strlen(found) + 1;
  return found;
}

static int64_t number(struct words *words) {
  return strtoll(word(words), NULL, 10);
}

/* Room for one more element and a final NULL. */
static void *grown(void *array, size_t count, size_t size) {
  void *grown_array = realloc(array, (count + 2) * size);
  if (grown_array == NULL) _exit(2);
  return grown_array;
}

static void add_mount(struct spec *spec, struct words *words) {
  spec->mounts = grown(spec->mounts, spec->mount_count, sizeof *spec->mounts);
  struct mount_point *mount = &spec->mounts[spec->mount_count++];
  mount->read_only = strcmp(word(words), "ro") == 0;
  mount->source = word(words);
  mount->target = word(words);
}

static void add_string(char ***strings, size_t *count, struct words *words) {
  *strings = grown(*strings, *count, sizeof **strings);
  (*strings)[(*count)++] = word(words);
  (*strings)[*count] = NULL;
}

static void add_resource(struct spec *spec, struct words *words) {
  spec->resources = grown(spec->resources, spec->resource_count, sizeof *spec->resources);
  struct resource *resource = &spec->resources[spec->resource_count++];
  resource->name = word(words);
  resource->value = number(words);
}

static void add_link(struct spec *spec, struct words *words) {
  spec->links = grown(spec->links, spec->link_count, sizeof *spec->links);
  struct link_entry *entry = &spec->links[spec->link_count++];
  entry->name = word(words);
  entry->destination = word(words);
}

static void take_circumstance(struct spec *spec, const char *keyword, struct words *words) {
  if (strcmp(keyword, "umask") == 0)
    spec->umask = number(words);
  else if (strcmp(keyword, "argv0") == 0)
    spec->argv0 = word(words);
  else if (strcmp(keyword, "descriptors") == 0)
    spec->descriptors = number(words);
  else if (strcmp(keyword, "resource") == 0)
    add_resource(spec, words);
  else if (strcmp(keyword, "no-devices") == 0)
    spec->no_devices = true;
  else if (strcmp(keyword, "stdin-closed") == 0)
    spec->stdin_closed = true;
  else if (strcmp(keyword, "watch") == 0) {
    spec->watch_path = word(words);
    spec->newest_call = number(words);
    spec->untold_folder = word(words);
  } else
    _exit(2);
}

static void take(struct spec *spec, const char *keyword, struct words *words) {
  if (strcmp(keyword, "harness") == 0)
    spec->harness = (pid_t)number(words);
  else if (strcmp(keyword, "root") == 0)
    spec->root = word(words);
  else if (strcmp(keyword, "stage") == 0)
    spec->stage = word(words);
  else if (strcmp(keyword, "link") == 0)
    spec->link = word(words);
  else if (strcmp(keyword, "chroot-link") == 0)
    add_link(spec, words);
  else if (strcmp(keyword, "chroot") == 0)
    spec->chroot = word(words);
  else if (strcmp(keyword, "system-mounts") == 0)
    spec->system_mounts = true;
  else if (strcmp(keyword, "mount") == 0)
    add_mount(spec, words);
  else if (strcmp(keyword, "uid") == 0)
    spec->uid = (uid_t)number(words);
  else if (strcmp(keyword, "gid") == 0)
    spec->gid = (gid_t)number(words);
  else if (strcmp(keyword, "working-directory") == 0)
    spec->working_directory = word(words);
  else if (strcmp(keyword, "argument") == 0)
    add_string(&spec->argv, &spec->argv_count, words);
  else if (strcmp(keyword, "environment") == 0)
    add_string(&spec->envp, &spec->envp_count, words);
  else if (strcmp(keyword, "stdin") == 0) {
    spec->stdin_path = word(words);
    spec->stdin_offset = number(words);
  } else if (strcmp(keyword, "stdout") == 0) {
    spec->stdout_append = strcmp(word(words), "append") == 0;
    spec->stdout_path = word(words);
  } else if (strcmp(keyword, "stderr") == 0) {
    spec->stderr_append = strcmp(word(words), "append") == 0;
    spec->stderr_path = word(words);
  } else if (strcmp(keyword, "wall-ms") == 0)
    spec->wall_ms = number(words);
  else if (strcmp(keyword, "memory-bytes") == 0)
    spec->memory_bytes = number(words);
  else if (strcmp(keyword, "output-bytes") == 0)
    spec->output_bytes = number(words);
  else if (strcmp(keyword, "processes") == 0)
    spec->processes = number(words);
  else if (strcmp(keyword, "mechanism") == 0)
    spec->mechanism = word(words);
  else if (strcmp(keyword, "memory-group") == 0)
    spec->memory_group = word(words);
  else if (strcmp(keyword, "pids-group") == 0)
    spec->pids_group = word(words);
  else
    take_circumstance(spec, keyword, words);
}

bool spec_read(struct spec *spec, int fd) {
  unsigned char prefix[4];
  if (!read_fully(fd, prefix, sizeof prefix)) return false;
  size_t length = prefix[0] | prefix[1] << 8 | prefix[2] << 16 | (size_t)prefix[3] << 24;
  char *blob = malloc(length + 1);
  if (blob == NULL || !read_fully(fd, blob, length)) return false;
  blob[length] = '\0';
  spec->blob = blob;
  spec->blob_length = length;
  struct words words = {blob, blob + length};
  while (words.next < words.end) take(spec, word(&words), &words);
  if (spec->envp == NULL) spec->envp = calloc(1, sizeof *spec->envp);
  return spec->root != NULL && spec->stage != NULL && spec->argv != NULL && spec->envp != NULL;
}
