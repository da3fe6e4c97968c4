/*
 * Assembles the root that the payload sees, out of the machine's sight: a small tmpfs into which each entry
 * of the given root is mounted read-only. So mount points can be made without writing in the given root, and
 * an empty root is as good as any. No symbolic link is ever followed on the way to a mount point.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "enter.h"

/* Our own tmpfs mounts, sealed read-only at the end. */
enum { MAX_SHELLS = 64 };
static char *shells[MAX_SHELLS];
static size_t shell_count;

static bool join(char *out, const char *directory, const char *name, struct failure *failure) {
  if (snprintf(out, PATH_MAX, "%s/%s", directory, name) < PATH_MAX) return true;
  errno = ENAMETOOLONG;
  return failed(failure, "path", name);
}

/* A tmpfs at `path` that holds nothing but directories, links and empty files to mount on. */
static bool shell_at(const char *path, struct failure *failure) {
  if (shell_count == MAX_SHELLS) {
    errno = E2BIG;
    return failed(failure, "mount tmpfs", path);
  }
  if (mount("redoubt", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=4m,nr_inodes=65536") < 0)
    return failed(failure, "mount tmpfs", path);
  shells[shell_count] = strdup(path);
  if (shells[shell_count++] == NULL) return failed(failure, "mount tmpfs", path);
  return true;
}

/* `depth` is MS_REC to keep what is mounted below `source`, or 0. */
static bool bind(const char *source, const char *target, unsigned long depth, unsigned long flags,
                 struct failure *failure) {
  if (mount(source, target, NULL, MS_BIND | depth, NULL) < 0) return failed(failure, "bind", source);
  if (mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | flags, NULL) < 0)
    return failed(failure, "remount", source);
  return true;
}

static bool make_file(const char *path, struct failure *failure) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0) return failed(failure, "create", path);
  close(fd);
  return true;
}

/* What is shown may be part of the given root, or of what is already assembled (then mounts below it come
 * along). */
enum origin { FROM_ROOT, FROM_ASSEMBLED };

static bool show_tree(const char *source, const char *target, enum origin origin, struct failure *failure) {
  unsigned long sealed = MS_RDONLY;
  if (origin == FROM_ASSEMBLED) {
    struct statvfs state;
    if (statvfs(source, &state) < 0) return failed(failure, "statvfs", source);
    if ((state.f_flag & ST_RDONLY) == 0) sealed = 0;
  }
  return bind(source, target, origin == FROM_ASSEMBLED ? MS_REC : 0, sealed | MS_NOSUID | MS_NODEV, failure);
}

/* Shows the entry `source` at `target`, in a shell. Devices, sockets and fifos are left out. */
static bool show(const char *source, const char *target, enum origin origin, struct failure *failure) {
  struct stat entry;
  if (lstat(source, &entry) < 0) return failed(failure, "lstat", source);
  if (S_ISLNK(entry.st_mode)) {
    char destination[PATH_MAX];
    ssize_t length = readlink(source, destination, sizeof destination - 1);
    if (length < 0) return failed(failure, "readlink", source);
    destination[length] = '\0';
    if (symlink(destination, target) < 0) return failed(failure, "symlink", source);
    return true;
  }
  if (S_ISDIR(entry.st_mode)) {
    if (mkdir(target, 0755) < 0) return failed(failure, "mkdir", target);
  } else if (S_ISREG(entry.st_mode)) {
    if (!make_file(target, failure)) return false;
  } else {
    return true;
  }
  return show_tree(source, target, origin, failure);
}

static bool is_one_of(const char *name, const char *const *names) {
  for (; *names != NULL; names++)
    if (strcmp(name, *names) == 0) return true;
  return false;
}

