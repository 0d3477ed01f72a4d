/*
 * A program that goes on with a computation of which every step is known, and does on command what may go wrong while a thread of it is stopped. It says first
 * which its thread is that computes. Its main thread obeys letters on standard input, and answers with a line: f forks, and says what the child's exit status is;
 * v does so by vfork, whose child waits for another letter; e executes itself; x exits with 7; r says how many steps it has done, and the result.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int over = 0;

static void *compute(void *nothing) {
    uint64_t steps = 0;
    uint64_t value = 1;
    dprintf(1, "%d\n", gettid());
    /* Knuth's MMIX generator, whose n-th value can be computed at once. */
    for (; !over; steps++) value = value * 6364136223846793005u + 1442695040888963407u;
    dprintf(1, "%llu %llu\n", (unsigned long long)steps, (unsigned long long)value);
    return nothing;
}

int main(int count, char **arguments) {
    char command;
    int status = 0;
    pid_t child;
    pthread_t thread;
    (void)count;
    pthread_create(&thread, NULL, compute, NULL);
    while (read(0, &command, 1) == 1) {
        switch (command) {
        case 'f':
            child = fork();
            if (child == 0) _exit(9);
            if (waitpid(child, &status, 0) != child) status = -1;
            dprintf(1, "%d\n", status);
            break;
        case 'v':
            child = vfork();
            if (child == 0) _exit(read(0, &command, 1) == 1 ? 9 : 1);
            if (waitpid(child, &status, 0) != child) status = -1;
            dprintf(1, "%d\n", status);
            break;
        case 'e':
            execv("/proc/self/exe", arguments);
            abort();
        case 'x':
            _exit(7);
        case 'r':
            over = 1;
            pthread_join(thread, NULL);
            return 0;
        }
    }
    return 0;
}
