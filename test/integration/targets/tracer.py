"""Traces a process as a debugger does, and does nothing with it."""
import ctypes
import json
import sys
import time

PTRACE_SEIZE = 0x4206

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long
result = libc.ptrace(PTRACE_SEIZE, int(sys.argv[1]), None, None)
print(json.dumps('tracing' if result == 0 else 'refused'), flush=True)
time.sleep(10_000)
