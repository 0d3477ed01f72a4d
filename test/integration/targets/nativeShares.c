/* Functions of identical code under different names, C that calls Python, and waits that end when somebody writes to a pipe. */
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

typedef long (*callback)(long);

/* In a register, and at the same place of a cache line each: what a turn takes may depend on where a variable or a loop lies. */
#define TURNS(name)                                                      \
    __attribute__((noinline, aligned(64))) long name(long turns) {       \
        for (long left = turns; left > 0; left--) __asm__ volatile("" : "+r"(left)); \
        return turns;                                                    \
    }

TURNS(turns1)
TURNS(turns2)
TURNS(turns3)
TURNS(turns5)

__attribute__((noinline)) long inner_call(callback function, long value) {
    volatile long kept = value;
    return function(value) + kept;
}

__attribute__((noinline)) long outer_call(callback function, long value) {
    volatile long kept = value;
    return inner_call(function, value) + kept;
}

/* How often the wait was interrupted before there was something to read. */
long interrupted_poll(int fd) {
    struct pollfd wanted = {fd, POLLIN, 0};
    long count = 0;
    while (poll(&wanted, 1, -1) < 0 && errno == EINTR) count++;
    return count;
}

long interrupted_epoll(int fd) {
    struct epoll_event event = {EPOLLIN, {0}};
    int set = epoll_create1(0);
    long count = 0;
    epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
    while (epoll_wait(set, &event, 1, -1) < 0 && errno == EINTR) count++;
    close(set);
    return count;
}
