/* Waits of each kind that a system call may be interrupted in, one after the other, long and short; they count how often they were. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Of poll, epoll_wait, read, nanosleep and futex: waits, and those that ended with EINTR. */
volatile long waited[5];
volatile long interrupted[5];
volatile int over;

static unsigned next(unsigned *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void wait_once(int kind, int fd, int set, unsigned draw) {
    struct timespec time = {0, (draw % 16 == 0 ? 20000 : 100 + draw % 400) * 1000L};
    struct pollfd wanted = {fd, POLLIN, 0};
    struct epoll_event event;
    char byte;
    unsigned word = 0;
    long result = 0;
    switch (kind) {
    case 0: result = ppoll(&wanted, 1, &time, NULL); break;
    case 1: result = epoll_wait(set, &event, 1, 1 + (int)(time.tv_nsec / 1000000)); break;
    case 2: result = read(fd, &byte, 1); break;
    case 3: result = nanosleep(&time, NULL); break;
    case 4: result = syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &time, NULL, 0); break;
    }
    if (result < 0 && errno == EINTR) interrupted[kind]++;
    else waited[kind]++;
}

/* fd: of a pipe that nobody writes to; for `read` one that `feeds` writes to. */
void waits(int kind, int fd) {
    unsigned state = 1 + kind;
    struct epoll_event event = {EPOLLIN, {0}};
    int set = epoll_create1(0);
    epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
    while (!over) {
        wait_once(kind, fd, set, next(&state));
        /* Some work, so that the thread is met as it runs, too. */
        for (volatile int i = 0; i < 20000; i++) continue;
    }
    close(set);
}

void feeds(int fd) {
    unsigned state = 9;
    while (!over) {
        unsigned draw = next(&state);
        struct timespec time = {0, (draw % 16 == 0 ? 20000 : 100 + draw % 400) * 1000L};
        nanosleep(&time, NULL);
        if (write(fd, "x", 1) != 1) return;
    }
}
