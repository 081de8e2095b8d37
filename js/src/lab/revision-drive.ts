/** A drive in memory, where notebook revisions lie while they are open. Nothing in it can be changed. */

import type { Contents, ServerConnection } from "@jupyterlab/services";
import { type ISignal, Signal } from "@lumino/signaling";
import { strings } from "./strings";

export class RevisionDrive implements Contents.IDrive {
  readonly name = "trackside";
  readonly serverSettings: ServerConnection.ISettings;
  readonly #fileChanged = new Signal<this, Contents.IChangedArgs>(this);
  readonly #files = new Map<string, { content: unknown; created: string }>();
  #isDisposed = false;

  constructor(serverSettings: ServerConnection.ISettings) {
    this.serverSettings = serverSettings;
  }

  get fileChanged(): ISignal<this, Contents.IChangedArgs> {
    return this.#fileChanged;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#files.clear();
    Signal.clearData(this);
  }

  /** Lays a notebook into the drive; returns the path by which JupyterLab knows it. */
  add(name: string, notebook: unknown): string {
    this.#files.set(name, { content: notebook, created: new Date().toISOString() });
    return `${this.name}:${name}`;
  }

  has(name: string): boolean {
    return this.#files.has(name);
  }

  async get(path: string): Promise<Contents.IModel> {
    return path === "" ? this.#describeFolder() : this.#describe(path);
  }

  async listCheckpoints(): Promise<Contents.ICheckpointModel[]> {
    return [];
  }

  getDownloadUrl = refuse;
  newUntitled = refuse;
  delete = refuse;
  rename = refuse;
  save = refuse;
  copy = refuse;
  createCheckpoint = refuse;
  restoreCheckpoint = refuse;
  deleteCheckpoint = refuse;

  #describe(path: string): Contents.IModel {
    const file = this.#files.get(path);
    if (file === undefined) throw new Error(`trackside:${path} is not open any more`);
    const { content, created } = file;
    return { ...entry(path, created), type: "notebook", format: "json", mimetype: "", content };
  }

  #describeFolder(): Contents.IModel {
    const content = [...this.#files.keys()].map((name) => this.#describe(name));
    return { ...entry("", new Date(0).toISOString()), type: "directory", format: "json", mimetype: "", content };
  }
}

const entry = (path: string, time: string) => ({
  name: path,
  path,
  created: time,
  last_modified: time,
  writable: false,
});

async function refuse(): Promise<never> {
  throw new Error(strings.revisionReadOnly);
}
