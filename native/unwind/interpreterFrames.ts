/** The interpreter's API and what is within it, how it calls functions, and how it starts programs and threads. */
const machinery = new RegExp(
  [
    '^_*Py[A-Z_]',
    '^(?:_TAIL_CALL_|pymain_|vectorcall|object_vacall|slot_|type_call|function_code_fastcall|fast_function|call_function|do_call|ext_do_call)',
    '(?:^|_)vectorcall(?:_|$)',
    '^(?:cfunction_|cfunction_call|method_|methoddescr_|classmethoddescr_|instancemethod_|wrapperdescr_|wrapper_|func_|function_)(?:[a-z_]*call\\w*|descr_get)$',
    '^(?:run_mod|run_eval_code_obj|run_file|pyrun_\\w+|t_bootstrap|py_trampoline_evaluator|thread_run|pythread_wrapper|main|gen_send_ex\\w*|gen_iternext|eval_frame_handle_pending)$',
  ].join('|'),
);
/** How the C library starts programs and threads. */
const start = /^_*(?:start|libc_start_\w+|libc_start_call_main|start_thread|clone3?|clone_internal)$/;
/** A function without a name (NativeNames). */
const unnamed = /\+0x[0-9a-f]+$/;

/**
 * Whether a native frame tells a user nothing: of the interpreter what is there for each call alike, and what has no name; of the C library, what is outside of
 * all. What the interpreter's functions do that were written in C ("time_sleep", "list_sort") is none of these.
 */
export function isInterpretersOwn(name: string, isInterpreter: boolean): boolean {
  return isInterpreter ? machinery.test(name) || start.test(name) || unnamed.test(name) : start.test(name);
}
