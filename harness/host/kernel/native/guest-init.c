/*
 * Pid 1 of the guest: loads the modules of the initramfs, mounts the machine's folders, runs the tasks that it finds in
 * /in/tasks one after the other through the harness's own `enter`, hands over what they left, powers off.
 *
 *   /modules/NN-NAME.ko       in the initramfs, loaded in the order of their names
 *   /in/enter                 the helper of the chroot engine
 *   /in/tasks/NN-NAME         the spec of one process, as chroot-spec.ts writes it
 *   /folders/N                a folder of the machine: an ext4 image on the disk that comes N places after the first
 *   /work/NN-NAME/            what that process left: stdout, stderr, inout/, and events, what the helper said of it
 *   /dev/vda                  an empty disk: receives all of /work as a tar archive, behind it a file `done`, without
 *                             which nothing counts, and first `kernel`, the uname of the kernel that ran it all
 *
 * `enter` pivots, which the initramfs does not allow: everything runs from a tmpfs that is moved over it first.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define BASE "/base"
#define MARK "redoubt-guest: "

enum { UNPRIVILEGED_ID = 65534, CONTROL_FD = 3, STATUS_FD = 4, PATH_BYTES = 4096 };

static void power_off(void) __attribute__((noreturn));
static void power_off(void) {
  sync();
  reboot(RB_POWER_OFF);
  for (;;) pause();
}

/* The harness reads this on the console. */
static void give_up(const char *step, const char *what) __attribute__((noreturn));
static void give_up(const char *step, const char *what) {
  dprintf(STDOUT_FILENO, "\n" MARK "%s %s: %s\n", step, what, strerror(errno));
  power_off();
}

static void path_of(char *path, const char *directory, const char *name) {
  if (snprintf(path, PATH_BYTES, "%s/%s", directory, name) < PATH_BYTES) return;
  errno = ENAMETOOLONG;
  give_up("path", name);
}

static void make_directory(const char *path) {
  if (mkdir(path, 0755) < 0 && errno != EEXIST) give_up("mkdir", path);
}

static void mount_at(const char *source, const char *target, const char *type, unsigned long flags,
                     const char *options) {
  make_directory(target);
  if (mount(source, target, type, flags, options) < 0) give_up("mount", target);
}

static int no_dots(const struct dirent *entry) { return entry->d_name[0] != '.'; }

/* Calls `each` for the names in a directory, in their order. */
static void for_each_name(const char *directory, void (*each)(const char *directory, const char *name)) {
  struct dirent **names;
  int count = scandir(directory, &names, no_dots, alphasort);
  if (count < 0) give_up("read directory", directory);
  for (int i = 0; i < count; i++) {
    each(directory, names[i]->d_name);
    free(names[i]);
  }
  free(names);
}

static void load_module(const char *directory, const char *name) {
  char path[PATH_BYTES];
  path_of(path, directory, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) < 0) give_up("load module", name);
  close(fd);
}

/* The images on the disks after the first; their number is on the command line: redoubt.folders=N. */
static void mount_folders(void) {
  char line[PATH_BYTES] = "";
  int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
  if (fd < 0 || read(fd, line, sizeof line - 1) < 0) give_up("read", "/proc/cmdline");
  close(fd);
  const char *word = strstr(line, "redoubt.folders=");
  long count = word == NULL ? -1 : strtol(word + strlen("redoubt.folders="), NULL, 10);
  if (count < 0 || count > 20) give_up("read the number of folders", line);
  for (int i = 0; i < count; i++) {
    char disk[64], folder[64];
    snprintf(disk, sizeof disk, BASE "/dev/vd%c", 'b' + i);
    snprintf(folder, sizeof folder, BASE "/folders/%d", i);
    mount_at(disk, folder, "ext4", MS_RDONLY, NULL);
  }
}

