import * as vscode from 'vscode';
import type { LookKind } from '../../native/index.ts';
import type { Context } from '../context.ts';
import { kindsOfLook } from './kinds.ts';
import { type Look, type LookContent, type LookOptions, nameOfSubject } from './look.ts';
import { type LookNode, nodesText } from './lookNode.ts';

/** The view of what was last seen of one kind. It is there from the first look until it is closed. */
export class LookView implements vscode.TreeDataProvider<LookNode>, vscode.Disposable {
  readonly #context: Context;
  readonly #kind: LookKind;
  readonly #onDidChangeTreeData = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#onDidChangeTreeData.event;
  readonly #view: vscode.TreeView<LookNode>;
  readonly onDidChangeVisibility: vscode.Event<unknown>;
  #look: Look | undefined;
  #content: LookContent | undefined;
  /** Nodes that the editor was told of, by id. */
  readonly #known = new Map<string, LookNode>();

  constructor(context: Context, kind: LookKind) {
    this.#context = context;
    this.#kind = kind;
    this.#view = vscode.window.createTreeView(kindsOfLook[kind].view, { treeDataProvider: this, showCollapseAll: true });
    this.onDidChangeVisibility = this.#view.onDidChangeVisibility;
  }

  /** What is shown. */
  get look(): Look | undefined {
    return this.#look;
  }

  get isVisible(): boolean {
    return this.#view.visible;
  }

  get selection(): LookNode | undefined {
    return this.#view.selection[0];
  }

  /** All that is shown, as the user has it before them. */
  get roots(): readonly LookNode[] {
    return this.#content?.roots ?? [];
  }

  /** @param focus whether the user asked for it just now */
  async show(look: Look, options: LookOptions, focus: boolean): Promise<void> {
    this.#context.filesOf(look).update(); // while the process is there
    this.#look = look;
    this.#view.description = nameOfSubject(look.subject);
    this.arrange(options);
    const { contextKey, view } = kindsOfLook[this.#kind];
    await vscode.commands.executeCommand('setContext', contextKey, true);
    if (focus) await vscode.commands.executeCommand(`${view}.focus`);
  }

  /** Shows the same in another way. */
  arrange(options: LookOptions): void {
    const look = this.#look;
    if (look === undefined) return;
    const files = this.#context.filesOf(look);
    this.#content = look.content(options, (place) => files.display({ name: place.function, file: place.file, firstLine: place.line }));
    const { counts, notes } = this.#content;
    this.#view.message = [look.heading, counts, ...notes].join(' ');
    this.#known.clear();
    this.#onDidChangeTreeData.fire(undefined);
  }

  /** Says something of what is shown. */
  note(text: string): void {
    this.#view.message = `${text} ${this.#view.message ?? ''}`;
  }

  async close(): Promise<void> {
    await vscode.commands.executeCommand('setContext', kindsOfLook[this.#kind].contextKey, false);
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

  /** Does what choosing a node does: opens its line, or shows what it leads to. */
  async choose(id: string): Promise<void> {
    const node = this.#known.get(id);
    const look = this.#look;
    if (node === undefined || look === undefined) return;
    const { place, leadsTo } = node.facts;
    if (place !== undefined) await this.#context.openFrame(look, place.file, place.line);
    const found = leadsTo?.();
    if (found !== undefined) await this.#view.reveal(found, { select: true, focus: true, expand: true });
  }

  getChildren(node?: LookNode): LookNode[] {
    return [...(node?.children ?? this.roots)];
  }

  getParent(node: LookNode): LookNode | undefined {
    return node.parent;
  }

  getTreeItem(node: LookNode): vscode.TreeItem {
    const { label, description, tooltip, icon, color, place, leadsTo, isExpanded } = node.facts;
    const { None, Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(label, !node.mayHaveChildren ? None : isExpanded === true ? Expanded : Collapsed);
    item.id = node.id;
    this.#known.set(node.id, node);
    item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
    if (description !== undefined) item.description = description;
    item.tooltip = tooltip ?? (description === undefined ? label : `${label} – ${description}`);
    item.accessibilityInformation = { label: description === undefined ? label : `${label}, ${description}` };
    item.contextValue = place === undefined ? 'node' : 'frame';
    if (place !== undefined || leadsTo !== undefined)
      item.command = { command: 'heatline.chooseLookNode', title: vscode.l10n.t('Open'), arguments: [this.#kind, node.id] };
    return item;
  }

  dispose(): void {
    vscode.Disposable.from(this.#view, this.#onDidChangeTreeData).dispose();
  }
}
