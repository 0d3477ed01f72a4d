"""
What gdb says of a process's main thread, run by gdb itself: attaches to $HEATLINE_PID, and at each SIGUSR2 writes a line "@" and JSON: registers in DWARF's order,
and program counters and names of the frames, the innermost first. The program goes on at a line on standard input.
"""
import json
import os
import sys

import gdb

for line in (
    'set pagination off',
    'set confirm off',
    'set backtrace past-main on',
    'set backtrace past-entry on',
    'set debuginfod enabled off',
    'handle SIGUSR2 stop print nopass',
    'attach ' + os.environ['HEATLINE_PID'],
):
    gdb.execute(line, to_string=True)
registers = ['rax', 'rdx', 'rcx', 'rbx', 'rsi', 'rdi', 'rbp', 'rsp', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'rip']
main = [thread for thread in gdb.selected_inferior().threads() if thread.ptid[1] == int(os.environ['HEATLINE_PID'])][0]
sys.stdout.write('@"ready"\n')
sys.stdout.flush()
while sys.stdin.readline():
    gdb.execute('continue', to_string=True)
    main.switch()
    frame = gdb.newest_frame()
    frame.select()
    values = [str(int(gdb.parse_and_eval('(unsigned long)$' + name)) % 2**64) for name in registers]
    frames = []
    while frame is not None and len(frames) < 1000:
        # What was inlined, and functions that left by a jump, gdb makes up: they have no frame.
        if frame.type() not in (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME):
            frames.append([frame.pc(), frame.name() or '?'])
        try:
            frame = frame.older()
        except gdb.error:
            break
    sys.stdout.write('@' + json.dumps({'registers': values, 'frames': frames}) + '\n')
    sys.stdout.flush()
gdb.execute('detach')
