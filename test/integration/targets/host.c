/* A program that has Python built in. host once | again: initialises it once, or, from a line of input on, again and again after a pause without it. */
#include <Python.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *code =
    "def work():\n"
    "    n = 0\n"
    "    while n < 200000: n += 1\n"
    "def life_%d():\n"
    "    rounds = %d\n"
    "    while rounds:\n"
    "        work()\n"
    "        rounds -= 1\n"
    "life_%d()\n";

static void live(int life, int rounds, int waits) {
    char text[400];
#if PY_VERSION_HEX < 0x030e0000
    Py_NoSiteFlag = 1; /* modules that are libraries find no interpreter in us */
#endif
    Py_Initialize();
    if (life == 0) {
        puts("\"ready\"");
        fflush(stdout);
    }
    if (waits) PyRun_SimpleString("import sys\nsys.stdin.readline()\n");
    snprintf(text, sizeof text, code, life, rounds, life);
    PyRun_SimpleString(text);
    Py_Finalize();
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "again") == 0) {
        for (int life = 0;; life++) {
            live(life, 30, life == 0);
            usleep(100000);
        }
    }
    live(0, 2000000000, 0);
    return 0;
}