/* Shows every entry of `source` but the omitted ones in the shell `target`. */
static bool show_all(const char *source, const char *target, enum origin origin, const char *const *omitted,
                     struct failure *failure) {
  DIR *directory = opendir(source);
  if (directory == NULL) return failed(failure, "open root", source);
  bool done = true;
  for (struct dirent *entry; done && (entry = readdir(directory)) != NULL;) {
    static const char *const self[] = {".", "..", NULL};
    if (is_one_of(entry->d_name, self) || is_one_of(entry->d_name, omitted)) continue;
    char from[PATH_MAX], to[PATH_MAX];
    done = join(from, source, entry->d_name, failure) && join(to, target, entry->d_name, failure) &&
           show(from, to, origin, failure);
  }
  closedir(directory);
  return done;
}

/* Puts a shell over a read-only directory, with the same entries in it, so that one can be added. */
static bool cover(const char *path, struct failure *failure) {
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return failed(failure, "open", path);
  static const char *const nothing[] = {NULL};
  char original[64];
  snprintf(original, sizeof original, "/proc/self/fd/%d", fd);
  bool done = shell_at(path, failure) && show_all(original, path, FROM_ASSEMBLED, nothing, failure);
  close(fd);
  return done;
}

/* Makes one missing entry, covering its directory when that is read-only. */
static bool make_entry(const char *directory, const char *path, bool is_directory, struct failure *failure) {
  for (int attempt = 0; attempt < 2; attempt++) {
    if (is_directory ? mkdir(path, 0755) == 0 : make_file(path, failure)) return true;
    if (errno != EROFS) return failed(failure, "make mount point", path);
    if (attempt == 0 && !cover(directory, failure)) return false;
  }
  return failed(failure, "make mount point", path);
}

/* Walks to base + target, making what is missing, and refuses links; the full path is left in `path`. */
static bool mount_point_at(char *path, const char *base, const char *target, bool is_directory,
                           struct failure *failure) {
  char rest[PATH_MAX], directory[PATH_MAX];
  snprintf(rest, sizeof rest, "%s", target);
  snprintf(path, PATH_MAX, "%s", base);
  char *saved = NULL;
  for (char *name = strtok_r(rest, "/", &saved); name != NULL;) {
    char *next = strtok_r(NULL, "/", &saved);
    bool want_directory = next != NULL || is_directory;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
      errno = EINVAL;
      return failed(failure, "mount target", target);
    }
    snprintf(directory, sizeof directory, "%s", path);
    if (!join(path, directory, name, failure)) return false;
    struct stat entry;
    if (lstat(path, &entry) < 0) {
      if (errno != ENOENT) return failed(failure, "mount target", path);
      if (!make_entry(directory, path, want_directory, failure)) return false;
    } else if (S_ISLNK(entry.st_mode) || S_ISDIR(entry.st_mode) != want_directory) {
      errno = S_ISLNK(entry.st_mode) ? ELOOP : want_directory ? ENOTDIR : EISDIR;
      return failed(failure, "mount target", target);
    }
    name = next;
  }
  return true;
}

static bool place(const char *base, const struct mount_point *wanted, struct failure *failure) {
  struct stat source;
  if (stat(wanted->source, &source) < 0) return failed(failure, "mount source", wanted->source);
  char path[PATH_MAX];
  if (!mount_point_at(path, base, wanted->target, S_ISDIR(source.st_mode), failure)) return false;
  return bind(wanted->source, path, 0, MS_NOSUID | MS_NODEV | (wanted->read_only ? MS_RDONLY : 0), failure);
}

/* A /dev with the few devices that the machine always has, and no other. */
static bool make_dev(const char *base, const char *const *devices, struct failure *failure) {
  char dev[PATH_MAX], from[PATH_MAX], to[PATH_MAX];
  if (!join(dev, base, "dev", failure)) return false;
  if (mkdir(dev, 0755) < 0) return failed(failure, "mkdir", dev);
  if (!shell_at(dev, failure)) return false;
  for (; *devices != NULL; devices++) {
    if (!join(from, "/dev", *devices, failure) || !join(to, dev, *devices, failure)) return false;
    if (!make_file(to, failure) || !bind(from, to, 0, MS_RDONLY | MS_NOSUID | MS_NOEXEC, failure))
      return false;
  }
  return true;
}

