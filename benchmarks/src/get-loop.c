// The yardstick for reading small files: one thread that opens, reads and closes the files of a directory, in random
// order, as fast as plain C can. Prints operations per second, and CPU microseconds per operation.
//
//   get-loop SECONDS DIRECTORY
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define SIZE 4096

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static long list(const char *directory, char ***paths) {
  struct dirent **entries;
  int found = scandir(directory, &entries, NULL, NULL);
  long count = 0;
  *paths = calloc(found > 0 ? found : 1, sizeof **paths);
  for (int i = 0; i < found; i++) {
    if (entries[i]->d_type == DT_REG && asprintf(&(*paths)[count], "%s/%s", directory, entries[i]->d_name) > 0) count++;
    free(entries[i]);
  }
  return count;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: get-loop SECONDS DIRECTORY\n");
    return 2;
  }
  char **paths, data[SIZE + 1];
  long files = list(argv[2], &paths), total = 0;
  if (files == 0) {
    fprintf(stderr, "no files in %s\n", argv[2]);
    return 1;
  }
  unsigned long random = 1;
  double start = now(), until = start + atof(argv[1]);
  while (now() < until) {
    random = random * 6364136223846793005ul + 1442695040888963407ul;
    const char *path = paths[(random >> 33) % files];
    int file = open(path, O_RDONLY);
    if (file < 0 || pread(file, data, sizeof data, 0) != SIZE || close(file) != 0) {
      perror(path);
      return 1;
    }
    total++;
  }
  double elapsed = now() - start;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 + usage.ru_stime.tv_sec + usage.ru_stime.tv_usec / 1e6;
  printf("{\"opsPerSecond\": %.1f, \"cpuUsPerOp\": %.2f}\n", total / elapsed, cpu * 1e6 / total);
  return 0;
}
