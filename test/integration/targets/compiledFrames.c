/*
 * An extension module that makes and links frames itself, just as Nuitka's compiled functions do (pushFrameStackCompiledFrame, popFrameStack and _MAKE_COMPILED_FRAME in its
 * compiled_frame.h and CompiledFrameType.c): frames in frame objects of another type than PyFrame_Type, used again and again, that run no bytecode and say in f_lineno at
 * which line they are. What Nuitka leaves as it was allocated has nonsense here.
 *
 * start(loads, work): a thread of C's calls, in turns and for 2 ms each,
 *     <module>:40 main:31                            in C
 *     <module>:40 main:30 loads                      interpreted
 *     <module>:40 main:30 loads hook:20 work         compiled between interpreted ones
 *     <module>:40 main:30 loads hook:21              in C
 * alternate(one, other): it calls, each as fast as it can and with the frame of the other, a:10 one, and b:11 other; in <module>:40.
 */
#define PY_SSIZE_T_CLEAN
#include <patchlevel.h>
#if PY_VERSION_HEX >= 0x030B0000
#define Py_BUILD_CORE 1
#endif
#include <Python.h>
#include <frameobject.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#if PY_VERSION_HEX >= 0x030B0000
#include <internal/pycore_frame.h>
#endif
#if PY_VERSION_HEX >= 0x030E0000
#include <internal/pycore_interpframe.h>
#endif

#define DEPTH 4

#if PY_VERSION_HEX >= 0x030B0000
/* struct Nuitka_FrameObject */
typedef struct {
    PyFrameObject object;
    PyObject *generator;
    int state;
    _PyInterpreterFrame frame;
    Py_ssize_t size;
    const char *type_description;
} Frame;
static PyTypeObject frame_type = {PyVarObject_HEAD_INIT(NULL, 0) "compiled_frame", sizeof(Frame), 1};
#if PY_VERSION_HEX >= 0x030D0000
#define CURRENT(tstate) ((tstate)->current_frame)
#else
#define CURRENT(tstate) ((tstate)->cframe->current_frame)
#endif
#else
typedef PyFrameObject Frame;
#endif

static PyObject *globals, *loads, *work, *hook;
static Frame *frames[DEPTH];
static int depth;

static PyCodeObject *make_code(const char *name, int line) { return PyCode_NewEmpty("compiled.py", name, line); }

static Frame *make_frame(PyCodeObject *code) {
#if PY_VERSION_HEX >= 0x030B0000
    Frame *made = malloc(sizeof(Frame));
    memset(made, 0x5a, sizeof(Frame));
    Py_SET_REFCNT((PyObject *)made, 1000);
    Py_SET_TYPE((PyObject *)made, &frame_type);
    made->object.f_back = NULL;
    made->object.f_frame = &made->frame;
    made->object.f_trace = Py_None;
    made->frame.frame_obj = &made->object;
    made->frame.owner = FRAME_OWNED_BY_GENERATOR;
    made->frame.f_globals = globals;
    made->frame.f_builtins = PyEval_GetBuiltins();
    made->frame.f_locals = NULL;
    made->frame.previous = NULL;
    (void)code;
    return made;
#else
    Frame *made = PyFrame_New(PyThreadState_Get(), code, globals, globals);
    made->f_back = NULL;
    return made;
#endif
}

/* What may not be in a register while it is looked at. */
static void set_line(int line) {
#if PY_VERSION_HEX >= 0x030B0000
    *(volatile int *)&frames[depth - 1]->object.f_lineno = line;
#else
    *(volatile int *)&frames[depth - 1]->f_lineno = line;
#endif
}

