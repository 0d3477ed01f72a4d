"""
Programs with much code, until killed. "functions N": N functions, called one after the other, 10 µs each. "lines N":
one function of N lines that runs from its first to its last again and again.
"""
import sys

kind, count = sys.argv[1], int(sys.argv[2])
names = {}
if kind == "functions":
    body = "\n    total = 0\n    for i in range(100):\n        total += i\n    return total\n"
    exec(compile("".join("def function_%d():%s" % (i, body) for i in range(count)), "functions.py", "exec"), names)
    functions = [names["function_%d" % i] for i in range(count)]

    def work():
        for function in functions:
            function()
else:
    source = "def long():\n    x = 0\n" + "    x += 1\n" * count
    exec(compile(source, "long.py", "exec"), names)
    work = names["long"]

print("true", flush=True)
while True:
    work()
