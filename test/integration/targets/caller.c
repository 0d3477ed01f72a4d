/* A thread of C's that calls a function again and again: "audio", "network", "device". */
#include <pthread.h>
#include <time.h>
#include <unistd.h>

static void (*function)(void);
static useconds_t pause_between;
static volatile double spent;

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

/* Seconds of all calls so far, from without. */
double spent_in_calls(void) { return spent; }

static void *call(void *unused) {
    (void)unused;
    for (;;) {
        double start = now();
        function();
        spent += now() - start;
        usleep(pause_between);
    }
    return 0;
}

int start(void (*f)(void), unsigned microseconds) {
    pthread_t thread;
    function = f;
    pause_between = microseconds;
    return pthread_create(&thread, 0, call, 0);
}
