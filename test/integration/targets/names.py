"""Stops in functions and files whose names need one, two and four bytes a character."""
import os
import runpy
import tempfile

from stops import expect, finish, hold

#: File name, and a function name of the same width. Identifiers are normalised (NFKC), so none that would change.
names = [
    ('plain.py', 'plain'),
    ('with blank, comma;semicolon.py', 'x' * 1000),
    ('caf\u00e9.py', 'na\u00efve'),
    ('\u0434\u0430\u043d\u043d\u044b\u0435.py', '\u0444\u0443\u043d\u043a\u0446\u0438\u044f'),
    ('\u65e5\u672c\u8a9e.py', '\u95a2\u6570'),
    ('\U0001f40d \U0001f525.py', '\U00020bb7\u91ce'),
    ('not utf-8 \udcff\udcfe.py', '_'),
    ('line\nbreak\t"quotes".py', 'tab'),
]


def main():
    with tempfile.TemporaryDirectory() as folder:
        for number, (file, function) in enumerate(names):
            path = os.path.join(folder, file)
            with open(path, 'w', encoding='utf-8') as stream:
                stream.write(f'''# {number}
class Cl\u00e4ss:
    def {function}(self):
        (lambda: [hold() for {function} in '1'])()
Cl\u00e4ss().{function}()
''')
            expect(f'file {number}')
            runpy.run_path(path, {'hold': hold})
    finish()


main()
