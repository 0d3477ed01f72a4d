"""Says of many code objects of the standard library where the interpreter itself places each of their instructions."""
import json
import os
import sys

from codeobjects import codes, folder

for name in sorted(name for name in os.listdir(folder) if name.endswith('.py'))[:int(sys.argv[1])]:
    with open(os.path.join(folder, name), 'rb') as file:
        module = compile(file.read(), name, 'exec')
    for code in codes(module):
        print(json.dumps([name, code.co_qualname, code.co_firstlineno, code.co_linetable.hex(), [numbers for numbers in code.co_positions()]]))