static void assemble(void) {
  static const char *const folders[] = {"/folders", "/stage", "/work", "/dev", "/proc"};
  mount_at("proc", "/proc", "proc", 0, NULL);
  for_each_name("/modules", load_module);
  mount_at("base", BASE, "tmpfs", 0, "mode=755,size=90%,nr_inodes=200000");
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    char path[PATH_BYTES];
    snprintf(path, sizeof path, BASE "%s", folders[i]);
    make_directory(path);
  }
  mount_at("devtmpfs", BASE "/dev", "devtmpfs", 0, NULL);
  mount_at("proc", BASE "/proc", "proc", 0, NULL);
  mount_at("/in", BASE "/in", NULL, MS_BIND, NULL);
  mount_folders();
  if (chdir(BASE) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
    give_up("move", BASE);
}

static int disk;

static void write_disk(const void *bytes, size_t length) {
  for (const char *at = bytes; length > 0;) {
    ssize_t written = write(disk, at, length);
    if (written <= 0) give_up("write", "the disk for results");
    at += written;
    length -= (size_t)written;
  }
}

/* A tar archive's record (POSIX ustar). */
enum { RECORD_BYTES = 512, NAME_BYTES = 100, PREFIX_BYTES = 155 };

/* The header of one entry; `type` is ustar's: 0 file, 2 symbolic link, 5 folder. */
static void write_header(const char *name, char type, mode_t mode, off_t size, const char *target) {
  unsigned char header[RECORD_BYTES] = {0};
  const char *base = name;
  unsigned sum = 0;
  /* A long name is split at a slash. */
  while (strlen(base) > NAME_BYTES && (base = strchr(base, '/')) != NULL) base++;
  if (base == NULL || base - name > PREFIX_BYTES || strlen(target) > NAME_BYTES) {
    errno = ENAMETOOLONG;
    give_up("archive", name);
  }
  memcpy(header, base, strlen(base));
  if (base > name) memcpy(header + 345, name, (size_t)(base - name) - 1);
  snprintf((char *)header + 100, 8, "%07o", (unsigned)mode & 0777);
  snprintf((char *)header + 108, 8, "%07o", 0U);
  snprintf((char *)header + 116, 8, "%07o", 0U);
  snprintf((char *)header + 124, 12, "%011llo", (unsigned long long)size);
  snprintf((char *)header + 136, 12, "%011o", 0U);
  header[156] = (unsigned char)type;
  memcpy(header + 157, target, strlen(target));
  memcpy(header + 257, "ustar\00000", 8);
  memset(header + 148, ' ', 8);
  for (size_t i = 0; i < sizeof header; i++) sum += header[i];
  snprintf((char *)header + 148, 8, "%06o", sum);
  write_disk(header, sizeof header);
}

static void write_padding(off_t size) {
  static const char zeros[RECORD_BYTES];
  write_disk(zeros, (size_t)(RECORD_BYTES - size % RECORD_BYTES) % RECORD_BYTES);
}

static void archive_text(const char *name, const char *text) {
  off_t size = (off_t)strlen(text);
  write_header(name, '0', 0644, size, "");
  write_disk(text, (size_t)size);
  write_padding(size);
}

static void archive_file(const char *path, const char *name, const struct stat *entry) {
  static char buffer[1 << 20];
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) give_up("open", path);
  write_header(name, '0', entry->st_mode, entry->st_size, "");
  for (off_t done = 0; done < entry->st_size;) {
    ssize_t length = read(fd, buffer, sizeof buffer);
    if (length <= 0) give_up("read", path);
    write_disk(buffer, (size_t)length);
    done += length;
  }
  write_padding(entry->st_size);
  close(fd);
}

