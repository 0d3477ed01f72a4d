/* A thread of C's that calls a function again and again: "audio", "network", "device". */
#include <pthread.h>
#include <unistd.h>

static void (*function)(void);
static useconds_t pause_between;

static void *call(void *unused) {
    (void)unused;
    for (;;) {
        function();
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