static void push(PyCodeObject *code, int line) {
    PyThreadState *tstate = PyThreadState_Get();
    Frame *frame = frames[depth++];
    set_line(line);
#if PY_VERSION_HEX >= 0x030B0000
#if PY_VERSION_HEX >= 0x030E0000
    frame->frame.f_executable.bits = (uintptr_t)code;
#elif PY_VERSION_HEX >= 0x030D0000
    frame->frame.f_executable = (PyObject *)code;
#else
    frame->frame.f_code = code;
#endif
#if PY_VERSION_HEX >= 0x030D0000
    frame->frame.instr_ptr = _PyCode_CODE(code);
#else
    frame->frame.prev_instr = _PyCode_CODE(code);
#endif
    frame->frame.previous = CURRENT(tstate);
    CURRENT(tstate) = &frame->frame;
#else
    PyFrameObject *old = tstate->frame;
    frame->f_code = code;
    frame->f_lasti = -1;
    tstate->frame = frame;
    if (old != NULL) frame->f_back = old;
#if PY_VERSION_HEX >= 0x030A0000
    frame->f_state = FRAME_EXECUTING;
#elif PY_VERSION_HEX >= 0x03040000
    frame->f_executing = 1;
#else
    frame->f_tstate = tstate;
#endif
#endif
}

static void pop(void) {
    PyThreadState *tstate = PyThreadState_Get();
    Frame *frame = frames[--depth];
#if PY_VERSION_HEX >= 0x030B0000
    CURRENT(tstate) = frame->frame.previous;
    frame->frame.previous = NULL;
#else
    tstate->frame = frame->f_back;
    frame->f_back = NULL;
#if PY_VERSION_HEX >= 0x030A0000
    frame->f_state = FRAME_SUSPENDED;
#elif PY_VERSION_HEX >= 0x03040000
    frame->f_executing = 0;
#endif
#endif
}

static void spin(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    double end = at.tv_sec + at.tv_nsec / 1e9 + 0.002;
    do clock_gettime(CLOCK_MONOTONIC, &at);
    while (at.tv_sec + at.tv_nsec / 1e9 < end);
}

static void call(PyObject *function, PyObject *argument) {
    PyObject *result = argument == NULL ? PyObject_CallFunctionObjArgs(function, NULL) : PyObject_CallFunctionObjArgs(function, argument, NULL);
    if (result == NULL) {
        PyErr_Print();
        abort();
    }
    Py_DECREF(result);
}

static PyObject *call_hook(PyObject *self, PyObject *unused) {
    static PyCodeObject *code;
    (void)self;
    (void)unused;
    if (code == NULL) code = make_code("hook", 19);
    push(code, 20);
    call(work, NULL);
    set_line(21);
    spin();
    pop();
    Py_RETURN_NONE;
}

static PyMethodDef hook_method = {"hook", call_hook, METH_NOARGS, NULL};

static void *run(void *alternates) {
    PyGILState_Ensure();
    PyCodeObject *module = make_code("<module>", 1), *function = make_code("main", 29), *a = make_code("a", 9), *b = make_code("b", 9);
    for (int i = 0; i < DEPTH; i++) frames[i] = make_frame(module);
    push(module, 40);
    while (alternates) {
        push(a, 10);
        call(loads, NULL);
        pop();
        push(b, 11);
        call(work, NULL);
        pop();
    }
    for (;;) {
        push(function, 30);
        call(loads, hook);
        set_line(31);
        spin();
        pop();
    }
    return NULL;
}

static PyObject *begin(PyObject *args, void *alternates) {
    pthread_t thread;
    if (!PyArg_ParseTuple(args, "OO", &loads, &work)) return NULL;
    Py_INCREF(loads);
    Py_INCREF(work);
    if (pthread_create(&thread, NULL, run, alternates) != 0) return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

static PyObject *start(PyObject *self, PyObject *args) {
    (void)self;
    return begin(args, NULL);
}

static PyObject *alternate(PyObject *self, PyObject *args) {
    (void)self;
    return begin(args, &depth); /* anything but NULL */
}

static PyMethodDef methods[] = {{"start", start, METH_VARARGS, NULL}, {"alternate", alternate, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};

#if PY_MAJOR_VERSION >= 3
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "compiledFrames", NULL, -1, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_compiledFrames(void) {
    PyObject *module = PyModule_Create(&definition);
#else
PyMODINIT_FUNC initcompiledFrames(void) {
    PyObject *module = Py_InitModule("compiledFrames", methods);
#endif
    globals = PyModule_GetDict(module);
    hook = PyCFunction_New(&hook_method, module);
#if PY_VERSION_HEX < 0x03090000
    PyEval_InitThreads();
#endif
#if PY_VERSION_HEX >= 0x030B0000
    PyType_Ready(&frame_type);
#endif
#if PY_MAJOR_VERSION >= 3
    return module;
#endif
}
