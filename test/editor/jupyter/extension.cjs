// Plays the Jupyter extension, with a real ipykernel: runs cells in it, one kernel a notebook, started with the
// first cell; and gives out kernels as that does (its api.d.ts). HEATLINE_TOOLS_PYTHON is a Python that has ipykernel.
const { spawn } = require('node:child_process');
const os = require('node:os');
const path = require('node:path');
const { createInterface } = require('node:readline');
const vscode = require('vscode');

/** A kernel and the program that talks to it for us. */
class Kernel {
  /** Whether kernels say that they are on another machine. */
  static isElsewhere = false;
  language = 'python';
  status = 'starting';
  #child;
  #waiting = new Map();
  #count = 0;

  constructor(folder) {
    const { HEATLINE_TOOLS_PYTHON: python, HEATLINE_TOOLS_PATH: pythonPath } = process.env;
    const env = { ...process.env, PYTHONPATH: pythonPath, PYTHONDONTWRITEBYTECODE: '1' };
    this.#child = spawn(python, [path.join(__dirname, 'kernel.py'), folder], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line);
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
      this.status = this.#waiting.size === 0 ? 'idle' : 'busy';
    });
  }

  async run(code, silent) {
    const id = ++this.#count;
    this.status = 'busy';
    this.#child.stdin.write(`${JSON.stringify({ id, code, silent })}\n`);
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  async *executeCode(code) {
    const { text } = await this.run(code, true);
    const said = Kernel.isElsewhere ? text.replace(os.hostname(), 'elsewhere.example') : text;
    yield { items: [{ mime: 'application/x.notebook.stream.stdout', data: new TextEncoder().encode(said) }] };
  }

  /** Resolves when kernel and program are gone. */
  async end() {
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin.end();
    await closed;
  }
}

exports.activate = (context) => {
  const kernels = new Map();
  let givesKernels = true;
  const controller = vscode.notebooks.createNotebookController('python-for-tests', 'jupyter-notebook', 'Python for tests');
  controller.supportedLanguages = ['python'];
  controller.supportsExecutionOrder = true;
  controller.executeHandler = async (cells, notebook) => {
    const key = notebook.uri.toString();
    if (!kernels.has(key)) kernels.set(key, new Kernel(path.dirname(notebook.uri.fsPath)));
    for (const cell of cells) {
      const execution = controller.createNotebookCellExecution(cell);
      execution.start(Date.now());
      const { ok, text, count } = await kernels.get(key).run(cell.document.getText(), false);
      execution.executionOrder = count;
      const item = ok ? vscode.NotebookCellOutputItem.text(text) : vscode.NotebookCellOutputItem.stderr(text);
      await execution.replaceOutput(text === '' ? [] : [new vscode.NotebookCellOutput([item])]);
      execution.end(ok, Date.now());
    }
  };
  context.subscriptions.push(controller, { dispose: () => kernels.forEach((kernel) => kernel.end()) });
  return {
    kernels: { getKernel: async (uri) => (givesKernels ? kernels.get(uri.toString()) : undefined) },
    /** For tests: whether `getKernel` finds anything. */
    giveKernels: (gives) => (givesKernels = gives),
    /** For tests: whether kernels seem to be on another machine. */
    putElsewhere: (isElsewhere) => (Kernel.isElsewhere = isElsewhere),
    /** For tests: ends the kernels of all notebooks. */
    endKernels: async () => {
      const all = [...kernels.values()];
      kernels.clear();
      await Promise.all(all.map((kernel) => kernel.end()));
    },
  };
};
