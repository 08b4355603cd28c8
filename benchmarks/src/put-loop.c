// The yardstick for small files: threads that open, write and close 4 KiB files as fast as plain C can, all in one
// directory, as agents with one target do, under names as long as ours. Prints operations per second, and CPU
// microseconds per operation.
//
//   put-loop SECONDS DIRECTORY THREADS
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define SIZE 4096

struct worker {
  const char *directory;
  int thread;
  double until;
  long operations;
};

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void name(char *path, struct worker *worker, long number) {
  snprintf(path, PATH_MAX, "%s/obj_0123456789ab-%d-0-0-%ld", worker->directory, worker->thread, number);
}

static void *work(void *argument) {
  struct worker *worker = argument;
  char path[PATH_MAX], data[SIZE];
  memset(data, 7, SIZE);
  while (now() < worker->until) {
    name(path, worker, worker->operations);
    memcpy(data, &worker->operations, sizeof worker->operations);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0 || pwrite(file, data, SIZE, 0) != SIZE || close(file) != 0) {
      perror(path);
      exit(1);
    }
    worker->operations++;
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: put-loop SECONDS DIRECTORY THREADS\n");
    return 2;
  }
  int threads = atoi(argv[3]);
  double seconds = atof(argv[1]), start = now();
  struct worker *workers = calloc(threads, sizeof *workers);
  pthread_t *ids = calloc(threads, sizeof *ids);
  for (int i = 0; i < threads; i++) {
    workers[i].directory = argv[2];
    workers[i].thread = i;
    workers[i].until = start + seconds;
    pthread_create(&ids[i], NULL, work, &workers[i]);
  }
  long total = 0;
  for (int i = 0; i < threads; i++) {
    pthread_join(ids[i], NULL);
    total += workers[i].operations;
  }
  double elapsed = now() - start;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 + usage.ru_stime.tv_sec + usage.ru_stime.tv_usec / 1e6;
  printf("{\"opsPerSecond\": %.1f, \"cpuUsPerOp\": %.2f}\n", total / elapsed, cpu * 1e6 / total);
  return 0;
}
