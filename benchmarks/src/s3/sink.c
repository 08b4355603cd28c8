// Answers every PUT when its body has arrived, and keeps nothing. The kernel throws bodies away without copying them
// (MSG_TRUNC, tcp(7)), so that the client is what is measured. One thread.
//
//   sink PORT
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_HEAD 8192
#define MAX_DISCARD (1 << 20)
#define EVENTS 64

static const char ANSWER[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: \"x\"\r\n\r\n";

struct connection {
  int socket;
  long body_left;
  size_t head_length;
  char head[MAX_HEAD + 1];
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void answer(struct connection *c) {
  if (send(c->socket, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET) fail("send");
}

/** Takes the heads and whole bodies that have arrived behind one another; returns 0 when more is needed. */
static int take_head(struct connection *c) {
  c->head[c->head_length] = 0;
  char *end = strstr(c->head, "\r\n\r\n");
  if (end == NULL) {
    if (c->head_length == MAX_HEAD) exit(1);
    return 0;
  }
  char *field = strcasestr(c->head, "\r\ncontent-length:");
  long length = field != NULL && field < end ? atol(field + sizeof "\r\ncontent-length:" - 1) : 0;
  size_t head = end + 4 - c->head;
  size_t behind = c->head_length - head;
  size_t taken = behind < (size_t)length ? behind : (size_t)length;
  memmove(c->head, c->head + head + taken, behind - taken);
  c->head_length = behind - taken;
  c->body_left = length - taken;
  if (c->body_left > 0) return 0;
  answer(c);
  return 1;
}

/** Reads what is there; returns 0 when the connection is over. */
static int read_all(struct connection *c) {
  for (;;) {
    ssize_t read;
    if (c->body_left > 0) {
      read = recv(c->socket, NULL, c->body_left < MAX_DISCARD ? c->body_left : MAX_DISCARD, MSG_TRUNC);
    } else {
      read = recv(c->socket, c->head + c->head_length, MAX_HEAD - c->head_length, 0);
    }
    if (read < 0) return errno == EAGAIN;
    if (read == 0) return 0;
    if (c->body_left > 0) {
      c->body_left -= read;
      if (c->body_left == 0) answer(c);
    } else {
      c->head_length += read;
      while (c->head_length > 0 && c->body_left == 0 && take_head(c))
        ;
    }
  }
}

int main(int argc, char **argv) {
  int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), queue = epoll_create1(0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 0)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 512) < 0) fail("listen");
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
  epoll_ctl(queue, EPOLL_CTL_ADD, listener, &event);
  puts("ready");
  fflush(stdout);
  for (;;) {
    int count = epoll_wait(queue, events, EVENTS, -1);
    for (int i = 0; i < count; i++) {
      struct connection *c = events[i].data.ptr;
      if (c == NULL) {
        int accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (accepted < 0) continue;
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        c = calloc(1, sizeof *c);
        c->socket = accepted;
        struct epoll_event readable = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(queue, EPOLL_CTL_ADD, accepted, &readable);
      } else if (!read_all(c)) {
        close(c->socket);
        free(c);
      }
    }
  }
}
