/* A server as Apache with mod_wsgi is: it loads Python's library, and only its two children, which it forks, begin it: prefork - LIBRARY HOME */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments) {
    if (count != 4) return 2;
    void *library = dlopen(arguments[2], RTLD_NOW | RTLD_GLOBAL);
    if (library == NULL) {
        fputs(dlerror(), stderr);
        return 1;
    }
    setenv("PYTHONHOME", arguments[3], 1);
    for (int i = 0; i < 2; i++) {
        if (fork() != 0) continue;
        if (getchar() == EOF) return 0;
        ((void (*)(void))dlsym(library, "Py_Initialize"))();
        ((int (*)(const char *))dlsym(library, "PyRun_SimpleString"))(
            "def serve():\n    n = 0\n    while n < 100000: n += 1\nprint('\"begun\"', flush=True)\nwhile True: serve()\n");
        return 0;
    }
    puts("\"ready\"");
    fflush(stdout);
    while (wait(NULL) > 0) {}
    return 0;
}
