/*
 * An initdb that makes nothing, and says of what it lacks what the real one says, in the same order. NEEDS is how many of
 * the five it needs.
 */
#include <stdio.h>
#include <unistd.h>

struct need {
  const char *path;
  const char *words;
};

static const struct need needs[] = {
    {"/etc/passwd", "initdb: error: could not look up effective user ID 65534: user does not exist"},
    {"/bin/sh", "initdb: error: program \"postgres\" is needed by initdb but was not found in the same directory"},
    {"/usr/lib/locale/C.utf8/LC_CTYPE", "initdb: error: invalid locale name \"C.UTF-8\""},
    {"/bundle/v15/share/postgresql/postgres.bki",
     "initdb: error: file \"/bundle/v15/share/postgresql/postgres.bki\" does not exist"},
    {"/nowhere", "FATAL:  could not access file \"$libdir/dict_snowball\": No such file or directory"},
};

int main(void) {
  for (int i = 0; i < NEEDS; i++) {
    if (access(needs[i].path, R_OK) == 0) continue;
    fprintf(stderr, "%s\n", needs[i].words);
    return 1;
  }
  return 0;
}
