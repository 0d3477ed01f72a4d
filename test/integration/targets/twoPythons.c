/*
 * A program with two Pythons, each from a library of its own and at work in a thread of its own: twoPythons HOW LIBRARY HOME LIBRARY HOME.
 * HOW is "at-once", or "later": the second library is loaded at a line of input, and its Python begins at the next.
 * Of a library that is named twice there are two copies.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char **arguments;
static sem_t is_ready;

static void wait_for_line(void) {
    int c;
    while ((c = getchar()) != '\n')
        if (c == EOF) exit(0);
}

static void say(const char *what) {
    printf("\"%s\"\n", what);
    fflush(stdout);
}

static void live(int number) {
    int waits = number == 1 && strcmp(arguments[1], "later") == 0;
    char *name = arguments[2 * number + 2];
    if (waits) wait_for_line();
    void *library = number == 1 && strcmp(name, arguments[2]) == 0
        ? dlmopen(LM_ID_NEWLM, name, RTLD_NOW | RTLD_LOCAL)
        : dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (library == NULL) {
        fputs(dlerror(), stderr);
        exit(1);
    }
    if (waits) {
        say("loaded");
        wait_for_line();
    }
    setenv("PYTHONHOME", arguments[2 * number + 3], 1);
    ((void (*)(void))dlsym(library, "Py_Initialize"))();
    sem_post(&is_ready);
    char code[200];
    snprintf(code, sizeof code, "def work_%d():\n    n = 0\n    while n < 100000: n += 1\nwhile True: work_%d()\n", number, number);
    ((int (*)(const char *))dlsym(library, "PyRun_SimpleString"))(code);
}

static void *first(void *unused) {
    (void)unused;
    live(0);
    return NULL;
}

static void *second(void *unused) {
    (void)unused;
    live(1);
    return NULL;
}

int main(int count, char **given) {
    pthread_t thread;
    if (count != 6) return 2;
    arguments = given;
    sem_init(&is_ready, 0, 0);
    pthread_create(&thread, NULL, first, NULL);
    sem_wait(&is_ready);
    if (strcmp(arguments[1], "later") == 0) say("ready");
    pthread_create(&thread, NULL, second, NULL);
    sem_wait(&is_ready);
    say(strcmp(arguments[1], "later") == 0 ? "begun" : "ready");
    pthread_join(thread, NULL);
    return 0;
}
