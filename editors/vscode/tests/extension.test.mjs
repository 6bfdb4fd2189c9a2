// The bundled extension, with the real server, in a stub of the module `vscode`.
import assert from "node:assert/strict";
import { mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const program = process.env.CINDERLINT ?? here("../../../target/release/cinderlint");
const bundle = process.env.EXTENSION ?? here("../dist/extension.js");
const require = createRequire(import.meta.url);

const disposable = () => ({ dispose() {} });
/** A namespace in which whatever is not named does nothing. */
const quiet = (known) => new Proxy(known, { get: (own, name) => (name in own ? own[name] : disposable) });

class Uri {
  constructor(parts) { Object.assign(this, { authority: "", query: "", fragment: "" }, parts); }
  get fsPath() { return this.path; }
  static from(parts) { return new Uri(parts); }
  static file(path) { return new Uri({ scheme: "file", path }); }
  static parse(text) { return Uri.file(fileURLToPath(text)); }
  toString() { return this.scheme === "file" ? pathToFileURL(this.path).href : `${this.scheme}:${this.path}?${this.query}`; }
}

class Disposable {
  static from() { return disposable(); }
  dispose() {}
}

class CodeActionKind {
  constructor(value) { this.value = value; }
  append(more) { return new CodeActionKind(this.value ? `${this.value}.${more}` : more); }
  static Empty = new CodeActionKind("");
  static QuickFix = new CodeActionKind("quickfix");
  static Source = new CodeActionKind("source");
}

class EventEmitter {
  heard = [];
  event = (listener) => { this.heard.push(listener); return disposable(); };
  fire(what) { this.heard.forEach((listener) => listener(what)); }
  dispose() {}
}

class CancellationTokenSource {
  token = { isCancellationRequested: false, onCancellationRequested: () => disposable() };
  cancel() { this.token.isCancellationRequested = true; }
  dispose() {}
}

/** vscode-languageclient rejects, where nobody listens, what it has asked and not been told when it stops. */
const settled = () => new Promise((done) => setTimeout(done, 1000));

/** Starts the extension on a file; what it did is in the answer. */
async function started(text, settings) {
  const folder = mkdtempSync(join(tmpdir(), "cinderlint-"));
  const path = join(folder, "cinder.conf");
  writeFileSync(path, text);
  const did = { errors: [], commands: {}, providers: {}, status: { shown: false } };
  const document = {
    uri: Uri.file(path), fileName: path, languageId: "cinder-conf", version: 1, isDirty: false, isClosed: false, getText: () => text,
  };
  const base = {
    version: "1.100.0", Uri, EventEmitter, Disposable, CodeActionKind, CancellationTokenSource, StatusBarAlignment: { Right: 2 }, ViewColumn: { Beside: -2 },
    env: { language: "en", appName: "stub", appHost: "desktop" },
    extensions: quiet({ all: [] }),
    languages: quiet({ match: () => 10, createDiagnosticCollection: () => quiet({}) }),
    commands: quiet({ registerCommand: (name, run) => { did.commands[name] = run; return disposable(); } }),
    window: quiet({
      activeTextEditor: { document }, visibleTextEditors: [{ document }], tabGroups: quiet({ all: [] }),
      createOutputChannel: () => quiet({}),
      createStatusBarItem: () => Object.assign(did.status, {
        show() { this.shown = true; }, hide() { this.shown = false; }, dispose() {},
      }),
      showErrorMessage: async (message) => { did.errors.push(message); },
      showTextDocument: async (shown) => { did.document = shown; },
    }),
    workspace: quiet({
      textDocuments: [document], workspaceFolders: undefined, notebookDocuments: [],
      getConfiguration: () => ({ get: (name, otherwise) => settings[name] ?? otherwise }),
      registerTextDocumentContentProvider: (scheme, provider) => { did.providers[scheme] = provider; return disposable(); },
      openTextDocument: async (uri) => did.providers[uri.scheme].provideTextDocumentContent(uri),
    }),
  };
  const stub = new Proxy(base, { get: (own, name) => (name in own || typeof name !== "string" ? own[name] : (own[name] = class {})) });
  const load = Module._load;
  Module._load = (name, ...rest) => (name === "vscode" ? stub : load(name, ...rest));
  delete require.cache[bundle];
  const extension = require(bundle);
  Module._load = load;
  await extension.activate({ extensionPath: folder, subscriptions: [] });
  return { did, extension };
}

const TEXT = "[DEFAULT]\nenabled_backends = nfs1\n[nfs1]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n";

test("it starts the server, names the release, and shows the effective configuration", { timeout: 30_000 }, async () => {
  const { did, extension } = await started(TEXT, { path: program, release: "2025.1" });
  try {
    assert.deepEqual(did.errors, []);
    assert.ok(did.status.shown);
    assert.match(did.status.text, /^cinderlint \d+\.\d+\.\d+ · Cinder 2025\.1$/);
    await did.commands["cinderlint.effective"]();
    assert.match(did.document, /nas_secure_file_permissions/);
    await settled();
    await did.commands["cinderlint.restart"]();
    assert.deepEqual(did.errors, []);
  } finally {
    await settled();
    await extension.deactivate();
  }
});

test("a program that is not there is one readable error", { timeout: 30_000 }, async () => {
  const { did } = await started(TEXT, { path: "/nowhere/cinderlint" });
  assert.equal(did.errors.length, 1);
  assert.match(did.errors[0], /\/nowhere\/cinderlint is not a program that can be run\. Set `cinderlint\.path`/);
  assert.equal(did.status.shown, false);
});

test("without a setting, the program is the one on PATH", { timeout: 30_000 }, async (t) => {
  const before = process.env.PATH;
  t.after(() => (process.env.PATH = before));
  const folder = mkdtempSync(join(tmpdir(), "cinderlint-"));
  process.env.PATH = folder;
  const { did: without } = await started(TEXT, {});
  assert.match(without.errors[0], /cinderlint was not found: it is neither in this extension nor on PATH/);
  symlinkSync(program, join(folder, "cinderlint"));
  const { did, extension } = await started(TEXT, {});
  assert.deepEqual(did.errors, []);
  assert.ok(did.status.shown);
  await settled();
  await extension.deactivate();
});