static bool mount_new(const char *base, const char *name, const char *type, unsigned long flags,
                      const char *options, struct failure *failure) {
  char path[PATH_MAX];
  if (!join(path, base, name, failure)) return false;
  if (mkdir(path, 0755) < 0) return failed(failure, "mkdir", path);
  if (mount(type, path, type, MS_NOSUID | MS_NODEV | flags, options) < 0)
    return failed(failure, "mount", path);
  return true;
}

static bool make_system_mounts(const char *base, struct failure *failure) {
  static const char *const links[][2] = {{"/proc/self/fd", "dev/fd"},
                                         {"/proc/self/fd/0", "dev/stdin"},
                                         {"/proc/self/fd/1", "dev/stdout"},
                                         {"/proc/self/fd/2", "dev/stderr"}};
  for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
    char path[PATH_MAX];
    if (!join(path, base, links[i][1], failure)) return false;
    if (symlink(links[i][0], path) < 0) return failed(failure, "symlink", path);
  }
  /* /proc is read-only: root without capabilities could still write in /proc/sys. */
  return mount_new(base, "proc", "proc", MS_NOEXEC | MS_RDONLY, NULL, failure) &&
         mount_new(base, "tmp", "tmpfs", 0, "mode=1777,size=1g", failure) &&
         mount_new(base, "dev/shm", "tmpfs", MS_NOEXEC, "mode=1777,size=1g", failure);
}

static const char *const no_devices[] = {NULL};
static const char *const bare_devices[] = {"null", "zero", "urandom", NULL};
static const char *const system_devices[] = {"null", "zero", "urandom", "random", "full", NULL};
static const char *const bare_omitted[] = {"dev", NULL};
static const char *const system_omitted[] = {"dev", "proc", "tmp", NULL};

static bool assemble(const struct spec *spec, struct failure *failure) {
  const char *base = spec->stage;
  const char *const *usual = spec->system_mounts ? system_devices : bare_devices;
  if (!shell_at(base, failure)) return false;
  if (!show_all(spec->root, base, FROM_ROOT, spec->system_mounts ? system_omitted : bare_omitted, failure))
    return false;
  if (!make_dev(base, spec->no_devices ? no_devices : usual, failure)) return false;
  if (spec->system_mounts && !make_system_mounts(base, failure)) return false;
  char inner[PATH_MAX];
  if (spec->chroot != NULL) {
    if (!mount_point_at(inner, base, CHROOT_PLACE, true, failure) || !shell_at(inner, failure)) return false;
    if (!show_all(spec->chroot, inner, FROM_ROOT, bare_omitted, failure) ||
        !make_dev(inner, spec->no_devices ? no_devices : bare_devices, failure))
      return false;
    base = inner;
  }
  for (size_t i = 0; i < spec->mount_count; i++)
    if (!place(base, &spec->mounts[i], failure)) return false;
  for (size_t i = 0; i < shell_count; i++)
    if (mount(NULL, shells[i], NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) < 0)
      return failed(failure, "seal", shells[i]);
  return true;
}

bool tree_enter(const struct spec *spec, struct failure *failure) {
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return failed(failure, "make private", "/");
  umask(022);
  if (!assemble(spec, failure)) return false;
  if (chdir(spec->stage) < 0) return failed(failure, "chdir", spec->stage);
  /* The old root is stacked on the new one, then let go: no path leads to it any more. */
  if (syscall(SYS_pivot_root, ".", ".") < 0) return failed(failure, "pivot_root", spec->stage);
  if (umount2(".", MNT_DETACH) < 0) return failed(failure, "detach", "/");
  if (chdir("/") < 0) return failed(failure, "chdir", "/");
  return true;
}