/* Folders, files and links; of anything else only the name, as an empty file, since the machine must not meet it. */
static void archive_tree(const char *path, const char *name) {
  struct stat entry;
  if (lstat(path, &entry) < 0) give_up("lstat", path);
  if (S_ISLNK(entry.st_mode)) {
    char target[PATH_BYTES];
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length < 0) give_up("readlink", path);
    target[length] = '\0';
    write_header(name, '2', entry.st_mode, 0, target);
  } else if (S_ISREG(entry.st_mode)) {
    archive_file(path, name, &entry);
  } else if (S_ISDIR(entry.st_mode)) {
    write_header(name, '5', entry.st_mode, 0, "");
    DIR *directory = opendir(path);
    if (directory == NULL) give_up("read directory", path);
    for (struct dirent *next; (next = readdir(directory)) != NULL;) {
      char below_path[PATH_BYTES], below_name[PATH_BYTES];
      if (strcmp(next->d_name, ".") == 0 || strcmp(next->d_name, "..") == 0) continue;
      path_of(below_path, path, next->d_name);
      path_of(below_name, name, next->d_name);
      archive_tree(below_path, below_name);
    }
    closedir(directory);
  } else {
    write_header(name, '0', 0600, 0, "");
  }
}

static int remove_entry(const char *path, const struct stat *entry, int type, struct FTW *place) {
  (void)entry, (void)type, (void)place;
  return remove(path);
}

/* What is handed over makes room for the next task. */
static void remove_tree(const char *path) {
  if (nftw(path, remove_entry, 64, FTW_DEPTH | FTW_PHYS) != 0) give_up("remove", path);
}

/* The spec goes through a pipe that stays open: its end would tell the helper that the harness has died. */
static void run_helper(const char *spec_path, int status) {
  static char spec[60 * 1024];
  int fd = open(spec_path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, spec, sizeof spec);
  int control[2];
  if (length <= 0 || length == (ssize_t)sizeof spec) give_up("read", spec_path);
  close(fd);
  if (pipe2(control, O_CLOEXEC) < 0) give_up("pipe", spec_path);
  pid_t helper = fork();
  if (helper < 0) give_up("fork", spec_path);
  if (helper == 0) {
    /* Out of the way of the numbers that the helper wants: onto itself dup2 would leave it to be closed at exec. */
    int orders = fcntl(control[0], F_DUPFD_CLOEXEC, 20);
    if (dup2(orders, CONTROL_FD) < 0 || dup2(status, STATUS_FD) < 0) _exit(126);
    execl("/in/enter", "enter", (char *)NULL);
    _exit(127);
  }
  if (write(control[1], spec, (size_t)length) != length) give_up("write spec", spec_path);
  for (pid_t ended; (ended = waitpid(-1, NULL, 0)) != helper;)
    if (ended < 0 && errno != EINTR) give_up("wait", spec_path);
  close(control[0]);
  close(control[1]);
}

static void run_task(const char *directory, const char *name) {
  char spec[PATH_BYTES], work[PATH_BYTES], inout[PATH_BYTES], events[PATH_BYTES];
  path_of(spec, directory, name);
  path_of(work, "/work", name);
  path_of(inout, work, "inout");
  path_of(events, work, "events");
  make_directory(work);
  make_directory(inout);
  if (chown(inout, UNPRIVILEGED_ID, UNPRIVILEGED_ID) < 0) give_up("chown", inout);
  int created = open(events, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  int status = fcntl(created, F_DUPFD_CLOEXEC, 20);
  if (status < 0) give_up("open", events);
  close(created);
  run_helper(spec, status);
  close(status);
  archive_tree(work, name);
  remove_tree(work);
}

int main(void) {
  static char words[sizeof(struct utsname)];
  static const char end[2 * RECORD_BYTES];
  struct utsname kernel;
  assemble();
  if (uname(&kernel) < 0) give_up("uname", "");
  snprintf(words, sizeof words, "%s %s %s\n", kernel.sysname, kernel.release, kernel.version);
  disk = open("/dev/vda", O_WRONLY | O_CLOEXEC);
  if (disk < 0) give_up("open", "/dev/vda");
  archive_text("kernel", words);
  for_each_name("/in/tasks", run_task);
  archive_text("done", "");
  write_disk(end, sizeof end);
  power_off();
}
