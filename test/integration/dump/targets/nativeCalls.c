/* C functions that call back, or compute. Not inlined, and not left by a jump, so that each has a frame of its own. */
typedef int (*callback)(int);

__attribute__((noinline)) int inner_call(callback function, int value) {
    volatile int kept = value;
    return function(value) + kept;
}

__attribute__((noinline)) int outer_call(callback function, int value) {
    volatile int kept = value;
    return inner_call(function, value) + kept;
}

__attribute__((noinline)) int spin_until(volatile int *end) {
    int turns = 0;
    while (!*end) turns++;
    return turns;
}

__attribute__((noinline)) int spins(volatile int *end) {
    volatile int kept = 1;
    return spin_until(end) + kept;
}
