"""Makes threads, one after the other, as long as it runs."""
import sys
import threading


def work():
    sum(range(2000))


sys.stdout.write('true\n')
sys.stdout.flush()
while True:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
