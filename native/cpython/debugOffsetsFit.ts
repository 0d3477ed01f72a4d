/**
 * Checks whether a table of debug offsets that was read with another release's list of fields makes
 * sense: that of a pre-release, or of a version newer than we know. A field that was inserted or removed shifts all that
 * follow, and what CPython's structures have in common in every release since 3.13 no longer holds.
 *
 * Source: Include/object.h, Include/cpython/*object.h, pycore_frame.h and pycore_interp.h of 3.13–3.15, with and without
 * Py_GIL_DISABLED; each rule holds in the tables of 3.13.0, 3.14.10 and 3.15.2.
 * @param fields keys are `structure.member`
 * @returns the first rule that does not hold, or null
 */
export function misfit(fields: ReadonlyMap<string, number>, freeThreaded: boolean): string | null {
  const at = (name: string): number => fields.get(name) ?? NaN;
  // PyObject and PyVarObject are what all objects begin with.
  const object = freeThreaded ? 32 : 16;
  const known: readonly (readonly [string, number])[] = [
    ['pyobject.size', object],
    ['pyobject.ob_type', object - 8],
    ['type_object.tp_name', object + 8],
    ['tuple_object.ob_size', object],
    ['list_object.ob_size', object],
    ['list_object.ob_item', object + 8],
    ['float_object.ob_fval', object],
    ['long_object.lv_tag', object],
    ['long_object.ob_digit', object + 8],
    ['bytes_object.ob_size', object],
    ['bytes_object.ob_sval', object + 16],
    ['unicode_object.length', object],
    ['unicode_object.state', object + 16],
    ['unicode_object.asciiobject_size', object + 24],
    ['code_object.name', at('code_object.filename') + 8],
    ['code_object.qualname', at('code_object.filename') + 16],
    ['code_object.linetable', at('code_object.filename') + 24],
    ['thread_state.next', at('thread_state.prev') + 8],
    ['thread_state.interp', at('thread_state.prev') + 16],
    ['thread_state.native_thread_id', at('thread_state.thread_id') + 8],
    ['interpreter_frame.executable', 0],
    ['interpreter_frame.previous', 8],
    ['interpreter_frame.localsplus', at('interpreter_frame.size') - 8],
    ['interpreter_state.id', at('interpreter_state.next') + 8],
    ['interpreter_state.sysdict', at('interpreter_state.gc') + at('gc.size')],
    // struct _gil_runtime_state: interval, last_holder, locked
    ['interpreter_state.gil_runtime_state_locked', at('interpreter_state.gil_runtime_state_holder') + 8],
  ];
  // Not in 3.13's table.
  const added: readonly (readonly [string, number])[] = [
    ['interpreter_frame.stackpointer', at('interpreter_frame.instr_ptr') + 8],
    ['gen_object.gi_name', object + 8],
    ['gen_object.gi_iframe', object + 56],
    ['llist_node.next', 0],
    ['llist_node.prev', 8],
  ];
  for (const [field, expected] of [...known, ...added.filter(([name]) => fields.has(name))])
    if (at(field) !== expected) return `${field} lies at ${at(field)}, where ${expected} is expected`;
  const ordered: readonly (readonly string[])[] = [
    ['runtime_state.finalizing', 'runtime_state.interpreters_head', 'runtime_state.size'],
    [
      'interpreter_state.ceval_gil',
      'interpreter_state.next',
      'interpreter_state.threads_head',
      'interpreter_state.gc',
      'interpreter_state.imports_modules',
    ],
    [
      'interpreter_state.imports_modules',
      'interpreter_state.gil_runtime_state',
      'interpreter_state.gil_runtime_state_holder',
      'interpreter_state.size',
    ],
    ['thread_state.interp', 'thread_state.current_frame', 'thread_state.thread_id', 'thread_state.datastack_chunk', 'thread_state.size'],
    ['interpreter_frame.previous', 'interpreter_frame.instr_ptr', 'interpreter_frame.owner', 'interpreter_frame.localsplus'],
    [
      'code_object.argcount',
      'code_object.firstlineno',
      'code_object.filename',
      'code_object.linetable',
      'code_object.co_code_adaptive',
      'code_object.size',
    ],
    ['gc.collecting', 'gc.size'],
    ...(fields.has('gen_object.size')
      ? [['gen_object.gi_name', 'gen_object.gi_frame_state', 'gen_object.gi_iframe', 'gen_object.size']]
      : []),
  ];
  for (const fieldsInOrder of ordered) {
    for (const [i, field] of fieldsInOrder.entries()) {
      const before = fieldsInOrder[i - 1];
      if (before !== undefined && !(at(field) > at(before)))
        return `${field} at ${at(field)} does not come after ${before} at ${at(before)}`;
    }
  }
  return null;
}
