import * as vscode from 'vscode';
import type { LookKind } from '../../native/index.ts';
import type { Context } from '../context.ts';
import type { Look, LookContent } from './look.ts';
import { findNode, type LookNode, nodesText } from './lookNode.ts';

const VIEWS = { tasks: 'heatline.tasks', greenlets: 'heatline.greenlets' } as const;
const CONTEXT_KEYS = { tasks: 'heatline.hasTasks', greenlets: 'heatline.hasGreenlets' } as const;

/** The view of what was last seen of one kind. It is there from the first look until it is closed. */
export class LookView implements vscode.TreeDataProvider<LookNode>, vscode.Disposable {
  readonly #context: Context;
  readonly #kind: LookKind;
  readonly #onDidChangeTreeData = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#onDidChangeTreeData.event;
  readonly #view: vscode.TreeView<LookNode>;
  #look: Look | undefined;
  #content: LookContent | undefined;
  /** Nodes that the editor was told of, by id. */
  readonly #known = new Map<string, LookNode>();

  constructor(context: Context, kind: LookKind) {
    this.#context = context;
    this.#kind = kind;
    this.#view = vscode.window.createTreeView(VIEWS[kind], { treeDataProvider: this, showCollapseAll: true });
  }

  /** What is shown. */
  get look(): Look | undefined {
    return this.#look;
  }

  get selection(): LookNode | undefined {
    return this.#view.selection[0];
  }

  /** All that is shown, as the user has it before them. */
  get roots(): readonly LookNode[] {
    return this.#content?.roots ?? [];
  }

  async show(look: Look): Promise<void> {
    const files = this.#context.filesOf(look);
    files.update(); // while the process is there
    this.#look = look;
    this.#content = look.content((place) => files.display({ name: place.function, file: place.file, firstLine: place.line }));
    const { counts, notes } = this.#content;
    this.#view.description = look.target.name;
    this.#view.message = [look.heading, counts, ...notes].join(' ');
    this.#known.clear();
    this.#onDidChangeTreeData.fire(undefined);
    await vscode.commands.executeCommand('setContext', CONTEXT_KEYS[this.#kind], true);
    await vscode.commands.executeCommand(`${VIEWS[this.#kind]}.focus`);
  }

  async close(): Promise<void> {
    await vscode.commands.executeCommand('setContext', CONTEXT_KEYS[this.#kind], false);
    this.#look = undefined;
    this.#content = undefined;
    this.#known.clear();
    this.#onDidChangeTreeData.fire(undefined);
  }

  /** As text, with what it was seen of; of one node and what is below it, if that is given. */
  text(node?: LookNode): string {
    if (node !== undefined) return nodesText([node]);
    return `${this.#view.message ?? ''}\n\n${nodesText(this.roots)}`;
  }

  /** Does what choosing a node does: opens its line, or shows what it stands for. */
  async choose(id: string): Promise<void> {
    const node = this.#known.get(id);
    const look = this.#look;
    if (node === undefined || look === undefined) return;
    const { place, index, isRepeated } = node.facts;
    if (place !== undefined) await this.#context.openFrame(look, place.file, place.line);
    if (isRepeated !== true || index === undefined) return;
    const found = findNode(this.roots, this.#content!.pathOf(index));
    if (found !== undefined) await this.#view.reveal(found, { select: true, focus: true, expand: true });
  }

  getChildren(node?: LookNode): LookNode[] {
    return [...(node?.children ?? this.roots)];
  }

  getParent(node: LookNode): LookNode | undefined {
    return node.parent;
  }

  getTreeItem(node: LookNode): vscode.TreeItem {
    const { label, description, tooltip, icon, color, place, isRepeated, isExpanded } = node.facts;
    const { None, Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(label, !node.mayHaveChildren ? None : isExpanded === true ? Expanded : Collapsed);
    item.id = node.id;
    this.#known.set(node.id, node);
    item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
    if (description !== undefined) item.description = description;
    item.tooltip = tooltip ?? `${label} – ${description ?? ''}`;
    item.accessibilityInformation = { label: description === undefined ? label : `${label}, ${description}` };
    item.contextValue = place === undefined ? 'node' : 'frame';
    if (place !== undefined || isRepeated === true)
      item.command = { command: 'heatline.chooseLookNode', title: vscode.l10n.t('Open'), arguments: [this.#kind, node.id] };
    return item;
  }

  dispose(): void {
    vscode.Disposable.from(this.#view, this.#onDidChangeTreeData).dispose();
  }
}
