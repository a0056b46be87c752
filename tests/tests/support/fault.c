/* Makes one write of the program fail: preloaded before the C library, it counts the writes to files below
   FAULT_ROOT (write, pwrite, fsync, fdatasync, ftruncate) and answers the FAULT_ATth of them as FAULT_KIND says.
   The count is left in the file FAULT_COUNT. Only in the program itself: the confined workers write no files. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { NONE, SHORT, FULL_ONCE, FULL, BROKEN_ONCE, BROKEN, KILLED, KILLED_HALFWAY };

static atomic_long seen;
static long at = -1;
static int kind, on;
static char root[4096], count[4096];

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_fsync)(int), (*real_fdatasync)(int), (*real_ftruncate)(int, off_t);

__attribute__((constructor)) static void begin(void) {
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  char self[4096];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  const char *below = getenv("FAULT_ROOT"), *to = getenv("FAULT_COUNT");
  if (n <= 0 || below == NULL) return;
  self[n] = 0;
  const char *name = strrchr(self, '/');
  if (name == NULL || strcmp(name, "/iambilly") != 0) return;
  snprintf(root, sizeof root, "%s", below);
  snprintf(count, sizeof count, "%s", to == NULL ? "" : to);
  at = getenv("FAULT_AT") ? atol(getenv("FAULT_AT")) : -1;
  kind = getenv("FAULT_KIND") ? atoi(getenv("FAULT_KIND")) : NONE;
  on = 1;
}

__attribute__((destructor)) static void end(void) {
  if (!on || !*count) return;
  FILE *out = fopen(count, "w");
  if (out != NULL) {
    fprintf(out, "%ld\n", (long)seen);
    fclose(out);
  }
}

/* What to do with this write: NONE for as always. */
static int fate(int fd) {
  if (!on) return NONE;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return NONE;
  path[n] = 0;
  if (strncmp(path, root, strlen(root)) != 0) return NONE;
  long now = atomic_fetch_add(&seen, 1) + 1;
  if (at < 0 || now < at) return NONE;
  if (now == at) return kind;
  return kind == FULL || kind == BROKEN ? kind : NONE;
}

static int refuse(int what) {
  errno = what == FULL || what == FULL_ONCE ? ENOSPC : EIO;
  return -1;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  int what = fate(fd);
  if (what == NONE) return real_write(fd, bytes, length);
  if (what == KILLED) raise(SIGKILL);
  if (what == SHORT && length > 1) return real_write(fd, bytes, length / 2);
  if (what == SHORT) return real_write(fd, bytes, length);
  if (what == KILLED_HALFWAY) {
    real_write(fd, bytes, length / 2);
    raise(SIGKILL);
  }
  return refuse(what);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t where) {
  int what = fate(fd);
  if (what == NONE) return real_pwrite(fd, bytes, length, where);
  if (what == KILLED) raise(SIGKILL);
  if (what == SHORT && length > 1) return real_pwrite(fd, bytes, length / 2, where);
  if (what == SHORT) return real_pwrite(fd, bytes, length, where);
  if (what == KILLED_HALFWAY) {
    real_pwrite(fd, bytes, length / 2, where);
    raise(SIGKILL);
  }
  return refuse(what);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t where) {
  return pwrite64(fd, bytes, length, where);
}

static int other(int fd, int *answered) {
  int what = fate(fd);
  *answered = what != NONE && what != SHORT;
  if (!*answered) return 0;
  if (what == KILLED || what == KILLED_HALFWAY) raise(SIGKILL);
  return refuse(what);
}

int fsync(int fd) {
  int answered, answer = other(fd, &answered);
  return answered ? answer : real_fsync(fd);
}

int fdatasync(int fd) {
  int answered, answer = other(fd, &answered);
  return answered ? answer : real_fdatasync(fd);
}

int ftruncate64(int fd, off_t length) {
  int answered, answer = other(fd, &answered);
  return answered ? answer : real_ftruncate(fd, length);
}

int ftruncate(int fd, off_t length) {
  return ftruncate64(fd, length);
}
